/** A transaction by `begin immediate`, `commit` and `rollback` on a connection that others leave alone meanwhile. */
import type { Dialect } from './dialect.ts'
import { patiently } from './failures.ts'
import { inTime } from './in-time.ts'
import type { Verbs } from './store.ts'

/**
 * Runs the work of a transaction. The verbs it is given end with it and hold no other transaction; work that takes
 * longer than anyone would wait for its end is given up.
 */
export async function runWork<T>(verbs: Verbs, work: (tx: Verbs) => Promise<T>): Promise<T> {
  let over = false
  const guarded = eachVerb(verbs, (call, name) => async (...args) => {
    if (over) throw new Error(`${name} was called after its transaction had ended`)
    return call(...args)
  })
  const nested = async () => {
    throw new Error('a transaction cannot hold another one')
  }
  try {
    return await inTime(
      work(Object.assign(guarded, { transaction: nested })),
      'the work of a transaction took too long',
    )
  } finally {
    over = true
  }
}

type Call = (...args: unknown[]) => Promise<unknown>

/** The same verbs, each wrapped. */
export function eachVerb(verbs: Verbs, wrap: (call: Call, name: string) => Call): Verbs {
  const calls = Object.entries(verbs as unknown as Record<string, Call>)
  return Object.fromEntries(calls.map(([name, call]) => [name, wrap(call, name)])) as unknown as Verbs
}

export interface TransactionOptions {
  readonly dialect: Dialect
  readonly verbs: Verbs
  /** Runs `begin immediate`, `commit` or `rollback`. */
  readonly command: (text: string) => unknown
  /** Called where the rollback fails: the database may have rolled back by itself, or not. */
  readonly abandon: () => void
}

export async function transact<T>(options: TransactionOptions, work: (tx: Verbs) => Promise<T>): Promise<T> {
  const { dialect, command } = options
  await patiently(dialect, () => command('begin immediate'))
  try {
    const result = await runWork(options.verbs, work)
    await patiently(dialect, () => command('commit'))
    return result
  } catch (error) {
    try {
      await command('rollback')
    } catch {
      options.abandon()
    }
    throw error
  }
}
