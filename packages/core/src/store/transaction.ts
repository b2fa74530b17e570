/** A transaction by `begin immediate`, `commit` and `rollback` on a connection that others leave alone meanwhile. */
import type { Dialect } from './dialect.ts'
import { patiently } from './failures.ts'
import type { Verbs } from './store.ts'

/** The verbs given to a transaction's work: they end with it, and hold no other transaction. */
export function transactionVerbs(verbs: Verbs): { readonly verbs: Verbs; readonly end: () => void } {
  let over = false
  const guarded = eachVerb(verbs, (call, name) => async (...args) => {
    if (over) throw new Error(`${name} was called after its transaction had ended`)
    return call(...args)
  })
  const nested = async () => {
    throw new Error('a transaction cannot hold another one')
  }
  return {
    verbs: Object.assign(guarded, { transaction: nested }),
    end() {
      over = true
    },
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
  const tx = transactionVerbs(options.verbs)
  await patiently(dialect, () => command('begin immediate'))
  try {
    const result = await work(tx.verbs)
    tx.end()
    await patiently(dialect, () => command('commit'))
    return result
  } catch (error) {
    tx.end()
    try {
      await command('rollback')
    } catch {
      options.abandon()
    }
    throw error
  }
}
