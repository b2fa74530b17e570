/** A row that comes along with another: the statement that reads one of its own joins it, and one trip gives both. */
import type { SqlDriver, SqlParameter, SqlRow } from './driver.ts'

/** The table of such a row. Made once, for the texts of statements are kept by it. */
export interface JoinedTable {
  /** Of the database that it is in. */
  readonly driver: SqlDriver
  /** In quotes, as are the others. */
  readonly name: string
  readonly key: string
  readonly columns: readonly string[]
}

export interface JoinedRow {
  readonly table: JoinedTable
  /** Of the row, as text and as it is bound. */
  readonly id: string
  readonly key: SqlParameter
  /** Set by who read it along: its columns are `null` where there is none. */
  found?: SqlRow | undefined
}
