/** How an SQLite column that no schema describes keeps each kind of value. */
import { type DateForm, dateFromColumn, dateToColumn } from './dates.ts'
import type { Codec } from './mapping.ts'
import { UnstorableValue } from './store.ts'
import type { Field, Table } from './table.ts'
import { holdsId, kindOf, logical } from './values.ts'

/** `numericIds`: ids are integers in the database. */
export function sqliteCodec(table: Table, name: string, field: Field, form: DateForm, numericIds: boolean): Codec {
  const kind = kindOf(field)
  const fit = (value: unknown) => logical(table, name, kind, value)
  const refuse = (): never => {
    throw new UnstorableValue(table.name, name)
  }
  if (numericIds && holdsId(name, field)) {
    return {
      encode: (value) => numericId(value) ?? refuse(),
      match: (value) => numericId(value) ?? noId,
      decode: String,
    }
  }
  switch (kind) {
    case 'boolean':
      return { encode: (value) => (fit(value) ? 1 : 0), decode: (raw) => raw === 1 || raw === true || raw === 'true' }
    case 'date':
      return {
        encode: (value) => dateToColumn(form, fit(value) as Date) ?? refuse(),
        match: form === 'seconds' ? (value) => (fit(value) as Date).getTime() / 1000 : undefined,
        decode: (raw) => dateFromColumn(form, raw),
      }
    case 'json':
      return { encode: (value) => stringify(value) ?? refuse(), decode: parse }
    case 'number':
      return { encode: fit, decode: Number }
    case 'string':
      return { encode: fit }
  }
}

/** An id that no row has: what a text that is no number is looked up as. */
const noId = -1

export function numericId(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

export function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** Text that others left and that is no JSON is given as it is. */
export function parse(raw: unknown): unknown {
  try {
    return JSON.parse(String(raw))
  } catch {
    return raw
  }
}
