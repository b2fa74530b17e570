/** What only loading or asking can tell: the database with its tables, and the domain of cookies. */
import type { Logger } from '../lib/environment.ts'
import { ConfigError, type Problem } from '../lib/errors.ts'
import { openEngine } from '../store/made.ts'
import { memoryRows } from '../store/memory-adapter.ts'
import type { Database } from '../store/open.ts'
import { type Store, StoreUnavailable } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import { checkSuffixes } from './cookie-domain.ts'

export interface ReadyOptions {
  readonly database: Database
  readonly store: Store
  readonly tables: readonly Table[]
  readonly cookieDomains: readonly string[]
  readonly logger: Logger
}

export interface Readiness {
  /** Checks once; again after a failure. Rejects with a ConfigError of all that is wrong. */
  all(): Promise<void>
  /** Logs what is wrong with the cookie domains: for those who never ask for `all`. */
  tellDomains(): Promise<void>
}

export function readiness({ database, store, tables, cookieDomains, logger }: ReadyOptions): Readiness {
  let checked: Promise<void> | undefined
  async function check(): Promise<void> {
    const [suffixes, stored] = await Promise.all([checkSuffixes(cookieDomains), checkStore(database, store, tables)])
    const problems = [...suffixes, ...stored.problems]
    if (problems.length > 0) throw Object.assign(new ConfigError(problems), { cause: stored.cause })
  }
  return {
    all() {
      checked ??= check().catch((error) => {
        checked = undefined
        throw error
      })
      return checked
    },
    async tellDomains() {
      for (const { code, message, seen, fix } of await checkSuffixes(cookieDomains)) {
        logger.error(`${message} (${code}): ${seen}; ${fix}`)
      }
    },
  }
}

interface Findings {
  readonly problems: readonly Problem[]
  readonly cause?: unknown
}

async function checkStore(database: Database, store: Store, tables: readonly Table[]): Promise<Findings> {
  try {
    await store.ready()
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems, cause: error.cause }
    if (error instanceof StoreUnavailable) return { problems: [unreachable(database, error)], cause: error }
    throw error
  }
  // Embedded, in memory and of other packages, tables are made where they are missing.
  if (typeof database === 'string' || memoryRows in database || openEngine in database) return { problems: [] }
  const problems: Problem[] = []
  let cause: unknown
  for (const table of tables) {
    try {
      await store.list(table, {}, { limit: 1 })
    } catch (error) {
      if (error instanceof StoreUnavailable) return { problems: [unreachable(database, error)], cause: error }
      cause = error
      problems.push(unreadable(table, error))
    }
  }
  return { problems, cause }
}

function unreachable(database: Database, error: StoreUnavailable): Problem {
  const { fix = 'see that the database runs, can be reached and is not held by another process for long' } = error
  return {
    code: 'DATABASE_UNREACHABLE',
    message: 'The database cannot be used',
    // The message holds the advice too, for those who only see the log.
    seen: reasonOf(error).replace(`; ${fix}`, ''),
    expected: typeof database === 'string' ? `a database, or a place to make one, at ${database}` : 'a database',
    fix,
  }
}

function unreadable({ tableName }: Table, error: unknown): Problem {
  return {
    code: 'TABLE_UNREADABLE',
    message: `Table ${tableName} of the database cannot be read`,
    seen: reasonOf(error),
    expected: 'the table as your drizzle schema has it',
    fix: 'bring the database up to the schema: npx drizzle-kit push, or drizzle-kit generate and migrate',
  }
}

/** The message of an error and of what caused it, on one line. */
function reasonOf(error: unknown): string {
  const reasons: string[] = []
  for (let at = error; at instanceof Error && reasons.length < 3; at = at.cause)
    reasons.push(at.message.split('\n')[0] ?? '')
  return reasons.join(': ')
}
