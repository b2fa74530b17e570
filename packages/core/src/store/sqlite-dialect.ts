/** SQLite as a dialect. */
import { sql } from 'drizzle-orm/sql/sql'
import type { Dialect, Failure } from './dialect.ts'

export const sqliteDialect: Dialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  parameter: () => '?',
  compareText(operator, column, value) {
    if (operator === 'contains') return sql`instr(${column}, ${value}) > 0`
    if (operator === 'startsWith') return sql`instr(${column}, ${value}) = 1`
    if (operator === 'notStartsWith') return sql`instr(${column}, ${value}) <> 1`
    return sql`substr(${column}, length(${column}) - length(${value}) + 1) = ${value}`
  },
  recognise,
}

/** Primary result codes, https://www.sqlite.org/rescode.html */
const codes: Readonly<Record<string, number>> = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  NOTADB: 26,
}

/** What to do about a file that cannot be opened. */
export const openFix =
  "make the folder and let this process write in it, or give another path, e.g. database: './auth.db'"
const replaceFile = 'put back a copy of the file, or move it away: where there is none a new one is made'
/** Failures that no program mends, by what a person can do. */
const fixes: Readonly<Record<number, string>> = {
  8: 'let this process write the file, its folder and the files beside it (-wal, -shm)',
  10: 'look at the disk and how it is mounted',
  11: replaceFile,
  13: 'make room on the disk',
  14: openFix,
  26: replaceFile,
}
/** Codes of Node and of drivers that reach a database over the network. */
const lost = /^(E[A-Z]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+|HRANA_[A-Z_]+|SERVER_ERROR)$/

/** Drivers say it each in their way: a number (`rawCode`, `errcode`) or a name; wrappers keep it as `cause`. */
function recognise(error: unknown): Failure | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    // Durable Objects put the code behind.
    const unique = /UNIQUE constraint failed: (.*?)(?:: SQLITE_CONSTRAINT.*)?$/s.exec(at.message)
    if (unique) return uniqueFailure(unique[1] ?? '')
    const code = primaryCode(at as Error & SqliteCodes)
    if (code === 5 || code === 6 || code === 15) return { kind: 'busy' }
    const fix = code === undefined ? undefined : fixes[code]
    if (fix) return { kind: 'unavailable', fix }
    if (lost.test(String((at as SqliteCodes).code))) {
      return { kind: 'unavailable', fix: 'see that the database runs and can be reached' }
    }
  }
  return undefined
}

interface SqliteCodes {
  readonly rawCode?: unknown
  readonly errcode?: unknown
  readonly code?: unknown
}

function primaryCode(error: SqliteCodes): number | undefined {
  const name = typeof error.code === 'string' ? /^SQLITE_([A-Z]+)/.exec(error.code)?.[1] : undefined
  if (name && codes[name]) return codes[name]
  if (typeof error.rawCode === 'number') return error.rawCode & 0xff
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** `user.email` or `account.providerId, account.accountId`; an index over expressions is named alone. */
function uniqueFailure(list: string): Failure {
  const pairs = list.split(', ').map((pair) => pair.split('.'))
  const whole = pairs.every((pair) => pair.length === 2)
  return {
    kind: 'unique',
    table: whole ? pairs[0]?.[0] : undefined,
    columns: whole ? pairs.map((pair) => pair[1] ?? '') : [],
  }
}
