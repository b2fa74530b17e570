/** One connection to SQLite, by whichever package it was opened. */
import type { SqlOutcome, SqlParameter, SqlRow } from './driver.ts'
import { checkParameters, exactInteger } from './parameters.ts'

/** What `node:sqlite`, `bun:sqlite`, `better-sqlite3` and `libsql` have in common. */
export interface SqliteDatabase {
  // biome-ignore lint/suspicious/noExplicitAny: each takes its parameters in a way of its own.
  prepare(text: string): { all(...parameters: any[]): unknown[]; run(...parameters: any[]): unknown }
  close(): unknown
}

/** How they differ: in how integers are asked for exactly, and whether parameters come as a list. */
interface Statement {
  all(...parameters: unknown[]): unknown[]
  run(...parameters: unknown[]): unknown
  readonly safeIntegers?: unknown
  readonly setReadBigInts?: (on: boolean) => void
}

export interface Line {
  all(text: string, parameters?: readonly SqlParameter[]): readonly SqlRow[]
  run(text: string, parameters?: readonly SqlParameter[]): SqlOutcome
  close(): void
}

/** Statements that are kept prepared. */
const KEPT = 100

export function makeLine(database: SqliteDatabase): Line {
  const statements = new Map<string, Statement>()
  const prepared = (text: string) => {
    let statement = statements.get(text)
    if (statement) return statement
    statement = database.prepare(text) as Statement
    if (statement.setReadBigInts) statement.setReadBigInts(true)
    // That of `better-sqlite3` and `libsql`; `bun:sqlite` has a property of that name.
    else if (typeof statement.safeIntegers === 'function') statement.safeIntegers(true)
    if (statements.size >= KEPT) statements.clear()
    statements.set(text, statement)
    return statement
  }
  const given = (statement: Statement, parameters: readonly SqlParameter[]) => {
    checkParameters(parameters)
    const values = parameters.map(fit)
    // Given one by one, a sole null would be taken for a list.
    return typeof statement.safeIntegers === 'function' ? [values] : values
  }
  return {
    all(text, parameters = []) {
      const statement = prepared(text)
      return statement.all(...given(statement, parameters)).map(exactRow)
    },
    run(text, parameters = []) {
      const statement = prepared(text)
      const outcome = (statement.run(...given(statement, parameters)) ?? {}) as Ran
      const { changes = 0, lastInsertRowid: id } = outcome
      return { changes: Number(changes), insertId: typeof id === 'bigint' ? exactInteger(id) : id }
    },
    close() {
      statements.clear()
      database.close()
    },
  }
}

interface Ran {
  readonly changes?: number | bigint
  readonly lastInsertRowid?: number | bigint
}

/** The affinity of the column makes an integer of the text of one, exactly; `libsql` takes no integers over 2^53. */
function fit(value: SqlParameter): null | string | number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'bigint') return value
  const exact = exactInteger(value)
  return typeof exact === 'number' ? exact : String(exact)
}

function exactRow(row: unknown): SqlRow {
  const exact = row as Record<string, unknown>
  for (const name in exact) {
    const value = exact[name]
    if (typeof value === 'bigint') exact[name] = exactInteger(value)
  }
  return exact
}
