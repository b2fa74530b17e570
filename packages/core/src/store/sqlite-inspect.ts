/** What an SQLite database holds already. SQLite's names ignore case, so everything here is by lower-case name. */
import type { Connection } from './sqlite-driver.ts'

export interface FoundColumn {
  readonly name: string
  /** The declared type, lower-case; may be empty. */
  readonly type: string
  readonly notNull: boolean
  /** The default as SQL. */
  readonly defaultSql: string | null
  readonly primaryKey: boolean
}

export interface FoundTable {
  readonly columns: ReadonlyMap<string, FoundColumn>
  /** Lists of column names, sorted, that a whole unique index stands on. */
  readonly unique: readonly string[]
}

/** The form in which lists of columns are compared. */
export const columnList = (names: readonly string[]) =>
  names
    .map((name) => name.toLowerCase())
    .sort()
    .join(',')

export function inspectTable(connection: Connection, tableName: string): FoundTable | undefined {
  const rows = connection
    .prepare('select name, type, "notnull", dflt_value, pk from pragma_table_info(?)')
    .all([tableName])
  if (rows.length === 0) return undefined
  const columns = new Map<string, FoundColumn>()
  for (const row of rows) {
    const name = String(row[0])
    columns.set(name.toLowerCase(), {
      name,
      type: String(row[1]).toLowerCase(),
      notNull: row[2] === 1,
      defaultSql: row[3] === null ? null : String(row[3]),
      primaryKey: row[4] !== 0,
    })
  }
  const lists = new Map<string, string[]>()
  const indexes = `select l.name, i.name from pragma_index_list(?) l, pragma_index_info(l.name) i
    where l."unique" = 1 and l.partial = 0`
  for (const row of connection.prepare(indexes).all([tableName])) {
    const index = String(row[0])
    lists.set(index, [...(lists.get(index) ?? []), String(row[1])])
  }
  return { columns, unique: [...lists.values()].map(columnList) }
}

/** The names of all indexes, lower-case. */
export function indexNames(connection: Connection): Set<string> {
  const rows = connection.prepare(`select name from sqlite_master where type = 'index'`).all([])
  return new Set(rows.map((row) => String(row[0]).toLowerCase()))
}
