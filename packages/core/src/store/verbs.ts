/** The verbs over SQL: a shape leads to a statement, a value to a parameter, a raw row to a logical one. */
import { type SQL, sql } from 'drizzle-orm/sql/sql'
import { remember } from '../lib/remember.ts'
import type { Dialect } from './dialect.ts'
import { type Column, columnOf, decodeRow, type Mapping, type Parameter, type Plan } from './mapping.ts'
import * as build from './statements.ts'
import type { JoinOn, ListOptions, MakeId, Verbs, Where } from './store.ts'
import type { Table } from './table.ts'
import { insertValue, logical, patchOf } from './values.ts'
import { eachTerm, isTextOperator, namesOneRow, onlyField, wholeNumber } from './where.ts'

export type RawRow = ArrayLike<unknown>
type Awaitable<T> = T | Promise<T>

/** Runs statements: on which connection, when, and what errors become is its business. */
export interface Runner {
  first(plan: Plan, params: Parameter[]): Awaitable<RawRow | undefined>
  all(plan: Plan, params: Parameter[]): Awaitable<ArrayLike<RawRow>>
  /** For statements that give no rows. */
  run(plan: Plan, params: Parameter[]): Awaitable<unknown>
}

/** What the verbs of one store share, inside and outside transactions. */
export interface SqlTables {
  readonly dialect: Dialect
  readonly mappings: ReadonlyMap<string, Mapping>
  readonly makeId: MakeId
}

