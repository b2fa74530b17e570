/** Binds the table values to what an embedded SQLite database holds, down to the form of its dates. */
import { sqliteCodec } from './codec.ts'
import { type DateForm, formOfNumber } from './dates.ts'
import { columnName, type IdType } from './ddl.ts'
import { issuerFiller } from './issuer.ts'
import { type Filler, type Mapping, makeMapping } from './mapping.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import type { Connection } from './sqlite-driver.ts'
import { type FoundColumn, type FoundTable, inspectTable } from './sqlite-inspect.ts'
import type { Table } from './table.ts'
import { allFields, kindOf } from './values.ts'

const { quote } = sqliteDialect

export function mapTables(connection: Connection, tables: readonly Table[], idType: IdType) {
  const found = tables.map((table) => ({ table, there: inspectTable(connection, table.tableName) }))
  const forms = dateForms(connection, found)
  const mappings = new Map<string, Mapping>()
  const findings: string[] = []
  for (const { table, there } of found) {
    const columns = allFields(table).map(([field, spec]) => {
      const at = there?.columns.get(columnName(field, spec).toLowerCase())
      const form = forms.get(`${table.name}.${field}`) ?? 'iso'
      return { field, spec, name: at?.name, ...sqliteCodec(table, field, spec, form, idType === 'serial') }
    })
    const ours = new Set(columns.map((column) => column.name))
    const fillers: Filler[] = []
    for (const other of there?.columns.values() ?? []) {
      if (ours.has(other.name) || !other.notNull || other.defaultSql !== null) continue
      const filler = issuerFiller(table, other.name)
      if (filler) fillers.push(filler)
      else
        findings.push(
          `Column ${table.tableName}.${other.name} is NOT NULL without a default and unknown: no row can be inserted`,
        )
    }
    mappings.set(table.name, makeMapping(table, table.tableName, columns, fillers))
  }
  return { mappings, findings }
}

interface Found {
  readonly table: Table
  readonly there: FoundTable | undefined
}

/**
 * The form of each date column, by `table.field`: what a row of it holds; in an empty column what its declared type
 * allows, and among integers what the other integer dates of the database are.
 */
function dateForms(connection: Connection, found: readonly Found[]): Map<string, DateForm> {
  const forms = new Map<string, DateForm>()
  const undecided: string[] = []
  let common: DateForm | undefined
  for (const { table, there } of found) {
    for (const [field, spec] of allFields(table)) {
      const column = kindOf(spec) === 'date' ? there?.columns.get(columnName(field, spec).toLowerCase()) : undefined
      if (!column) continue
      const key = `${table.name}.${field}`
      const form = sampleForm(connection, table.tableName, column) ?? declaredForm(column)
      if (form) forms.set(key, form)
      else undecided.push(key)
      if (form && form !== 'iso') common ??= form
    }
  }
  for (const key of undecided) forms.set(key, common ?? 'seconds')
  return forms
}

function sampleForm(connection: Connection, tableName: string, { name }: FoundColumn): DateForm | undefined {
  const text = `select ${quote(name)} from ${quote(tableName)} where ${quote(name)} is not null limit 1`
  const value = connection.prepare(text).first([])?.[0]
  if (typeof value === 'number') return formOfNumber(value)
  return value === undefined ? undefined : 'iso'
}

function declaredForm({ type, defaultSql }: FoundColumn): DateForm | undefined {
  if (!type.includes('int')) return 'iso'
  if (defaultSql === null) return undefined
  return /1000|subsec/.test(defaultSql) ? 'milliseconds' : 'seconds'
}
