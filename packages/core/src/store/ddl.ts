/** The tables of an embedded SQLite database: made where missing, extended where they lack a column, never cut. */

import { sqliteDialect } from './sqlite-dialect.ts'
import type { Connection } from './sqlite-driver.ts'
import { columnList, type FoundTable, indexNames, inspectTable } from './sqlite-inspect.ts'
import type { Field, Table } from './table.ts'
import { allFields, holdsId, kindOf } from './values.ts'

export type IdType = 'text' | 'serial' | 'database'

/** One statement of a migration. */
export interface Step {
  readonly sql: string
  /** What to tell when the step fails because rows that are there forbid it. */
  readonly finding?: string | undefined
}

const { quote } = sqliteDialect

export const columnName = (name: string, field: Field) => field.fieldName ?? name

/** What is to be done, in order; nothing when the database is up to date. */
export function planMigration(connection: Connection, tables: readonly Table[], idType: IdType): Step[] {
  const existing = indexNames(connection)
  const steps: Step[] = []
  for (const table of tables) {
    const found = inspectTable(connection, table.tableName)
    if (found) steps.push(...missingColumns(table, found, tables, idType))
    else steps.push({ sql: createTable(table, tables, idType) })
    steps.push(...missingIndexes(table, found, existing))
  }
  return steps
}

function createTable(table: Table, tables: readonly Table[], idType: IdType): string {
  const columns = allFields(table).map(([name, field]) =>
    name === 'id' ? idColumn(idType) : column(name, field, tables, idType, field.required !== false),
  )
  return `create table if not exists ${quote(table.tableName)} (${columns.join(', ')})`
}

function idColumn(idType: IdType): string {
  if (idType === 'serial') return '"id" integer primary key autoincrement not null'
  return `"id" text primary key not null${idType === 'database' ? ' default (lower(hex(randomblob(16))))' : ''}`
}

function column(name: string, field: Field, tables: readonly Table[], idType: IdType, notNull: boolean): string {
  const parts = [quote(columnName(name, field)), columnType(name, field, idType)]
  if (notNull) parts.push('not null')
  const value = literal(field.defaultValue)
  if (value !== undefined) parts.push(`default ${value}`)
  const { references } = field
  const target = references && tables.find((other) => other.name === references.model)
  if (references && target) {
    const to = target.fields[references.field]
    parts.push(
      `references ${quote(target.tableName)} (${quote(to ? columnName(references.field, to) : references.field)})`,
      `on delete ${references.onDelete ?? 'cascade'}`,
    )
  }
  return parts.join(' ')
}

function columnType(name: string, field: Field, idType: IdType): string {
  if (idType === 'serial' && holdsId(name, field)) return 'integer'
  if (field.bigint) return 'bigint'
  return { string: 'text', number: 'integer', boolean: 'integer', date: 'date', json: 'text' }[kindOf(field)]
}

function literal(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : undefined
}

/** A column that joins rows may be NOT NULL only with a default; without one those rows hold null. */
function missingColumns(table: Table, found: FoundTable, tables: readonly Table[], idType: IdType): Step[] {
  return allFields(table)
    .filter(([name, field]) => !found.columns.has(columnName(name, field).toLowerCase()))
    .map(([name, field]) => {
      const notNull = field.required !== false && literal(field.defaultValue) !== undefined && !field.references
      return { sql: `alter table ${quote(table.tableName)} add column ${column(name, field, tables, idType, notNull)}` }
    })
}

function missingIndexes(table: Table, found: FoundTable | undefined, existing: ReadonlySet<string>): Step[] {
  const wanted = [
    ...Object.entries(table.fields)
      .filter(([, field]) => field.unique || field.index)
      .map(([name, field]) => ({ fields: [name], unique: field.unique ?? false })),
    ...table.indexes,
  ]
  const steps: Step[] = []
  for (const { fields, unique } of wanted) {
    const columns = fields.map((name) => columnName(name, table.fields[name] ?? { type: 'string' }))
    const name = `${table.tableName}_${columns.join('_')}_${unique ? 'uidx' : 'idx'}`
    if (existing.has(name.toLowerCase()) || (unique && found?.unique.includes(columnList(columns)))) continue
    const on = `${quote(table.tableName)} (${columns.map(quote).join(', ')})`
    steps.push({
      sql: `create ${unique ? 'unique ' : ''}index if not exists ${quote(name)} on ${on}`,
      finding: unique
        ? `Table ${table.tableName} holds several rows with the same ${columns.join(', ')}: remove the duplicates, then restart for the unique index`
        : undefined,
    })
  }
  return steps
}

/** Runs the steps, inside the transaction of the caller; gives what could not be done. */
export function migrate(connection: Connection, steps: readonly Step[]): string[] {
  const findings: string[] = []
  for (const step of steps) {
    try {
      connection.exec(step.sql)
    } catch (error) {
      if (step.finding && sqliteDialect.recognise(error)?.kind === 'unique') findings.push(step.finding)
      else throw error
    }
  }
  return findings
}
