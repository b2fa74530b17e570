/** Queries of logical rows. */
import type { JoinOn, ListOptions } from '@keystile/core/store'
import { namesOneRow, wholeNumber } from '@keystile/core/store'
import type { SqlParameter, SqlVerbs } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import { conditions } from './conditions.ts'
import { binder, lock } from './grammar.ts'
import { finished, type Locked, placeOf, type Row, type Source, viewOf } from './source.ts'

export interface ReadOptions {
  /** Nobody else changes the rows before the transaction ends. */
  readonly locked?: boolean | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly orderBy?: ListOptions<Row>['orderBy']
}

/** The rows that a clause finds, those among them that do not count too. */
export async function read(
  verbs: SqlVerbs,
  source: Source,
  where: object,
  options: ReadOptions = {},
): Promise<Locked[]> {
  const { dialect } = verbs
  const { lockBy } = source
  if (!options.locked || !lockBy || dialect !== 'mysql') return query(verbs, source, where, options)
  const free = { ...options, locked: false }
  const keys = (await query(verbs, source, where, free)).map(({ key }) => key)
  await lockRows(verbs, lockBy, keys)
  // What they are now that nobody else changes them.
  const known = new Set(keys)
  return (await query(verbs, source, where, free)).filter(({ key }) => known.has(key))
}

/** In the order of the tables, and of the keys in each. */
export async function lockRows(
  verbs: SqlVerbs,
  tables: NonNullable<Source['lockBy']>,
  keys: readonly SqlParameter[],
): Promise<void> {
  if (keys.length === 0) return
  for (const { table, column } of tables) {
    const bound = binder(verbs.dialect)
    const name = quoteName(verbs.dialect, column)
    const marks = keys.map(bound.bind).join(', ')
    await verbs.all(
      `select ${name} from ${table} where ${name} in (${marks}) order by ${name} for update`,
      bound.parameters,
    )
  }
}

async function query(
  verbs: SqlVerbs,
  source: Source,
  where: object,
  { locked, limit, offset, orderBy }: ReadOptions,
): Promise<Locked[]> {
  const { dialect } = verbs
  const view = viewOf(source, 'l')
  const bound = binder(dialect)
  let text = `select ${view.select} from ${view.base}${view.tail} where ${conditions(dialect, source, where, 'l', bound)}`
  const by = orderBy && placeOf(source, orderBy.field)
  if (by && !by.isConstant) {
    const direction = orderBy?.direction === 'desc' ? 'desc' : 'asc'
    text += ` order by ${by.read('l')} ${direction}, ${view.key}`
  } else if (source.ordered || locked) text += ` order by ${view.key}`
  // Whole numbers, as was checked: MySQL binds none of another type here.
  if (limit !== undefined || offset) text += ` limit ${limit ?? Number.MAX_SAFE_INTEGER}`
  if (offset) text += ` offset ${offset}`
  if (locked) text += lock(dialect, view.aliases)
  const rows = await verbs.all(text, bound.parameters)
  return rows.flatMap((raw) => view.read(raw) ?? [])
}

/** The first row that counts. */
export async function first(
  verbs: SqlVerbs,
  source: Source,
  where: object,
  locked: boolean,
): Promise<{ readonly found: Locked; readonly row: Row } | null> {
  // Among several the first may be one that does not count.
  const limit = source.finish && !namesOne(source, where) ? undefined : 1
  for (const found of await read(verbs, source, where, { locked, limit })) {
    const row = finished(source, found)
    if (row) return { found, row }
  }
  return null
}

export const namesOne = (source: Source, where: object) =>
  namesOneRow(where, (field) => placeOf(source, field).spec.unique === true)

export async function list(
  verbs: SqlVerbs,
  source: Source,
  where: object,
  options: ListOptions<Row>,
  locked: boolean,
): Promise<Row[]> {
  const limit = wholeNumber('limit', options.limit)
  const offset = wholeNumber('offset', options.offset) ?? 0
  const { orderBy } = options
  if (orderBy) placeOf(source, orderBy.field)
  if (!source.finish) {
    const rows = await read(verbs, source, where, { locked, limit, offset, orderBy })
    return rows.map(({ row }) => row)
  }
  const rows = (await read(verbs, source, where, { locked, orderBy })).flatMap((found) => {
    const row = finished(source, found)
    return row ? [row] : []
  })
  return rows.slice(offset, limit === undefined ? undefined : offset + limit)
}

export async function count(verbs: SqlVerbs, source: Source, where: object): Promise<number> {
  if (source.finish) return (await list(verbs, source, where, {}, false)).length
  const { dialect } = verbs
  const view = viewOf(source, 'l')
  const bound = binder(dialect)
  const clause = conditions(dialect, source, where, 'l', bound)
  const [row] = await verbs.all(`select count(*) as n from ${view.base}${view.tail} where ${clause}`, bound.parameters)
  return Number(row?.n)
}

/** Whether the two meet in one statement: the right row is found by its first table alone. */
export function meets(right: Source, field: string, where: object): boolean {
  const [base, ...rest] = right.parts
  const ofBase = (name: string) => {
    const { part } = placeOf(right, name)
    return part === base.letter || part === undefined
  }
  return rest.every(({ optional }) => optional) && [field, ...Object.keys(where)].every(ofBase)
}

/** Each left row that a clause finds, with a right one: one statement. */
export async function join(
  verbs: SqlVerbs,
  left: Source,
  where: object,
  right: Source,
  on: JoinOn,
  rightWhere: object,
  locked: boolean,
): Promise<readonly [Row, Row | null] | null> {
  const { dialect } = verbs
  const [l, r] = [viewOf(left, 'l'), viewOf(right, 'r')]
  const bound = binder(dialect)
  const [leftOn, rightOn] = [placeOf(left, on.left).read('l'), placeOf(right, on.right).read('r')]
  const met = conditions(dialect, right, rightWhere, 'r', bound)
  const clause = conditions(dialect, left, where, 'l', bound)
  const one = !left.finish || namesOne(left, where)
  let text = `select ${l.select}, ${r.select} from ${l.base}${l.tail} left join ${r.base} on ${leftOn} = ${rightOn} and ${met}${r.tail} where ${clause}`
  if (left.ordered) text += ` order by ${l.key}`
  if (one) text += ' limit 1'
  if (locked) text += lock(dialect, l.aliases)
  for (const raw of await verbs.all(text, bound.parameters)) {
    const found = l.read(raw)
    const row = found && finished(left, found)
    if (!row) continue
    const other = r.read(raw)
    return [row, other && finished(right, other)]
  }
  return null
}
