/** Where the fields of a logical row live: which column holds one, and what its values are there. */
import { type Field, kindOf, logical, parse, stringify, type Table, UnstorableValue } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import { readDate, writeDate } from '../sql/dates.ts'
import type { Dialect, SqlParameter } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import type { Column } from '../sql/tables.ts'
import { readValue, writeValue } from '../sql/values.ts'
import { keyOf } from '../users/keys.ts'

/** Which side of a join a table stands on: the first letter of its alias. */
export type Side = 'l' | 'r'

export interface Place {
  readonly field: string
  readonly spec: Field
  /** The letter of the table that is written; `undefined` where the field is not written anywhere. */
  readonly part: string | undefined
  /** The column it has to itself. */
  readonly column?: string | undefined
  /** The same in every row. */
  readonly isConstant?: boolean | undefined
  /** The columns to write, with their values. Null is passed too. */
  readonly write: (value: unknown) => readonly (readonly [column: string, value: SqlParameter])[]
  /** What is read, as SQL. */
  readonly read: (side: Side) => string
  /** What is compared, where that is another. */
  readonly compare?: ((side: Side) => string) | undefined
  /** The value to compare with, never null; `undefined` where no row can hold it. */
  readonly match: (value: unknown) => SqlParameter | undefined
  /** What stands around the placeholder of a value to compare with. */
  readonly operand?: ((mark: string) => string) | undefined
  /** Never given null. */
  readonly decode: (raw: unknown) => unknown
}

/** What places of one database share. */
export interface PlaceContext {
  readonly dialect: Dialect
  /** `TIME_ZONE` of a project with `USE_TZ = False`, for Django's own columns. Ours are in UTC. */
  readonly databaseTimeZone: string
  /** The primary key of the users. */
  readonly userKey: Column
}

type Codec = Pick<Place, 'decode' | 'match'> & { readonly encode: (value: unknown) => SqlParameter }

/** A field in a column of its own name. */
export function placed(
  context: PlaceContext,
  at: { readonly field: string; readonly spec: Field; readonly part: string; readonly column: string },
  codec: Codec,
): Place {
  const { field, spec, part, column } = at
  const name = quoteName(context.dialect, column)
  return {
    field,
    spec,
    part,
    column,
    write: (value) => [[column, value === null ? null : codec.encode(value)]],
    read: (side) => `${side}${part}.${name}`,
    match: codec.match,
    decode: codec.decode,
  }
}

/** A field that is the same in every row and that nothing changes. */
export function constant(field: string, spec: Field, sql: string): Place {
  return {
    field,
    spec,
    part: undefined,
    isConstant: true,
    write: () => [],
    read: () => sql,
    match: String,
    decode: String,
  }
}

/** How our own tables hold a field. `indexed`: the most characters that MySQL takes of it. */
export function ownCodec(
  context: PlaceContext,
  table: Table,
  field: string,
  spec: Field,
  indexed: number | undefined,
): Codec {
  const { dialect } = context
  const refuse = (): never => {
    throw new UnstorableValue(table.name, field)
  }
  const fit = (value: unknown) => logical(table, field, kindOf(spec), value)
  switch (kindOf(spec)) {
    case 'boolean': {
      const encode = (value: unknown) => (dialect === 'postgresql' ? (fit(value) as boolean) : Number(fit(value)))
      return { encode, match: encode, decode: isTrue }
    }
    case 'date': {
      const encode = (value: unknown) => dateOr(refuse, () => writeDate(fit(value) as Date, { dialect }))
      return { encode, match: encode, decode: (raw) => dateOf(raw, 'UTC') }
    }
    case 'number': {
      const encode = (value: unknown) => {
        const number = fit(value) as number
        return spec.bigint && !Number.isSafeInteger(number) ? refuse() : number
      }
      return { encode, match: encode, decode: Number }
    }
    case 'json': {
      const encode = (value: unknown) => stringify(value) ?? refuse()
      return { encode, match: encode, decode: parse }
    }
    case 'string': {
      const encode = (value: unknown) => {
        const text = fit(value) as string
        // A server that is not strict would cut it.
        return indexed !== undefined && dialect === 'mysql' && [...text].length > indexed ? refuse() : text
      }
      return { encode, match: (value) => fit(value) as string, decode: String }
    }
  }
}

/** How a column of Django's holds a field. */
export function djangoCodec(context: PlaceContext, table: Table, field: string, spec: Field, column: Column): Codec {
  const { dialect, databaseTimeZone: zone } = context
  const kind = kindOf(spec)
  const encode = (value: unknown) => {
    const fit = logical(table, field, kind, value) as string
    try {
      return writeValue(dialect, column, fit, zone)
    } catch (error) {
      if (error instanceof DjangoError && error.code === 'BAD_VALUE') throw new UnstorableValue(table.name, field)
      throw error
    }
  }
  const decoders = { boolean: isTrue, date: (raw: unknown) => dateOf(raw, zone), number: Number, json: parse }
  const decode = kind === 'string' ? (raw: unknown) => String(readValue(column, raw, zone)) : decoders[kind]
  // What is too long for the column is in no row of it.
  const match = (value: unknown) => {
    try {
      return encode(value)
    } catch (error) {
      logical(table, field, kind, value)
      if (error instanceof UnstorableValue) return undefined
      throw error
    }
  }
  return { encode, match, decode }
}

/** How a column holds the id of a user. */
export function userIdCodec({ dialect, userKey }: PlaceContext, table: Table, field: string): Codec {
  const key = (value: unknown) => (typeof value === 'string' ? keyOf(dialect, userKey, value) : null)
  return {
    encode(value) {
      const found = key(value)
      if (found === null) throw new UnstorableValue(table.name, field)
      return found
    },
    match: (value) => key(value) ?? undefined,
    decode: (raw) => userIdOf(userKey, raw),
  }
}

/** The text of a primary key, as Python prints it. */
export const userIdOf = (userKey: Column, raw: unknown) => String(readValue(userKey, raw))

const isTrue = (raw: unknown) => raw === true || raw === 1 || raw === 't'

function dateOf(raw: unknown, zone: string): Date {
  return new Date(readDate(raw, zone) ?? Number.NaN)
}

function dateOr(refuse: () => never, write: () => string): string {
  try {
    return write()
  } catch (error) {
    return error instanceof DjangoError ? refuse() : raise(error)
  }
}

function raise(error: unknown): never {
  throw error
}
