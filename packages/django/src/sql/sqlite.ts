/**
 * SQLite as a `SqlDriver`. One connection writes, in turns; another reads, so that readers see only what is committed.
 * Of a database that was opened elsewhere the one connection does both, and reading takes turns too while a transaction
 * is open. Journal mode and the like are the project's own affair and stay as they are.
 */
import { existsSync } from 'node:fs'
import { loadDatabase, makeTurns } from '@keystile/core/sqlite'
import { DjangoError } from '../errors.ts'
import type { SqlDriver, SqlVerbs } from './driver.ts'
import { failureOf } from './failures.ts'
import { type Line, makeLine, type SqliteDatabase } from './sqlite-line.ts'
import { transact } from './transaction.ts'

export interface SqliteDriverOptions {
  /** How long to wait while others write, in milliseconds: `timeout` of Django's `OPTIONS`, in seconds there. Default 5000. */
  readonly patience?: number | undefined
}

/**
 * @param database the path of the file, which must be there; or an open database of `node:sqlite`, `bun:sqlite`,
 * `better-sqlite3` or `libsql`; that of `bun:sqlite` with its option `safeIntegers`, or great integers lose digits.
 * `:memory:` is a database of its own.
 * @throws DjangoError of each verb: `NO_DATABASE` where there is no such file; `DATABASE_BUSY` where others write for
 * too long.
 */
export function sqliteDriver(database: string | SqliteDatabase, options: SqliteDriverOptions = {}): SqlDriver {
  const { patience = 5000 } = options
  const turns = makeTurns(patience)
  const patiently = <T>(attempt: () => T) => untilFree(attempt, patience)
  const shared = database === ':memory:' || typeof database !== 'string'
  let lines: { readonly writer: Line; readonly reader: Line } | undefined
  let opening: Promise<NonNullable<typeof lines>> | undefined
  let closed = false

  const opened = () => {
    if (closed) throw new DjangoError('DATABASE_CLOSED', 'The driver is closed')
    opening ??= openLines().catch((error) => {
      opening = undefined
      throw error
    })
    return opening
  }

  async function openLines() {
    if (typeof database !== 'string') return given(database)
    if (database !== ':memory:' && !existsSync(database)) {
      throw new DjangoError('NO_DATABASE', `There is no database ${database}: give the path that Django has as NAME`)
    }
    const connect = (await loadDatabase()) as (path: string) => SqliteDatabase
    const writer = open(connect, database)
    const reader = shared ? writer : open(connect, database)
    lines = { writer, reader }
    return lines
  }

  function given(open: SqliteDatabase) {
    const line = makeLine(open)
    line.run('pragma foreign_keys = on')
    lines = { writer: line, reader: line }
    return lines
  }

  async function takeTurn<T>(work: () => T | Promise<T>): Promise<T> {
    await turns.take().catch((cause) => {
      throw new DjangoError('DATABASE_BUSY', 'A transaction has been open for too long', { cause })
    })
    try {
      return await work()
    } finally {
      turns.release()
    }
  }

  /** At once where nobody is in the way, else in turn and with patience. */
  async function use<T>(writes: boolean, statement: (line: Line) => T): Promise<T> {
    if (!lines || closed) await opened()
    const attempt = () => {
      if (!lines || closed) throw new DjangoError('DATABASE_CLOSED', 'The driver is closed')
      return statement(writes ? lines.writer : lines.reader)
    }
    if (!writes && !shared) return patiently(attempt)
    if (turns.free) {
      try {
        return attempt()
      } catch (error) {
        if (failureOf(error)?.kind !== 'busy') throw error
      }
    }
    return takeTurn(() => patiently(attempt))
  }

  /** Fresh connections hold no transaction. A database in memory lives in its one, as does one opened elsewhere. */
  const abandon = () => {
    if (shared) return
    lines?.reader.close()
    lines?.writer.close()
    lines = undefined
    opening = undefined
  }

  return {
    dialect: 'sqlite',
    all: (text, parameters) => use(writesRows(text), (line) => line.all(text, parameters)),
    first: (text, parameters) => use(writesRows(text), (line) => line.first(text, parameters)),
    run: (text, parameters) => use(true, (line) => line.run(text, parameters)),
    transaction(work) {
      return takeTurn(async () => {
        const { writer } = (!closed && lines) || (await opened())
        const verbs: SqlVerbs = {
          dialect: 'sqlite',
          all: (text, parameters) => patiently(() => writer.all(text, parameters)),
          run: (text, parameters) => patiently(() => writer.run(text, parameters)),
        }
        const command = (text: string) => patiently(() => writer.run(text))
        return transact({ verbs, command, begin: ['begin immediate'], abandon }, work)
      })
    },
    async close() {
      if (closed) return
      await opening?.catch(() => undefined)
      await takeTurn(() => {
        if (closed) return
        closed = true
        if (typeof database !== 'string') return
        lines?.writer.close()
        if (!shared) lines?.reader.close()
      })
    },
  }
}

/** Whether a statement that gives rows changes some, as `INSERT … RETURNING` does. */
const writesRows = (text: string) => !/^\s*(select|pragma|explain)\b/i.test(text)

function open(connect: (path: string) => SqliteDatabase, path: string): Line {
  const line = makeLine(connect(path))
  // The event loop goes on while others write.
  line.all('pragma busy_timeout = 0')
  line.run('pragma foreign_keys = on')
  return line
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Tries again, ever more seldom, while others write. */
async function untilFree<T>(attempt: () => T, patience: number): Promise<T> {
  for (let waited = 0, delay = 1; ; delay = Math.min(delay * 2, 50)) {
    try {
      return attempt()
    } catch (cause) {
      if (failureOf(cause)?.kind !== 'busy') throw cause
      if (waited >= patience) throw new DjangoError('DATABASE_BUSY', 'Others are writing to the database', { cause })
    }
    const wait = delay * (0.5 + Math.random())
    await pause(wait)
    waited += wait
  }
}
