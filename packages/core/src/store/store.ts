/**
 * What every store can do. Rows are logical: field names of the table value, `Date` for dates, `boolean` for booleans,
 * text ids. A store knows nothing of users or sessions.
 */
import type { Table } from './table.ts'

/** What a field is compared with; several conditions of one field must all hold. */
export interface Condition<T> {
  readonly eq?: T | undefined
  readonly ne?: T | undefined
  readonly lt?: T | undefined
  readonly lte?: T | undefined
  readonly gt?: T | undefined
  readonly gte?: T | undefined
  readonly in?: readonly T[] | undefined
  readonly notIn?: readonly T[] | undefined
  readonly contains?: string | undefined
  readonly startsWith?: string | undefined
  readonly notStartsWith?: string | undefined
  readonly endsWith?: string | undefined
}

/** All entries must hold. A plain value means equality, `null` means IS NULL; a key set to `undefined` is an error. */
export type Where<Row> = { readonly [K in keyof Row]?: Row[K] | Condition<Row[K]> }

export interface ListOptions<Row> {
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly orderBy?: { readonly field: keyof Row & string; readonly direction: 'asc' | 'desc' } | undefined
}

/** How two tables meet in `join`: `left[on.left] = right[on.right]`. */
export interface JoinOn {
  readonly left: string
  readonly right: string
}

/** The verbs inside and outside a transaction. */
export interface Verbs {
  find<Row extends object>(table: Table<Row>, where: Where<Row>): Promise<Row | null>
  /**
   * The first row of `left` that matches, with its row of `right` (`null` if none): one statement, prepared once.
   * `rightWhere` narrows which right row counts, not whether the left one is found.
   */
  join<L extends object, R extends object>(
    left: Table<L>,
    where: Where<L>,
    right: Table<R>,
    on: JoinOn,
    rightWhere?: Where<R> | undefined,
  ): Promise<readonly [L, R | null] | null>
  list<Row extends object>(table: Table<Row>, where: Where<Row>, options?: ListOptions<Row> | undefined): Promise<Row[]>
  count<Row extends object>(table: Table<Row>, where: Where<Row>): Promise<number>
  /**
   * Writes one row and returns it whole. A missing `id` is made by the store's id policy; fields left out take
   * `defaultValue`, else NULL.
   * @throws UniqueViolation when a unique column or index already holds the value.
   */
  insert<Row extends object>(table: Table<Row>, row: Partial<Row>): Promise<Row>
  /**
   * Writes one row as `insert` does if `other` has a row that matches, else nothing and gives `null`. One statement: no
   * change of the row that was found comes between, so what makes it match no more is wholly before or after.
   */
  insertIf<Row extends object, Other extends object>(
    table: Table<Row>,
    row: Partial<Row>,
    other: Table<Other>,
    where: Where<Other>,
  ): Promise<Row | null>
  /** Changes at most one row (the first match) and returns it as it then is; `null` when none matched. One statement. */
  update<Row extends object>(table: Table<Row>, where: Where<Row>, patch: Partial<Row>): Promise<Row | null>
  /** Changes every matching row, returns how many. */
  updateAll<Row extends object>(table: Table<Row>, where: Where<Row>, patch: Partial<Row>): Promise<number>
  /** Deletes every matching row (at most `limit` of them), returns how many. */
  remove<Row extends object>(
    table: Table<Row>,
    where: Where<Row>,
    options?: { readonly limit?: number | undefined } | undefined,
  ): Promise<number>
  /** Deletes one row and returns it: of two racing callers one gets it, the other `null`. */
  consume<Row extends object>(table: Table<Row>, where: Where<Row>): Promise<Row | null>
  /** Adds to numeric fields of one row while `where` holds, atomically; `null` when it does not. */
  increment<Row extends object>(
    table: Table<Row>,
    where: Where<Row>,
    by: { readonly [K in keyof Row]?: number },
    set?: Partial<Row> | undefined,
  ): Promise<Row | null>
}

export interface Store extends Verbs {
  /**
   * Runs `work` in one transaction: all or nothing. Nothing but verbs of `tx` may be awaited inside. A transaction
   * inside a transaction is an error.
   */
  transaction<T>(work: (tx: Verbs) => Promise<T>): Promise<T>
  /** Connects, and creates or migrates tables where that is the store's to do. Safe to call often and in parallel. */
  ready(): Promise<void>
  /** What a moved or older database lacks, one sentence each; empty when all is well. Known after `ready`. */
  readonly findings: readonly string[]
  /** Ends connections and timers. */
  close(): Promise<void>
}

/** Two rows would have shared a value that must be unique. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation'
  readonly table: string
  /** Logical field names, as far as the database tells. */
  readonly fields: readonly string[]

  constructor(table: string, fields: readonly string[]) {
    super(`unique constraint on ${table}(${fields.join(', ')})`)
    this.table = table
    this.fields = fields
  }
}

/** The database did not answer, refused, or was busy for too long: nothing is known to be written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  /** What the person who runs the database can do about it. */
  readonly fix: string | undefined

  constructor(message: string, options: { readonly cause?: unknown; readonly fix?: string | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.fix = options.fix
  }
}

/**
 * A value that no column of its field's type can hold and give back unchanged: an object for a string, an invalid
 * date, text with NUL or half a surrogate pair. Nothing is written.
 */
export class UnstorableValue extends Error {
  override readonly name = 'UnstorableValue'
  /** Logical name of the table. */
  readonly table: string
  readonly field: string

  constructor(table: string, field: string) {
    super(`${table}.${field} cannot hold this value`)
    this.table = table
    this.field = field
  }
}

/** Makes the ids of new rows; `undefined` leaves it to the database. */
export type MakeId = (model: string) => string | undefined