export function sqlVerbs({ dialect, mappings, makeId }: SqlTables, runner: Runner): Verbs {
  const mappingOf = (table: { readonly name: string }): Mapping => {
    const mapping = mappings.get(table.name)
    if (!mapping) throw new Error(`table ${table.name} is not part of this store`)
    return mapping
  }
  const planOf = (mapping: Mapping, shape: string, writes: boolean, text: (next: build.Next) => SQL): Plan => {
    return mapping.plans.get(shape) ?? remember(mapping.plans, shape, build.compile(dialect, writes, text))
  }
  const conditions = (mapping: Mapping, where: object, next: build.Next, of?: SQL) =>
    build.conditions(dialect, mapping, where, next, of)
  const joined = (from: Mapping, to: Mapping, on: JoinOn, where: object, rightWhere: object | undefined): Plan =>
    build.compile(dialect, false, (next) => {
      const [l, r] = [sql.raw('l'), sql.raw('r')]
      const meet = sql`${build.expression(columnOf(from, on.left), l)} = ${build.expression(columnOf(to, on.right), r)}`
      const met = rightWhere ? sql`${meet} and ${conditions(to, rightWhere, next, r)}` : meet
      return sql`select ${build.columns(from, l)}, ${build.columns(to, r)} from ${build.name(from)} ${l} left join ${build.name(to)} ${r} on ${met} where ${conditions(from, where, next, l)} limit 1`
    })
  /** Appends the values of both clauses to `params`. Every request that has a session asks this. */
  const planOfJoin = (
    from: Mapping,
    to: Mapping,
    { left, right }: JoinOn,
    where: object,
    rightWhere: object | undefined,
    params: Parameter[],
  ): Plan => {
    const rightShape = rightWhere ? bind(to, rightWhere, params) : ''
    const shape = bind(from, where, params)
    for (const known of from.joins) {
      if (known.to !== to || known.left !== left || known.right !== right) continue
      if (known.where === shape && known.rightWhere === rightShape) return known.plan
    }
    const plan = joined(from, to, { left, right }, where, rightWhere)
    from.joins.push({ to, left, right, where: shape, rightWhere: rightShape, plan })
    return plan
  }
  /** The condition that holds for one row that `where` finds. */
  const oneRow = (mapping: Mapping, where: object, next: build.Next) => {
    const found = conditions(mapping, where, next)
    const isUnique = (field: string) => columnOf(mapping, field).spec.unique === true
    return namesOneRow(where, isUnique) ? found : build.within(mapping, found, sql`1`)
  }
  const rowOrNull = <Row>(mapping: Mapping, raw: RawRow | undefined) => (raw ? (decodeRow(mapping, raw) as Row) : null)

  /** Rows written are read to the end: only then is the statement committed. */
  const change = async (plan: Plan, params: Parameter[]) => (await runner.all(plan, params))[0]
  const countChanged = async (plan: Plan, params: Parameter[]) => (await runner.all(plan, params)).length

  const verbs: Verbs = {
    async find<Row extends object>(table: Table<Row>, where: Where<Row>) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const plan = planOf(mapping, `find ${bind(mapping, where, params)}`, false, (next) => {
        return sql`select ${build.columns(mapping)} from ${build.name(mapping)} where ${conditions(mapping, where, next)} limit 1`
      })
      return rowOrNull<Row>(mapping, await runner.first(plan, params))
    },

    async join<L extends object, R extends object>(
      left: Table<L>,
      where: Where<L>,
      right: Table<R>,
      on: JoinOn,
      rightWhere?: Where<R> | undefined,
    ) {
      const from = mappingOf(left)
      const to = mappingOf(right)
      const params: Parameter[] = []
      const plan = planOfJoin(from, to, on, where, rightWhere, params)
      const found = runner.first(plan, params)
      // Waiting for what is there already would cost as much as decoding it.
      const raw = found instanceof Promise ? await found : found
      if (!raw) return null
      const offset = from.columns.length
      const other = raw[offset] === null ? null : (decodeRow(to, raw, offset) as R)
      return [decodeRow(from, raw) as L, other] as const
    },

    async list<Row extends object>(table: Table<Row>, where: Where<Row>, options: ListOptions<Row> = {}) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const { orderBy } = options
      const direction = orderBy?.direction === 'desc' ? 'desc' : 'asc'
      const offset = wholeNumber('offset', options.offset)
      const limit = wholeNumber('limit', options.limit) ?? (offset ? Number.MAX_SAFE_INTEGER : undefined)
      const order = orderBy ? `${orderBy.field} ${direction}` : ''
      const shape = `list ${bind(mapping, where, params)} by ${order} ${limit === undefined ? '' : 'limit'} ${offset ? 'offset' : ''}`
      if (limit !== undefined) params.push(limit)
      if (offset) params.push(offset)
      const plan = planOf(mapping, shape, false, (next) => {
        const parts = [
          sql`select ${build.columns(mapping)} from ${build.name(mapping)} where ${conditions(mapping, where, next)}`,
        ]
        if (orderBy) {
          parts.push(sql` order by ${build.expression(columnOf(mapping, orderBy.field))} ${sql.raw(direction)}`)
        }
        if (limit !== undefined) parts.push(sql` limit ${next()}`)
        if (offset) parts.push(sql` offset ${next()}`)
        return sql.join(parts)
      })
      return Array.from(await runner.all(plan, params), (raw) => decodeRow(mapping, raw) as Row)
    },

    async count<Row extends object>(table: Table<Row>, where: Where<Row>) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const plan = planOf(mapping, `count ${bind(mapping, where, params)}`, false, (next) => {
        return sql`select count(*) from ${build.name(mapping)} where ${conditions(mapping, where, next)}`
      })
      return Number((await runner.first(plan, params))?.[0])
    },

    async insert<Row extends object>(table: Table<Row>, row: Partial<Row>) {
      const mapping = mappingOf(table)
      const { id, names, params, written } = bindRow(mapping, row, makeId)
      if (id === undefined) {
        const plan = planOf(mapping, 'insert', true, (next) => {
          return sql`${build.insertStatement(mapping, names, next)}${build.returningId(mapping)}`
        })
        written[0] = (await change(plan, params))?.[0]
      } else {
        const plan = planOf(mapping, 'insert id', true, (next) => build.insertStatement(mapping, names, next))
        await runner.run(plan, params)
      }
      return decodeRow(mapping, written) as Row
    },

    async insertIf<Row extends object, Other extends object>(
      table: Table<Row>,
      row: Partial<Row>,
      other: Table<Other>,
      where: Where<Other>,
    ) {
      const mapping = mappingOf(table)
      const holder = mappingOf(other)
      const { id, names, params, written } = bindRow(mapping, row, makeId)
      const shape = `insert ${id === undefined ? '' : 'id'} if ${other.name} ${bind(holder, where, params)}`
      const plan = planOf(mapping, shape, true, (next) => {
        const found = () => conditions(holder, where, next)
        return sql`${build.insertIfStatement(mapping, names, holder, found, next)}${build.returningId(mapping)}`
      })
      const made = await change(plan, params)
      if (!made) return null
      written[0] ??= made[0]
      return decodeRow(mapping, written) as Row
    },

    async update<Row extends object>(table: Table<Row>, where: Where<Row>, patch: Partial<Row>) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const names = bindPatch(mapping, patchOf(mapping.table, patch), params)
      if (names.length === 0) return verbs.find(table, where)
      const plan = planOf(mapping, `update ${names} where ${bind(mapping, where, params)}`, true, (next) => {
        return sql`update ${build.name(mapping)} set ${build.assignments(names, next)} where ${oneRow(mapping, where, next)} returning ${build.columns(mapping)}`
      })
      return rowOrNull<Row>(mapping, await change(plan, params))
    },

    async updateAll<Row extends object>(table: Table<Row>, where: Where<Row>, patch: Partial<Row>) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const names = bindPatch(mapping, patchOf(mapping.table, patch), params)
      if (names.length === 0) return verbs.count(table, where)
      const plan = planOf(mapping, `updateAll ${names} where ${bind(mapping, where, params)}`, true, (next) => {
        return sql`update ${build.name(mapping)} set ${build.assignments(names, next)} where ${conditions(mapping, where, next)} returning 1`
      })
      return countChanged(plan, params)
    },

    async remove<Row extends object>(
      table: Table<Row>,
      where: Where<Row>,
      options: { readonly limit?: number | undefined } = {},
    ) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const limit = wholeNumber('limit', options.limit)
      const shape = `remove ${limit === undefined ? '' : 'some'} where ${bind(mapping, where, params)}`
      if (limit !== undefined) params.push(limit)
      const plan = planOf(mapping, shape, true, (next) => {
        const found = conditions(mapping, where, next)
        const meant = limit === undefined ? found : build.within(mapping, found, next())
        return sql`delete from ${build.name(mapping)} where ${meant} returning 1`
      })
      return countChanged(plan, params)
    },

    async consume<Row extends object>(table: Table<Row>, where: Where<Row>) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const plan = planOf(mapping, `consume ${bind(mapping, where, params)}`, true, (next) => {
        return sql`delete from ${build.name(mapping)} where ${oneRow(mapping, where, next)} returning ${build.columns(mapping)}`
      })
      return rowOrNull<Row>(mapping, await change(plan, params))
    },

    async increment<Row extends object>(
      table: Table<Row>,
      where: Where<Row>,
      by: { readonly [K in keyof Row]?: number },
      set: Partial<Row> = {},
    ) {
      const mapping = mappingOf(table)
      const params: Parameter[] = []
      const counters: string[] = []
      for (const [field, amount] of Object.entries<unknown>(by)) {
        const { name, spec } = columnOf(mapping, field)
        if (spec.type !== 'number') throw new Error(`${table.name}.${field} is not a number`)
        if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new Error(`no number to add to ${field}`)
        if (name === undefined) continue
        counters.push(name)
        params.push(amount)
      }
      const names = bindPatch(mapping, patchOf(mapping.table, set), params)
      if (counters.length + names.length === 0) return verbs.find(table, where)
      const plan = planOf(
        mapping,
        `increment ${counters} ${names} where ${bind(mapping, where, params)}`,
        true,
        (next) => {
          const changes = counters.map(
            (name) => sql`${sql.identifier(name)} = coalesce(${sql.identifier(name)}, 0) + ${next()}`,
          )
          if (names.length > 0) changes.push(build.assignments(names, next))
          return sql`update ${build.name(mapping)} set ${sql.join(changes, sql`, `)} where ${oneRow(mapping, where, next)} returning ${build.columns(mapping)}`
        },
      )
      return rowOrNull<Row>(mapping, await change(plan, params))
    },
  }
  return verbs
}

