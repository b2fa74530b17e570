/** A table value bound to one database: which column holds which field, and how values go there and back. */

import type { Field, Table } from './table.ts'
import { noField } from './values.ts'

/** What a driver is given. Nothing else ever reaches one. */
export type Parameter = unknown

/** How one column writes and reads its field. Null is never passed. */
export interface Codec {
  readonly encode: (value: unknown) => Parameter
  /** The value to compare with, where that is not what a row would hold. */
  readonly match?: ((value: unknown) => Parameter) | undefined
  /** Left out: the database's value is the logical one. */
  readonly decode?: ((raw: unknown) => unknown) | undefined
}

export interface Column extends Codec {
  readonly field: string
  readonly spec: Field
  /** The column's name; `undefined` where the database does not have this extra: it reads as null, writes go nowhere. */
  readonly name: string | undefined
}

/** A column that is not ours but must be written. */
export interface Filler {
  readonly name: string
  readonly at: 'insert' | 'update'
  /** From the logical row to be inserted, or the changes of an update. */
  readonly value: (row: ReadonlyMap<string, unknown>) => Parameter
}

/** One statement: its text, and which parameter stands at which place (`undefined`: each once, in order). */
export interface Plan {
  readonly text: string
  readonly order: readonly number[]
  readonly inOrder: boolean
  readonly writes: boolean
}

export interface Mapping {
  readonly table: Table
  readonly tableName: string
  /** `id` first. */
  readonly columns: readonly Column[]
  readonly byField: ReadonlyMap<string, Column>
  readonly fillers: readonly Filler[]
  /** Statements by shape. */
  readonly plans: Map<string, Plan>
  /** Joins of this table, on its left. */
  readonly joins: JoinPlan[]
  /** A row without its values. */
  readonly blank: Readonly<Record<string, unknown>>
}

/** A join and what it is known by: kept apart from other statements so that finding one builds no text. */
export interface JoinPlan {
  readonly to: Mapping
  readonly left: string
  readonly right: string
  /** The shapes of the clauses for both sides; empty without one. */
  readonly where: string
  readonly rightWhere: string
  readonly plan: Plan
}

export function makeMapping(
  table: Table,
  tableName: string,
  columns: readonly Column[],
  fillers: readonly Filler[],
): Mapping {
  const byField = new Map(columns.map((column) => [column.field, column]))
  // A copy of an object that is parsed whole takes half the time and memory of one that grows name by name.
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(columns.map(({ field }) => [field, null]))))
  return { table, tableName, columns, byField, fillers, plans: new Map(), joins: [], blank }
}

export function columnOf(mapping: Mapping, field: string): Column {
  return mapping.byField.get(field) ?? noField(mapping.table, field)
}

/** A raw row, or a part of one that starts at `offset`, as a logical row. */
export function decodeRow(mapping: Mapping, raw: ArrayLike<unknown>, offset = 0): Record<string, unknown> {
  const row = { ...mapping.blank }
  const columns = mapping.columns
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column
    const value = raw[offset + i]
    if (value !== null && value !== undefined) row[column.field] = column.decode ? column.decode(value) : value
  }
  return row
}
