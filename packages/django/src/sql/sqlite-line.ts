/** One connection to SQLite, by whichever package it was opened. */
import { remember } from '@keystile/core/store'
import type { SqlOutcome, SqlParameter, SqlRow } from './driver.ts'
import { checkParameters, exactInteger } from './parameters.ts'

/** What `node:sqlite`, `bun:sqlite`, `better-sqlite3` and `libsql` have in common. */
export interface SqliteDatabase {
  prepare(text: string): {
    all(...parameters: unknown[]): unknown[]
    get(...parameters: unknown[]): unknown
    run(...parameters: unknown[]): unknown
  }
  close(): unknown
}

/** How they differ: in how integers are asked for exactly, and whether parameters come as a list. */
interface Statement {
  all(...parameters: unknown[]): unknown[]
  get(...parameters: unknown[]): unknown
  run(...parameters: unknown[]): unknown
  safeIntegers?(on: boolean): unknown
  readonly setReadBigInts?: (on: boolean) => void
  /** Of `better-sqlite3` and `libsql`: whether it gives rows, those as lists, and the names that go with them. */
  readonly reader?: boolean
  raw?(): unknown
  columns?(): readonly { readonly name: string }[]
}

interface Prepared {
  readonly statement: Statement
  /** Whether parameters come as one list. */
  readonly listed: boolean
  readonly rowOf: (row: unknown) => SqlRow
}

export interface Line {
  all(text: string, parameters?: readonly SqlParameter[]): readonly SqlRow[]
  first(text: string, parameters?: readonly SqlParameter[]): SqlRow | undefined
  run(text: string, parameters?: readonly SqlParameter[]): SqlOutcome
  close(): void
}

/** Statements that are kept prepared. */
const KEPT = 100

export function makeLine(database: SqliteDatabase): Line {
  const statements = new Map<string, Prepared>()

  function prepare(text: string): Prepared {
    const statement = database.prepare(text) as Statement
    // That of `better-sqlite3` and `libsql`; `bun:sqlite` has a property of that name.
    const listed = typeof statement.safeIntegers === 'function'
    if (statement.setReadBigInts) statement.setReadBigInts(true)
    else if (listed) statement.safeIntegers?.(true)
    if (!listed || !statement.reader || !statement.raw || !statement.columns)
      return { statement, listed, rowOf: exactRow }
    // A list takes half the time of an object that is made on the other side.
    statement.raw()
    const names = statement.columns().map(({ name }) => name)
    return { statement, listed, rowOf: (row) => namedRow(names, row as ArrayLike<unknown>) }
  }

  function prepared(text: string): Prepared {
    return statements.get(text) ?? remember(statements, text, prepare(text), KEPT)
  }

  const given = (listed: boolean, parameters: readonly SqlParameter[]) => {
    checkParameters(parameters)
    const values = parameters.map(fit)
    // Given one by one, a sole null would be taken for a list.
    return listed ? [values] : values
  }

  return {
    all(text, parameters = []) {
      const { statement, listed, rowOf } = prepared(text)
      return statement.all(...given(listed, parameters)).map(rowOf)
    },
    first(text, parameters = []) {
      const { statement, listed, rowOf } = prepared(text)
      const row = statement.get(...given(listed, parameters))
      // `bun:sqlite` gives null for none.
      return row ? rowOf(row) : undefined
    },
    run(text, parameters = []) {
      const { statement, listed } = prepared(text)
      const outcome = (statement.run(...given(listed, parameters)) ?? {}) as Ran
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

function namedRow(names: readonly string[], values: ArrayLike<unknown>): SqlRow {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) {
    const value = values[i]
    row[names[i] as string] = typeof value === 'bigint' ? exactInteger(value) : value
  }
  return row
}

function exactRow(row: unknown): SqlRow {
  const exact = row as Record<string, unknown>
  for (const name in exact) {
    const value = exact[name]
    if (typeof value === 'bigint') exact[name] = exactInteger(value)
  }
  return exact
}
