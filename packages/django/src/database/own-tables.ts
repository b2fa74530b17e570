/** The tables of our own beside Django's: as values, from which they are made and known. */
import { createHash } from 'node:crypto'
import { allFields, type Field, holdsId, kindOf, type Table } from '@keystile/core/store'
import type { Dialect } from '../sql/driver.ts'

export interface OwnColumn {
  readonly name: string
  /** As the database spells it, collation included. */
  readonly type: string
  readonly notNull: boolean
  /** As SQL. */
  readonly default?: string | undefined
  readonly references?: OwnReference | undefined
}

export interface OwnReference {
  readonly table: string
  readonly column: string
  readonly onDelete: string
}

export interface OwnIndex {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
}

export interface OwnTable {
  readonly name: string
  readonly columns: readonly OwnColumn[]
  readonly primaryKey: string
  readonly indexes: readonly OwnIndex[]
}

/** What columns that refer to Django's are declared as, and how texts compare. */
export interface OwnTypes {
  readonly dialect: Dialect
  readonly prefix: string
  readonly users: { readonly table: string; readonly key: string; readonly type: string }
  readonly sessions: { readonly table: string; readonly type: string }
  /** Of MySQL: one that takes no two texts for the same. */
  readonly binary: string
}

/** `emailVerified` as `email_verified`, as Django names columns. */
export const snake = (name: string) => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()

export const columnName = (name: string, field: Field) => field.fieldName ?? snake(name)

export const ownName = (types: Pick<OwnTypes, 'prefix'>, table: Table) => `${types.prefix}${snake(table.tableName)}`

/** Most characters of a text that MySQL has an index of, beside others of the same index; `undefined` without one. */
export function indexedLength(table: Table, name: string, field: Field): number | undefined {
  const widths = table.indexes.filter(({ fields }) => fields.includes(name)).map(({ fields }) => fields.length)
  const alone = name === 'id' || holdsId(name, field) || Boolean(field.unique ?? field.index)
  if (widths.length === 0 && !alone) return undefined
  const width = Math.max(1, ...widths)
  // Ids as long as those that refer to them.
  if (name === 'id' || holdsId(name, field) || width > 2) return ID_LENGTH
  return width === 2 ? 380 : 512
}

const ID_LENGTH = 255

/** `indexed`: the most characters, of a text that is looked up in an index. */
export function textType({ dialect, binary }: OwnTypes, indexed?: number | undefined): string {
  if (dialect === 'sqlite') return 'text'
  // By code points, whatever the language of the database.
  if (dialect === 'postgresql') return 'text collate "C"'
  return `${indexed ? `varchar(${indexed})` : 'longtext'} character set utf8mb4 collate ${binary}`
}

export const idType = (types: OwnTypes) => textType(types, ID_LENGTH)

const plainTypes: Readonly<Record<'boolean' | 'date' | 'number' | 'bigint', Record<Dialect, string>>> = {
  boolean: { sqlite: 'bool', postgresql: 'boolean', mysql: 'tinyint(1)' },
  date: { sqlite: 'datetime', postgresql: 'timestamp with time zone', mysql: 'datetime(6)' },
  number: { sqlite: 'numeric', postgresql: 'double precision', mysql: 'double' },
  bigint: { sqlite: 'bigint', postgresql: 'bigint', mysql: 'bigint' },
}

function typeOf(types: OwnTypes, field: Field, indexed: number | undefined): string {
  const kind = kindOf(field)
  if (kind === 'string') return textType(types, indexed)
  if (kind === 'json') return textType(types)
  return plainTypes[kind === 'number' && field.bigint ? 'bigint' : kind][types.dialect]
}

/** The column of a field. `others`: what it may refer to. */
export function ownColumn(
  types: OwnTypes,
  table: Table,
  name: string,
  field: Field,
  others: readonly Table[],
): OwnColumn {
  const column = columnName(name, field)
  const notNull = field.required !== false
  const { references } = field
  if (references?.model === 'user' && references.field === 'id') {
    const { users } = types
    const to = { table: users.table, column: users.key, onDelete: references.onDelete ?? 'cascade' }
    return { name: column, type: users.type, notNull, references: to }
  }
  const target = others.find((other) => other.name === references?.model)
  // An account may be a password of Django's, which has no row of its own.
  const reference =
    references && target && target.name !== 'account'
      ? {
          table: ownName(types, target),
          column: columnName(references.field, target.fields[references.field] ?? { type: 'string' }),
          onDelete: references.onDelete ?? 'cascade',
        }
      : undefined
  const indexed = indexedLength(table, name, field)
  return {
    name: column,
    type: typeOf(types, field, indexed),
    notNull,
    default: literal(types.dialect, field.defaultValue),
    references: reference,
  }
}

/** Defaults of texts are ours to write. */
function literal(dialect: Dialect, value: unknown): string | undefined {
  if (typeof value === 'boolean') return dialect === 'postgresql' ? String(value) : String(Number(value))
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A table that holds all of its rows. */
export function ownTable(types: OwnTypes, table: Table, others: readonly Table[]): OwnTable {
  const name = ownName(types, table)
  const id: OwnColumn = { name: 'id', type: idType(types), notNull: true }
  const fields = allFields(table).filter(([field]) => field !== 'id')
  return {
    name,
    primaryKey: 'id',
    columns: [id, ...fields.map(([field, spec]) => ownColumn(types, table, field, spec, others))],
    indexes: ownIndexes(types, name, table, () => true),
  }
}

/** The indexes over fields that stand in a table of ours. */
export function ownIndexes(
  types: Pick<OwnTypes, 'dialect'>,
  name: string,
  table: Table,
  isOwn: (field: string) => boolean,
): OwnIndex[] {
  const wanted = [
    ...Object.entries(table.fields)
      .filter(([, field]) => field.unique || field.index || field.references)
      .map(([field, { unique }]) => ({ fields: [field], unique: unique ?? false })),
    ...table.indexes.map(({ fields, unique }) => ({ fields, unique: unique ?? false })),
  ]
  return wanted
    .filter(({ fields }) => fields.every(isOwn))
    .map(({ fields, unique }) => {
      const columns = fields.map((field) => columnName(field, table.fields[field] ?? { type: 'string' }))
      return index(types, name, columns, unique)
    })
}

export function index(
  _types: Pick<OwnTypes, 'dialect'>,
  table: string,
  columns: readonly string[],
  unique: boolean,
): OwnIndex {
  return { name: shortened(`${table}_${columns.join('_')}_${unique ? 'uniq' : 'idx'}`), columns, unique }
}

/** As long as the names of every database may be. */
function shortened(name: string): string {
  if (name.length <= 60) return name
  return `${name.slice(0, 51)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** What errors of the database say of a table of ours: fields by the names of constraints, or of columns. */
export function constraintsOf(own: OwnTable, fieldOf: (column: string) => string | undefined): Map<string, string[]> {
  const known = new Map<string, string[]>()
  const add = (names: readonly string[], columns: readonly string[]) => {
    const fields = columns.map((column) => fieldOf(column) ?? column)
    for (const name of names) known.set(name.toLowerCase(), fields)
  }
  for (const { name, columns, unique } of own.indexes) if (unique) add([name, columns.join()], columns)
  add([`${own.name}_pkey`, 'PRIMARY', own.primaryKey], [own.primaryKey])
  return known
}
