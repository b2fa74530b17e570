/** One statement or transaction of the verbs: it traces, tells failures in the words of the store, and tries again. */
import { StoreUnavailable } from '@keystile/core/store'
import type { SqlDriver, SqlVerbs } from '../sql/driver.ts'
import { failureOf } from '../sql/failures.ts'
import type { Session } from './source.ts'

export type Trace = (text: string) => void

/** As often as what another transaction was in the way of is tried. */
const TRIES = 8

/** Statements that are each committed at once: their `attempt` is a transaction. */
export function outside(driver: SqlDriver, trace: Trace): Session {
  const traced = tracing(driver, trace)
  return {
    ...traced,
    attempt: () => Promise.reject(new Error('an attempt is part of a transaction')),
  }
}

/** A transaction that is this store's own affair: where another was in the way it is tried again. */
export async function atomically<T>(
  driver: SqlDriver,
  trace: Trace,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(driver, trace, work)
    } catch (error) {
      if (tries >= TRIES || failureOf(error)?.kind !== 'busy') throw error
    }
  }
}

/** A transaction, traced from its beginning to its end. */
export async function once<T>(driver: SqlDriver, trace: Trace, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    trace('begin')
    const result = await driver.transaction((tx) => work(inside(tx, trace)))
    trace('commit')
    return result
  } catch (error) {
    trace('rollback')
    throw error
  }
}

function inside(tx: SqlVerbs, trace: Trace): Session {
  const traced = tracing(tx, trace)
  let lost: unknown
  let written = 0
  let depth = 0
  const check = () => {
    if (lost) throw new StoreUnavailable('the transaction was given up', { cause: lost })
  }
  const session: Session = {
    dialect: tx.dialect,
    async all(text, parameters) {
      check()
      return traced.all(text, parameters)
    },
    async run(text, parameters) {
      check()
      const outcome = await traced.run(text, parameters)
      written += outcome.changes
      return outcome
    },
    async attempt(work) {
      check()
      const before = written
      const point = `keystile_${++depth}`
      const command = tx.dialect === 'mysql' ? undefined : (text: string) => tx.run(`${text} ${point}`)
      try {
        await command?.('savepoint')
        const result = await work()
        await command?.('release savepoint')
        return result
      } catch (error) {
        // MySQL gives up the whole of a transaction that met another, and prepares no savepoint.
        if (failureOf(error)?.kind === 'busy' || (!command && written > before)) lost ??= error
        if (!lost) await command?.('rollback to savepoint')
        throw error
      } finally {
        depth--
      }
    },
  }
  return session
}

function tracing(verbs: SqlVerbs, trace: Trace): SqlVerbs {
  return {
    dialect: verbs.dialect,
    all(text, parameters) {
      trace(text)
      return verbs.all(text, parameters)
    },
    run(text, parameters) {
      trace(text)
      return verbs.run(text, parameters)
    },
  }
}