/** A row to be inserted: what goes to which column, and what a reader would get. */
function bindRow(mapping: Mapping, row: object, makeId: MakeId) {
  const given = new Map<string, unknown>(Object.entries(row))
  for (const field of given.keys()) columnOf(mapping, field)
  const id = given.get('id') ?? makeId(mapping.table.name)
  given.set('id', id)
  // What is written is what a reader would get: nothing need be asked of the database but an id of its own making.
  const written: unknown[] = []
  const names: string[] = []
  const params: Parameter[] = []
  for (const [i, column] of mapping.columns.entries()) {
    const { field } = column
    if (field === 'id' && id === undefined) continue
    const value = insertValue(mapping.table, field, column.spec, given.get(field))
    given.set(field, value)
    if (column.name === undefined) continue
    const encoded = value === null ? null : column.encode(value)
    names.push(column.name)
    params.push(encoded)
    written[i] = encoded
  }
  for (const filler of mapping.fillers) {
    if (filler.at !== 'insert') continue
    names.push(filler.name)
    params.push(filler.value(given))
  }
  return { id, names, params, written }
}

/** Appends the values of a clause to `params`, in the order of `conditions`, and gives the clause's shape. */
function bind(mapping: Mapping, where: object, params: Parameter[]): string {
  const only = onlyField(where)
  if (only !== undefined) {
    params.push(operand(columnOf(mapping, only), (where as Readonly<Record<string, unknown>>)[only]))
    return only
  }
  let shape = ''
  eachTerm(where, (field, operator, value) => {
    const column = columnOf(mapping, field)
    if (operator === 'in' || operator === 'notIn') {
      const values = value as readonly unknown[]
      const size = build.listSize(values.length)
      for (let i = 0; i < size; i++) params.push(operand(column, values[Math.min(i, values.length - 1)]))
      shape += `${field} ${operator} ${size} `
    } else if (value === null && (operator === 'eq' || operator === 'ne')) {
      shape += `${field} ${operator} null `
    } else {
      params.push(isTextOperator(operator) ? logical(mapping.table, field, 'string', value) : operand(column, value))
      shape += `${field} ${operator} `
    }
  })
  return shape
}

const operand = (column: Column, value: unknown): Parameter =>
  value === null ? null : column.match ? column.match(value) : column.encode(value)

/** Appends the values of a patch to `params` and gives the names of their columns. */
function bindPatch(mapping: Mapping, changes: ReadonlyMap<string, unknown>, params: Parameter[]): string[] {
  const names: string[] = []
  for (const [field, value] of changes) {
    const column = columnOf(mapping, field)
    if (column.name === undefined) continue
    names.push(column.name)
    params.push(value === null ? null : column.encode(value))
  }
  for (const filler of mapping.fillers) {
    if (filler.at !== 'update') continue
    names.push(filler.name)
    params.push(filler.value(changes))
  }
  return names
}
