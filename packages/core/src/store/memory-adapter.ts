/** Rows kept in plain arrays, for tests and examples. */

/** The value of `memoryAdapter`, as the `database` option takes it. */
export interface MemoryDatabase {
  readonly [memoryRows]: MemoryRows
}

/** Rows by the name of their table, in logical form: `{ user: [], session: [] }`. Missing lists are made. */
export type MemoryRows = Record<string, Record<string, unknown>[]>

export const memoryRows: unique symbol = Symbol.for('keystile.memory') as never

/**
 * A database in memory. Rows are kept in the very arrays that are passed, so that a test can look at them.
 *
 * @example createAuth({ database: memoryAdapter({ user: [], session: [] }) })
 */
export const memoryAdapter = (rows: MemoryRows): MemoryDatabase => ({ [memoryRows]: rows })
