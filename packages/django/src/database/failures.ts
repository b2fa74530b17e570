/** What an error of the database becomes for those who use the store. */
import { StoreUnavailable, UniqueViolation } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import { failureOf } from '../sql/failures.ts'
import type { Source } from './source.ts'

/** The error to throw. `source`: of the table that was written. */
export function told(error: unknown, source: Source | undefined): unknown {
  if (error instanceof StoreUnavailable || error instanceof UniqueViolation) return error
  const failure = failureOf(error)
  if (failure?.kind === 'unique' && source) {
    const [fields] = [failure.names.join(), ...failure.names].flatMap((name) => {
      const known = source.constraints.get(name.toLowerCase())
      return known ? [known] : []
    })
    return Object.assign(new UniqueViolation(source.table.name, fields ?? failure.names), { cause: error })
  }
  if (failure?.kind === 'busy') return unavailable('stayed busy', error)
  return isLost(error) ? unavailable('cannot be reached', error) : error
}

function unavailable(why: string, cause: unknown): StoreUnavailable {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailable(`the database ${why}: ${said}`, {
    cause,
    fix: 'see that the database of the Django project runs and can be reached',
  })
}

/** Of Node, of PostgreSQL (classes 08, 53 and 57), of `mysql2` and MySQL, of SQLite, and of the drivers here. */
const CODES =
  /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|EAI_|08...$|53...$|57P0.$|PROTOCOL_CONNECTION_LOST|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN|ER_ACCESS_DENIED|ER_OPTION_PREVENTS|SQLITE_(CANTOPEN|READONLY|IOERR|FULL|CORRUPT|NOTADB))/
const OURS: readonly string[] = ['DATABASE_BUSY', 'DATABASE_CLOSED', 'NO_DATABASE']
/** Of `pg`, which gives these no code. */
const SAID =
  /Connection terminated|timeout exceeded when trying to connect|after calling end on the pool|Pool is closed/

function isLost(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as Error & { code?: unknown }
    if (at instanceof DjangoError ? OURS.includes(at.code) : CODES.test(String(code)) || SAID.test(at.message)) {
      return true
    }
  }
  return false
}
