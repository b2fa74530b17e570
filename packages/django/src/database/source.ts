/** Logical rows over one or several tables: what they are read from, and who writes them. */
import { noField, type Table } from '@keystile/core/store'
import type { Dialect, SqlParameter, SqlRow, SqlVerbs } from '../sql/driver.ts'
import type { Place, Side } from './place.ts'

export type Row = Record<string, unknown>

/** A table of the database in a query. Its alias is the side and `letter`. */
export interface Part {
  readonly letter: string
  /** In quotes. */
  readonly table: string
  /** How it meets those before it; nothing of the first. */
  readonly on?: ((side: Side) => string) | undefined
  /** Its row may be missing. */
  readonly optional?: boolean | undefined
}

/** The verbs of one statement or transaction that a logical write consists of. */
export interface Session extends SqlVerbs {
  /** All of `work` or nothing, where a failure is caught and the transaction goes on. */
  attempt<T>(work: () => Promise<T>): Promise<T>
}

/** A row to be written, every field of it. */
export type Values = ReadonlyMap<string, unknown>

export interface Source {
  readonly table: Table
  readonly places: ReadonlyMap<string, Place>
  /** The first is where rows are counted, ordered and locked. */
  readonly parts: readonly [Part, ...Part[]]
  /** What names the row among those of the first part, as SQL. */
  readonly key: (side: Side) => string
  /** Read beside the fields, under these names, for `finish` and the writes. */
  readonly extras: Readonly<Record<string, (side: Side) => string>>
  /** Rows of the first part that do not count. */
  readonly restrict?: ((side: Side) => string) | undefined
  /** Which of several rows is the first: that of the lowest key. */
  readonly ordered?: boolean | undefined
  /** The letters of the parts that a write locks. */
  readonly locks: readonly string[]
  /**
   * For MySQL, which locks every row that a query reads: what to lock instead, in this order, which is that of all who
   * write there. Rows of the tables, in quotes, are found by their column, which holds the key.
   */
  readonly lockBy?: readonly { readonly table: string; readonly column: string }[] | undefined
  /** Mends a row that was read; `null` where it does not count after all. */
  readonly finish?: ((row: Row, extra: (name: string) => unknown) => Row | null) | undefined
  /** Which fields a constraint of the database is about. */
  readonly constraints: ReadonlyMap<string, readonly string[]>
  /** Makes a new id; `undefined` where the writer does. */
  readonly newId?: (() => string) | undefined
  /** A table of its own: its statements need no transaction. */
  readonly plain?: { readonly table: string; readonly id: string } | undefined
  /** Gives the id, and what else became other than the values say. */
  insert(session: Session, values: Values): Promise<{ readonly id: string } & Row>
  /** Writes to a row that is locked. */
  change(session: Session, locked: Locked, changes: Values): Promise<void>
  /** Removes rows that are locked. */
  remove(session: Session, locked: readonly Locked[]): Promise<void>
}

export interface Locked {
  readonly key: SqlParameter
  /** In logical form; of a row that does not count what its columns say. */
  readonly row: Row
  readonly extra: (name: string) => unknown
}

/** A table that one of several sources holds a row of, told by what is known of the row. */
export interface Sources {
  readonly table: Table
  readonly all: readonly Source[]
  readonly of: (known: object) => readonly Source[]
}

export function placeOf(source: Source, field: string): Place {
  return source.places.get(field) ?? noField(source.table, field)
}

/** Names of what is read, short as every database takes them. */
const nameOf = (side: Side, index: number) => `${side}${index}`

/** The query of one side, made once. */
export interface View {
  readonly select: string
  /** The same after a write of the first part; there SQLite knows no alias. */
  readonly returning: (dialect: Dialect) => string
  /** Of the first part. */
  readonly base: string
  /** Of the others. */
  readonly tail: string
  readonly key: string
  readonly aliases: readonly string[]
  read(raw: SqlRow): Locked | null
}

const views = new WeakMap<Source, Record<Side, View>>()

export function viewOf(source: Source, side: Side): View {
  let made = views.get(source)
  if (!made) {
    made = { l: makeView(source, 'l'), r: makeView(source, 'r') }
    views.set(source, made)
  }
  return made[side]
}

function makeView(source: Source, side: Side): View {
  const places = [...source.places.values()]
  const extras = Object.entries(source.extras)
  const names = new Map(extras.map(([name], i) => [name, nameOf(side, places.length + i)]))
  const keyName = `${side}k`
  const columns = [
    `${source.key(side)} as ${keyName}`,
    ...places.map((place, i) => `${place.read(side)} as ${nameOf(side, i)}`),
    ...extras.map(([name, read]) => `${read(side)} as ${names.get(name)}`),
  ]
  const [first, ...rest] = source.parts
  const tail = rest.map(({ letter, table, on, optional }) => {
    return ` ${optional ? 'left join' : 'join'} ${table} ${side}${letter} on ${on?.(side)}`
  })
  const select = columns.join(', ')
  // No name has a dot in it.
  const bare = select.replaceAll(`${side}${first.letter}.`, '')
  return {
    select,
    returning: (dialect) => (dialect === 'sqlite' ? bare : select),
    base: `${first.table} ${side}${first.letter}`,
    tail: tail.join(''),
    key: source.key(side),
    aliases: source.locks.map((letter) => `${side}${letter}`),
    read(raw) {
      const key = raw[keyName]
      if (key === null || key === undefined) return null
      const row: Row = {}
      for (let i = 0; i < places.length; i++) {
        const place = places[i] as Place
        const value = raw[nameOf(side, i)]
        row[place.field] = value === null || value === undefined ? null : place.decode(value)
      }
      return { key: key as SqlParameter, row, extra: (name) => raw[names.get(name) ?? ''] }
    },
  }
}

/** The row as the verbs give it; `null` where it does not count. */
export const finished = (source: Source, found: Locked): Row | null =>
  source.finish ? source.finish(found.row, found.extra) : found.row
