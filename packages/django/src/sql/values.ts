/** The values of columns: as they are outside, and as the database holds them. */
import { DjangoError } from '../errors.ts'
import { type DateForm, readDate, writeDate } from './dates.ts'
import type { Dialect, SqlParameter } from './driver.ts'
import { exactInteger, isStorable } from './parameters.ts'
import type { Column } from './tables.ts'

/**
 * A value outside: booleans are true and false, dates ISO texts in UTC with their microseconds, UUIDs in small letters
 * with their hyphens, integers numbers, or bigints where a number would not be exact. Of other columns it is what the
 * database gives.
 */
export type FieldValue = null | string | number | bigint | boolean | Uint8Array

/** What a field is set to. A `Date` has milliseconds; a text may have microseconds. */
export type FieldInput = null | string | number | bigint | boolean | Date

export function readValue(column: Column, stored: unknown, timeZone?: string | undefined): FieldValue {
  if (stored === null || stored === undefined) return null
  switch (column.kind) {
    case 'boolean':
      return readBoolean(stored)
    case 'date':
      return readDate(stored, timeZone)
    case 'uuid':
      return readUuid(String(stored))
    default:
      return stored as FieldValue
  }
}

/** @throws DjangoError `BAD_VALUE` for what the column does not hold. */
export function writeValue(
  dialect: Dialect,
  column: Column,
  value: FieldInput,
  timeZone?: string | undefined,
): SqlParameter {
  const fit = value === null ? null : writeFit(dialect, column, value, timeZone)
  if (fit === undefined || (fit === null && !column.nullable)) {
    const what = value === null ? 'null' : value instanceof Date ? 'Date' : typeof value
    throw new DjangoError('BAD_VALUE', `The column ${column.name}, ${column.declared}, does not hold that ${what}`)
  }
  return fit
}

function writeFit(
  dialect: Dialect,
  column: Column,
  value: Exclude<FieldInput, null>,
  timeZone: string | undefined,
): SqlParameter | undefined {
  switch (column.kind) {
    case 'boolean': {
      const yes = typeof value === 'number' || typeof value === 'boolean' ? readBoolean(value) : undefined
      return typeof yes !== 'boolean' || dialect === 'postgresql' ? (yes as boolean | undefined) : Number(yes)
    }
    case 'date':
      return typeof value === 'string' || value instanceof Date
        ? writeDate(value, dateForm(dialect, column, timeZone))
        : undefined
    case 'uuid':
      return typeof value === 'string' ? writeUuid(column, value) : undefined
    case 'integer':
      return integerOf(value)
    case 'text':
      return typeof value === 'string' && isStorable(value) && fits(column, value) ? value : undefined
    default:
      return value instanceof Date ? writeDate(value, { dialect, timeZone }) : value
  }
}

/** The form of a column's dates. */
export function dateForm(dialect: Dialect, { declared }: Column, timeZone?: string | undefined): DateForm {
  const zoned = dialect === 'postgresql' && !/without time zone$/.test(declared)
  return { dialect, zoned, timeZone }
}

/** Counted as databases do, in code points. */
const fits = ({ length }: Column, value: string) => length === undefined || [...value].length <= length

/** `'t'` is what PostgreSQL itself says. */
function readBoolean(stored: unknown): FieldValue {
  if (stored === true || stored === 1 || stored === 't') return true
  if (stored === false || stored === 0 || stored === 'f') return false
  return stored as FieldValue
}

function integerOf(value: Exclude<FieldInput, null>): SqlParameter | undefined {
  if (typeof value === 'bigint') return exactInteger(value)
  if (typeof value === 'string') return /^(0|-?[1-9]\d{0,18})$/.test(value) ? exactInteger(BigInt(value)) : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function readUuid(stored: string): string {
  const digits = stored.replaceAll('-', '').toLowerCase()
  return /^[\da-f]{32}$/.test(digits) ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : stored
}

/** `char(32)` has no room for hyphens. */
function writeUuid({ declared }: Column, value: string): string | undefined {
  const uuid = readUuid(value)
  if (uuid.length !== 36) return undefined
  return declared.toLowerCase() === 'uuid' ? uuid : uuid.replaceAll('-', '')
}
