/** The verbs of a store, over sources: each a statement, or a transaction where the row lives in several tables. */
import {
  insertValue,
  type JoinOn,
  type ListOptions,
  noField,
  patchOf,
  type Table,
  type Verbs,
  type Where,
  wholeNumber,
} from '@keystile/core/store'
import type { SqlDriver } from '../sql/driver.ts'
import { told } from './failures.ts'
import { insertIfStatement, quickly } from './quick.ts'
import { count, first, join, list, meets, read } from './reading.ts'
import { atomically, type Trace } from './session.ts'
import { finished, type Locked, placeOf, type Row, type Session, type Source, type Sources } from './source.ts'

export interface VerbsOptions {
  readonly driver: SqlDriver
  readonly trace: Trace
  readonly sources: ReadonlyMap<string, Sources>
}

/** `session`: outside of a transaction, or the one of the transaction, as `within` says. */
export function sourceVerbs({ driver, trace, sources }: VerbsOptions, session: Session, within: boolean): Verbs {
  const of = (table: { readonly name: string }): Sources => {
    const found = sources.get(table.name)
    if (!found) throw new Error(`table ${table.name} is not part of this store`)
    return found
  }

  /** Tells failures in the words of the store. */
  async function telling<T>(source: Source | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw told(error, source)
    }
  }

  /** All of `work` or nothing. */
  const whole = <T>(source: Source, work: (inner: Session) => Promise<T>): Promise<T> =>
    telling(source, () =>
      within ? session.attempt(() => work(session)) : atomically(driver, trace, (inner) => work(inner)),
    )

  /** What the first source gives that has something to give. */
  async function firstOf<T>(
    table: Table,
    known: object,
    ask: (source: Source) => Promise<T | null>,
  ): Promise<T | null> {
    for (const source of of(table).of(known)) {
      const got = await ask(source)
      if (got !== null) return got
    }
    return null
  }

  async function sumOf(table: Table, known: object, ask: (source: Source) => Promise<number>): Promise<number> {
    let sum = 0
    for (const source of of(table).of(known)) sum += await ask(source)
    return sum
  }

  const find = (table: Table, where: object) =>
    firstOf(table, where, async (source) => {
      const found = await telling(source, () => first(session, source, where, within))
      return found?.row ?? null
    })

  async function insertInto(source: Source, inner: Session, values: Map<string, unknown>): Promise<Row> {
    const made = await source.insert(inner, values)
    const row: Row = {}
    // What is written is what a reader would get.
    for (const [name, place] of source.places)
      row[name] = name in made ? made[name] : stored(place, values.get(name) ?? null)
    return source.finish?.(row, () => undefined) ?? row
  }

  async function insert(table: Table, given: object): Promise<Row> {
    const [source] = of(table).of(given)
    if (!source) throw new Error(`table ${table.name} is not part of this store`)
    const values = valuesOf(source, given)
    if (source.plain && !within) return telling(source, () => insertInto(source, session, values))
    return whole(source, (inner) => insertInto(source, inner, values))
  }

  async function insertIf(table: Table, given: object, other: Table, where: object): Promise<Row | null> {
    const [source] = of(table).of(given)
    if (!source) throw new Error(`table ${table.name} is not part of this store`)
    const values = valuesOf(source, given)
    return firstOf(other, where, async (holder) => {
      if (source.plain && !holder.finish) {
        const one = () => insertIfStatement(session, source, values, holder, where)
        const done = await telling(source, within ? () => session.attempt(one) : one)
        return done === null ? null : insertInto({ ...source, insert: async () => ({ id: done }) }, session, values)
      }
      return whole(source, async (inner) =>
        (await first(inner, holder, where, true)) ? insertInto(source, inner, values) : null,
      )
    })
  }

  /** Changes one row that is locked, and gives it as it then is. */
  async function changeOne(
    source: Source,
    where: object,
    changesOf: (row: Row) => Map<string, unknown>,
  ): Promise<Row | null> {
    return whole(source, async (inner) => {
      const locked = await first(inner, source, where, true)
      if (!locked) return null
      const changes = changesOf(locked.row)
      await source.change(inner, locked.found, changes)
      const row = { ...locked.row }
      for (const [name, value] of changes) {
        const place = placeOf(source, name)
        if (place.write(value).length > 0) row[name] = stored(place, value)
      }
      return row
    })
  }

  async function update(table: Table, where: object, patch: object): Promise<Row | null> {
    const changes = patchOf(table, patch)
    if (changes.size === 0) return find(table, where)
    return firstOf(table, where, async (source) => {
      for (const name of changes.keys()) placeOf(source, name)
      const quick = quickly(source, where, session.dialect)
      if (!quick) return changeOne(source, where, () => changes)
      return quick.change(quickSession(source), changes, new Map())
    })
  }

  /** A single statement fails by itself; within a transaction that goes on it needs a point to go back to. */
  const quickSession = (source: Source) => ({
    session,
    run: <T>(work: () => Promise<T>) => telling(source, within ? () => session.attempt(work) : work),
  })

  async function updateAll(table: Table, where: object, patch: object): Promise<number> {
    const changes = patchOf(table, patch)
    if (changes.size === 0) return sumOf(table, where, (source) => telling(source, () => count(session, source, where)))
    return sumOf(table, where, (source) =>
      whole(source, async (inner) => {
        const rows = counting(source, await read(inner, source, where, { locked: true }))
        for (const row of rows) await source.change(inner, row, changes)
        return rows.length
      }),
    )
  }

  async function remove(table: Table, where: object, most: number | undefined): Promise<number> {
    let left = wholeNumber('limit', most) ?? Number.POSITIVE_INFINITY
    return sumOf(table, where, (source) =>
      whole(source, async (inner) => {
        if (left <= 0) return 0
        const limit = Number.isFinite(left) ? left : undefined
        const rows = await read(inner, source, where, { locked: true, limit })
        if (rows.length > 0) await source.remove(inner, rows)
        left -= rows.length
        return rows.length
      }),
    )
  }

  const consume = (table: Table, where: object) =>
    firstOf(table, where, async (source) => {
      const quick = quickly(source, where, session.dialect)
      if (quick) return quick.remove(quickSession(source))
      return whole(source, async (inner) => {
        const locked = await first(inner, source, where, true)
        if (!locked) return null
        await source.remove(inner, [locked.found])
        return locked.row
      })
    })

  async function increment(table: Table, where: object, by: Readonly<Row>, set: object): Promise<Row | null> {
    const amounts = new Map<string, number>()
    for (const [name, amount] of Object.entries(by)) {
      const field = table.fields[name] ?? noField(table, name)
      if (field.type !== 'number') throw new Error(`${table.name}.${name} is not a number`)
      if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new Error(`no number to add to ${name}`)
      amounts.set(name, amount)
    }
    const changes = patchOf(table, set)
    if (changes.size + amounts.size === 0) return find(table, where)
    return firstOf(table, where, async (source) => {
      const quick = quickly(source, where, session.dialect)
      if (quick) return quick.change(quickSession(source), changes, amounts)
      return changeOne(source, where, (row) => {
        const sums = [...amounts].map(([name, amount]) => [name, Number(row[name] ?? 0) + amount] as const)
        return new Map([...changes, ...sums])
      })
    })
  }

  async function joined(left: Table, where: object, right: Table, on: JoinOn, rightWhere: object) {
    const [from, to] = [of(left).of(where), of(right).of(rightWhere)]
    const [one, other] = [from[0], to[0]]
    if (from.length === 1 && to.length === 1 && one && other && meets(other, on.right, rightWhere)) {
      return telling(one, () => join(session, one, where, other, on, rightWhere, within))
    }
    const row = await find(left, where)
    if (!row) return null
    const value = row[on.left]
    const met = value === null || value === undefined ? null : await find(right, both(rightWhere, on.right, value))
    return [row, met] as const
  }

  return {
    find: (table, where) => find(table as Table, where) as never,
    join: (left, where, right, on, rightWhere = {}) =>
      joined(left as Table, where, right as Table, on, rightWhere) as never,
    async list(table, where, options: ListOptions<never> = {}) {
      const all = of(table).of(where)
      const [only] = all
      if (all.length === 1 && only) {
        return telling(only, () => list(session, only, where, options as never, within)) as never
      }
      return listOfSeveral(all, where, options as ListOptions<Row>) as never
    },
    count: async (table, where) =>
      sumOf(table as Table, where, (source) => telling(source, () => count(session, source, where))),
    insert: (table, row) => insert(table as Table, row) as never,
    insertIf: (table, row, other, where) => insertIf(table as Table, row, other as Table, where) as never,
    update: (table, where, patch) => update(table as Table, where, patch) as never,
    updateAll: (table, where, patch) => updateAll(table as Table, where, patch),
    remove: (table, where, options = {}) => remove(table as Table, where, options.limit),
    consume: (table, where) => consume(table as Table, where) as never,
    increment: (table, where, by, set = {}) => increment(table as Table, where, by as Row, set) as never,
  }

  async function listOfSeveral(all: readonly Source[], where: object, options: ListOptions<Row>): Promise<Row[]> {
    const limit = wholeNumber('limit', options.limit)
    const offset = wholeNumber('offset', options.offset) ?? 0
    const { orderBy } = options
    const rows: Row[] = []
    for (const source of all) {
      rows.push(...(await telling(source, () => list(session, source, where, { orderBy }, within))))
    }
    if (orderBy) {
      const sign = orderBy.direction === 'desc' ? -1 : 1
      rows.sort((a, b) => sign * compare(a[orderBy.field], b[orderBy.field]))
    }
    return rows.slice(offset, limit === undefined ? undefined : offset + limit)
  }
}

