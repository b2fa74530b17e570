/**
 * A table is a value: its fields say what a row holds, what goes out to clients, what is accepted from them and what
 * the database keeps. Base tables, additional fields of the app and fields of plugins all have this one form, so that
 * renaming or extending happens before anything is made from them.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'

export type FieldType = 'string' | 'number' | 'boolean' | 'date' | 'json' | 'string[]' | 'number[]' | readonly string[]

/** One field of a table, in the form `additionalFields` takes. */
export interface Field {
  /** The kind of value; a list of literals is a string that takes only these. */
  readonly type: FieldType
  /** `true` unless said: the column is NOT NULL, and sign-up demands a value unless there is a default. */
  readonly required?: boolean | undefined
  readonly unique?: boolean | undefined
  readonly index?: boolean | undefined
  /** `false`: never leaves the server. */
  readonly returned?: boolean | undefined
  /** `false`: never taken from a client. */
  readonly input?: boolean | undefined
  readonly defaultValue?: unknown
  /** The value written at every update that does not set the field itself. */
  readonly onUpdate?: (() => unknown) | undefined
  readonly references?:
    | {
        readonly model: string
        readonly field: string
        readonly onDelete?: 'cascade' | 'set null' | 'restrict' | 'no action' | undefined
      }
    | undefined
  /** A 64-bit integer column. */
  readonly bigint?: boolean | undefined
  readonly sortable?: boolean | undefined
  /** The column's name, where it is not the field's. */
  readonly fieldName?: string | undefined
  readonly transform?:
    | {
        readonly input?: ((value: unknown) => unknown) | undefined
        readonly output?: ((value: unknown) => unknown) | undefined
      }
    | undefined
  readonly validator?:
    | { readonly input?: StandardSchemaV1 | undefined; readonly output?: StandardSchemaV1 | undefined }
    | undefined
  /** Ours beside the protocol's: a database without this column still serves. */
  readonly extra?: boolean | undefined
}

export type Fields = { readonly [name: string]: Field }

/** A unique or plain index over several columns. */
export interface TableIndex {
  readonly fields: readonly string[]
  readonly unique?: boolean | undefined
}

/** A table value. `name` is the logical name, `tableName` what the database calls it. Every table has a text `id`. */
export interface Table<Row extends object = Record<string, unknown>> {
  readonly name: string
  readonly tableName: string
  readonly fields: Fields
  readonly indexes: readonly TableIndex[]
  /** Types only: the row that the fields describe. */
  readonly '~row'?: Row
}

type Value<T extends FieldType> = T extends 'string'
  ? string
  : T extends 'number'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends 'date'
        ? Date
        : T extends 'string[]'
          ? string[]
          : T extends 'number[]'
            ? number[]
            : T extends readonly (infer L)[]
              ? L
              : unknown

/** The row of a table: `id` and every field, `null` where the column may be. */
export type RowOf<F extends Fields> = { id: string } & {
  [K in keyof F]: F[K] extends { required: false } ? Value<F[K]['type']> | null : Value<F[K]['type']>
}

type TableOptions = { readonly indexes?: readonly TableIndex[] | undefined; readonly tableName?: string | undefined }

/** Declares a table. */
export function table<const F extends Fields>(
  name: string,
  fields: F,
  options: TableOptions = {},
): Table<{ [K in keyof RowOf<F>]: RowOf<F>[K] }> {
  return { name, tableName: options.tableName ?? name, fields, indexes: options.indexes ?? [] }
}

/** The same table under other names and with more fields: how options and plugins change it. */
export function extendTable<Row extends object>(
  base: Table<Row>,
  change: {
    readonly tableName?: string | undefined
    readonly columns?: { readonly [field: string]: string | undefined } | undefined
    readonly fields?: Fields | undefined
  },
): Table<Row> {
  const fields: Record<string, Field> = { ...base.fields, ...change.fields }
  for (const [name, column] of Object.entries(change.columns ?? {})) {
    const field = fields[name]
    if (field && column) fields[name] = { ...field, fieldName: column }
  }
  return { ...base, tableName: change.tableName ?? base.tableName, fields }
}
