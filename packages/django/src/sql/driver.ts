/** A database as this package sees it: texts of SQL go in, rows come out. Three dialects, one face. */

export type Dialect = 'sqlite' | 'postgresql' | 'mysql'

/** What is bound: dates and booleans are made fit for the column first (`dates.ts`, `values.ts`). */
export type SqlParameter = null | string | number | bigint | boolean

/** A row by the names of its columns. Dates come as the text of the database, never as a `Date`: no digit is lost. */
export type SqlRow = { readonly [column: string]: unknown }

/** What a statement that gives no rows did. */
export interface SqlOutcome {
  /** Rows that matched: of an UPDATE also those that already held the value. */
  readonly changes: number
  /** The id that an INSERT was given by the database, where the dialect tells. */
  readonly insertId?: number | bigint | undefined
}

/** The verbs inside and outside a transaction. Placeholders are `?` for SQLite and MySQL, `$1` and on for PostgreSQL. */
export interface SqlVerbs {
  readonly dialect: Dialect
  all(text: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** The first row alone, where a driver finds it faster than all. */
  first?(text: string, parameters?: readonly SqlParameter[]): Promise<SqlRow | undefined>
  run(text: string, parameters?: readonly SqlParameter[]): Promise<SqlOutcome>
}

/** The first row of a statement that gives one at most. */
export async function firstRow(
  verbs: SqlVerbs,
  text: string,
  parameters: readonly SqlParameter[],
): Promise<SqlRow | undefined> {
  return verbs.first ? verbs.first(text, parameters) : (await verbs.all(text, parameters))[0]
}

/** An open database. */
export interface SqlDriver extends SqlVerbs {
  /** All or nothing. Nothing but verbs of `tx` may be awaited inside. */
  transaction<T>(work: (tx: SqlVerbs) => Promise<T>): Promise<T>
  /** Ends what the driver opened; what it was given stays open. */
  close(): Promise<void>
}
