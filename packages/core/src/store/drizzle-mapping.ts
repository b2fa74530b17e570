/** Binds the table values to the app's own drizzle tables: by table name, then column name, then property name. */
import type { Column as AppColumn } from 'drizzle-orm/column'
import { type Table as AppTable, getTableName, isTable } from 'drizzle-orm/table'
import { getTableColumns } from 'drizzle-orm/utils'
import { ConfigError, type Problem } from '../lib/errors.ts'
import { sqliteCodec } from './codec.ts'
import type { DateForm } from './dates.ts'
import { columnName } from './ddl.ts'
import { issuerFiller } from './issuer.ts'
import { type Codec, type Column, type Filler, type Mapping, makeMapping } from './mapping.ts'
import type { Field, Table } from './table.ts'
import { allFields, kindOf, logical } from './values.ts'

export interface AppTables {
  readonly mappings: ReadonlyMap<string, Mapping>
  readonly findings: readonly string[]
  /** An id by the default of the app's own `id` column. */
  readonly defaultId: (model: string) => string | undefined
}

/**
 * `nameOf`: what the database calls a column. `sample`: a value of a column, for dates kept as plain numbers.
 * @throws ConfigError with every table and column that the schema lacks.
 */
export async function mapAppTables(
  schema: object,
  tables: readonly Table[],
  nameOf: (column: AppColumn) => string,
  sample: (tableName: string, column: string) => Promise<DateForm>,
): Promise<AppTables> {
  const appTables = new Map(
    Object.values(schema)
      .filter(isTable)
      .map((table) => [getTableName(table), table]),
  )
  const mappings = new Map<string, Mapping>()
  const findings: string[] = []
  const problems: Problem[] = []
  const ids = new Map<string, AppColumn>()

  for (const table of tables) {
    const appTable = appTables.get(table.tableName)
    if (!appTable) {
      problems.push({
        code: 'SCHEMA_TABLE_MISSING',
        message: `The drizzle schema has no table named ${table.tableName}`,
        seen: [...appTables.keys()].join(', ') || 'no table',
        expected: table.tableName,
        fix: `Add it to the schema that drizzle() is given, with ${allFields(table)
          .map(([name]) => name)
          .join(', ')}`,
      })
      continue
    }
    const used = new Set<AppColumn>()
    const columns: Column[] = []
    for (const [field, spec] of allFields(table)) {
      const column = findColumn(appTable, columnName(field, spec), field, nameOf)
      if (column) {
        used.add(column)
        if (field === 'id') ids.set(table.name, column)
        const name = nameOf(column)
        const bare = kindOf(spec) === 'date' && (column.dataType === 'number' || column.dataType === 'bigint')
        const form = bare ? await sample(table.tableName, name) : 'iso'
        columns.push({ field, spec, name, ...appCodec(table, field, spec, column, form) })
      } else if (spec.extra) {
        findings.push(`Table ${table.tableName} has no column ${columnName(field, spec)}: ${field} is not kept`)
        columns.push({ field, spec, name: undefined, encode: () => null })
      } else {
        problems.push({
          code: 'SCHEMA_COLUMN_MISSING',
          message: `Table ${table.tableName} of the drizzle schema has no column ${columnName(field, spec)}`,
          seen: Object.values(getTableColumns(appTable)).map(nameOf).join(', ') || 'no column',
          expected: columnName(field, spec),
          fix: `Add the column, or name the one that holds it as fields.${field}`,
        })
      }
    }
    const fillers: Filler[] = []
    for (const column of Object.values(getTableColumns(appTable))) {
      if (!used.has(column)) fillers.push(...foreignColumn(table, column, nameOf(column), findings))
    }
    mappings.set(table.name, makeMapping(table, table.tableName, columns, fillers))
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    mappings,
    findings,
    defaultId(model) {
      const id = ids.get(model)?.defaultFn?.()
      return typeof id === 'string' ? id : undefined
    },
  }
}

function findColumn(table: AppTable, name: string, field: string, nameOf: (column: AppColumn) => string) {
  const columns = getTableColumns(table)
  const byName = Object.values(columns).find((column) => nameOf(column) === name)
  return byName ?? (Object.hasOwn(columns, field) ? columns[field] : undefined)
}

/** What an app's own column needs when we write its table: what drizzle itself would put there. */
function foreignColumn(table: Table, column: AppColumn, name: string, findings: string[]): Filler[] {
  const fillers: Filler[] = []
  const fill = (at: Filler['at'], make: () => unknown) => {
    fillers.push({ name, at, value: () => column.mapToDriverValue(make()) })
  }
  const { defaultFn, onUpdateFn } = column
  const issuer = column.notNull && !column.hasDefault ? issuerFiller(table, name) : undefined
  if (issuer) return [issuer]
  const initial = defaultFn ?? (column.default === undefined ? onUpdateFn : undefined)
  if (initial) fill('insert', initial)
  if (onUpdateFn) fill('update', onUpdateFn)
  if (!initial && column.notNull && !column.hasDefault && !column.generated) {
    findings.push(`Column ${table.tableName}.${name} is NOT NULL without a default and unknown: no row can be inserted`)
  }
  return fillers
}

/** The app's column says how it is written; where its type is not the field's, the plain form of SQLite lies between. */
function appCodec(table: Table, name: string, field: Field, column: AppColumn, form: DateForm): Codec {
  const kind = kindOf(field)
  const { dataType } = column
  if (dataType === kind || dataType === 'custom') {
    return {
      encode: (value) => column.mapToDriverValue(logical(table, name, kind, value)),
      decode: (raw) => column.mapFromDriverValue(raw),
    }
  }
  const integer = dataType === 'number' || dataType === 'bigint'
  const plain = sqliteCodec(table, name, field, form, integer)
  const toDriver = (value: unknown) => column.mapToDriverValue(dataType === 'bigint' ? BigInt(Number(value)) : value)
  return {
    encode: (value) => toDriver(plain.encode(value)),
    match: plain.match && ((value) => toDriver(plain.match?.(value))),
    decode: (raw) => {
      const value = column.mapFromDriverValue(raw)
      return plain.decode ? plain.decode(value) : value
    },
  }
}
