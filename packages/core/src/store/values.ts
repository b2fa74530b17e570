/** Logical values: what a field may hold, the same for every store. */
import { UnstorableValue } from './store.ts'
import type { Field, Table } from './table.ts'

/** The five kinds of value that stores tell apart; lists are JSON, literals are strings. */
export type Kind = 'string' | 'number' | 'boolean' | 'date' | 'json'

export function kindOf(field: Field): Kind {
  const type = field.type
  if (typeof type !== 'string') return 'string'
  return type === 'string[]' || type === 'number[]' ? 'json' : type
}

/** `id` as a field like others. */
export const idField: Field = { type: 'string', required: true, unique: true }

/** The fields of a table with `id` in front, in the order of its columns. */
export const allFields = (table: Table): [name: string, field: Field][] => [
  ['id', idField],
  ...Object.entries(table.fields).filter(([name]) => name !== 'id'),
]

/** The field holds the id of a row, its own or another's. */
export const holdsId = (name: string, field: Field) => name === 'id' || field.references?.field === 'id'

type WellFormed = string & { isWellFormed(): boolean }

/** Neither NUL, which PostgreSQL refuses and some drivers cut at, nor half a character, which has no UTF-8. */
const isStorable = (text: string) => (text as WellFormed).isWellFormed() && !text.includes('\0')

/** Each gives the logical value, or `undefined` where there is none. Clients send dates as text, forms send numbers so. */
const fit: Readonly<Record<Kind, (value: unknown) => unknown>> = {
  string(value) {
    const text = typeof value === 'object' || typeof value === 'function' ? undefined : String(value)
    return text !== undefined && isStorable(text) ? text : undefined
  },
  number(value) {
    const number =
      typeof value === 'number' ? value : typeof value === 'object' || value === '' ? Number.NaN : Number(value)
    return Number.isFinite(number) ? number : undefined
  },
  boolean(value) {
    if (typeof value === 'boolean') return value
    if (value === 1 || value === 'true') return true
    return value === 0 || value === 'false' ? false : undefined
  },
  date(value) {
    const date =
      value instanceof Date
        ? value
        : typeof value === 'string' || typeof value === 'number'
          ? new Date(value)
          : undefined
    return date && !Number.isNaN(date.getTime()) ? date : undefined
  },
  json(value) {
    return value
  },
}

/**
 * The logical form of a value that is not null.
 * @throws UnstorableValue
 */
export function logical(table: Table, name: string, kind: Kind, value: unknown): unknown {
  const fitting = fit[kind](value)
  if (fitting === undefined) throw new UnstorableValue(table.name, name)
  return fitting
}

/** @throws Error for a field that the table does not have. */
export function noField(table: Table, name: string): never {
  throw new Error(`table ${table.name} has no field ${name}`)
}

/** The value of a field in a row to be inserted: what is given, else its default, else null. */
export function insertValue(table: Table, name: string, field: Field, given: unknown): unknown {
  let value = given
  if (value === undefined) value = typeof field.defaultValue === 'function' ? field.defaultValue() : field.defaultValue
  if (value !== undefined && value !== null) return value
  if (field.required !== false) throw new Error(`${table.name}.${name} is required`)
  return null
}

/** A patch without fields set to `undefined`, and with what changes at every update. */
export function patchOf(table: Table, patch: object): Map<string, unknown> {
  const changes = new Map<string, unknown>()
  for (const [name, value] of Object.entries(patch)) {
    if (name === 'id') throw new Error(`${table.name}.id cannot be changed`)
    const field = Object.hasOwn(table.fields, name) ? table.fields[name] : undefined
    if (!field) noField(table, name)
    if (value === null && field.required !== false) throw new Error(`${table.name}.${name} is required`)
    if (value !== undefined) changes.set(name, value)
  }
  for (const [name, field] of Object.entries(table.fields)) {
    if (field.onUpdate && !changes.has(name)) changes.set(name, field.onUpdate())
  }
  return changes
}