/** The clause with one more condition of a field, which may have some already. */
function both(where: object, field: string, value: unknown): Where<Row> {
  const there = (where as Row)[field]
  if (there === undefined) return { ...where, [field]: value }
  const plain = there === null || typeof there !== 'object' || there instanceof Date
  return { ...where, [field]: { ...(plain ? { eq: there } : there), in: [value] } }
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [a instanceof Date ? a.getTime() : a, b instanceof Date ? b.getTime() : b] as [string, string]
  if (x === y) return 0
  if (x === null) return -1
  return y === null || x > y ? 1 : -1
}

const counting = (source: Source, rows: readonly Locked[]) => rows.filter((row) => finished(source, row) !== null)

/** What a reader of the column would get. */
function stored(place: ReturnType<typeof placeOf>, value: unknown): unknown {
  const written = place.write(value)
  const [pair] = written
  // A field that takes several columns is put together from what was given.
  if (written.length !== 1 || !pair) return value
  return pair[1] === null ? null : place.decode(pair[1])
}

/** Every field of a row to be inserted: what is given, else its default, else null. */
function valuesOf(source: Source, given: object): Map<string, unknown> {
  const row = new Map<string, unknown>(Object.entries(given))
  for (const name of row.keys()) placeOf(source, name)
  const values = new Map<string, unknown>()
  for (const [name, { spec }] of source.places) {
    values.set(
      name,
      name === 'id' ? (row.get('id') ?? source.newId?.()) : insertValue(source.table, name, spec, row.get(name)),
    )
  }
  return values
}
