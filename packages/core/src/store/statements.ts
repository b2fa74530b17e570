/** The SQL of the verbs, built by drizzle once for each shape. */
import { CasingCache } from 'drizzle-orm/casing'
import { type Placeholder, type SQL, sql } from 'drizzle-orm/sql/sql'
import type { Dialect } from './dialect.ts'
import type { Column, Mapping, Plan } from './mapping.ts'
import { columnOf } from './mapping.ts'
import { eachTerm, type Operator, type TextOperator } from './where.ts'

/** Gives the next parameter; they are numbered in the order in which the verb collects their values. */
export type Next = () => SQL

const casing = new CasingCache()

export function compile(dialect: Dialect, writes: boolean, build: (next: Next) => SQL): Plan {
  let count = 0
  const query = build(() => sql`${sql.placeholder(String(count++))}`).toQuery({
    casing,
    escapeName: dialect.quote,
    escapeParam: dialect.parameter,
    escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
  })
  const order = query.params.map((param) => Number((param as Placeholder).name))
  return { text: query.sql, order, inOrder: order.length === count && order.every((at, i) => at === i), writes }
}

export const name = (mapping: Mapping) => sql.identifier(mapping.tableName)
const list = (parts: SQL[]) => sql.join(parts, sql`, `)
const all = (parts: SQL[]) => (parts.length === 0 ? sql`1 = 1` : sql.join(parts, sql` and `))

/** The column as an expression. A column that the database lacks is null everywhere. */
export const expression = (column: Column, of?: SQL): SQL =>
  column.name === undefined
    ? sql`null`
    : of
      ? sql`${of}.${sql.identifier(column.name)}`
      : sql`${sql.identifier(column.name)}`

/** Every field of the row; `of` is the alias of its table in a join, where names must not meet. */
export const columns = (mapping: Mapping, of?: SQL): SQL =>
  list(
    mapping.columns.map((column, i) =>
      of ? sql`${expression(column, of)} as ${sql.identifier(`${mapping.table.name}.${i}`)}` : expression(column),
    ),
  )

const comparisons: Partial<Record<Operator, SQL>> = {
  eq: sql`=`,
  ne: sql`<>`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
}

export function conditions(dialect: Dialect, mapping: Mapping, where: object, next: Next, of?: SQL): SQL {
  const terms: SQL[] = []
  eachTerm(where, (field, operator, value) => {
    const column = expression(columnOf(mapping, field), of)
    if (value === null && operator === 'eq') terms.push(sql`${column} is null`)
    else if (value === null && operator === 'ne') terms.push(sql`${column} is not null`)
    else if (operator === 'in' || operator === 'notIn') {
      const size = listSize((value as readonly unknown[]).length)
      const values = list(Array.from({ length: size }, next))
      if (size === 0) terms.push(operator === 'in' ? sql`1 = 0` : sql`1 = 1`)
      else terms.push(operator === 'in' ? sql`${column} in (${values})` : sql`${column} not in (${values})`)
    } else {
      const comparison = comparisons[operator]
      const parameter = next()
      terms.push(
        comparison
          ? sql`${column} ${comparison} ${parameter}`
          : dialect.compareText(operator as TextOperator, column, parameter),
      )
    }
  })
  return all(terms)
}

/** Lists are filled up to the next power of two, so that few statements serve all lengths. */
export const listSize = (length: number) => (length === 0 ? 0 : 2 ** Math.ceil(Math.log2(length)))

/** The condition that holds for at most `limit` of the rows that `where` finds. */
export const within = (mapping: Mapping, where: SQL, limit: SQL) => {
  const id = expression(columnOf(mapping, 'id'))
  return sql`${id} in (select ${id} from ${name(mapping)} where ${where} limit ${limit})`
}

/** `a = ?, b = ?` of the columns by these names. */
export const assignments = (names: readonly string[], next: Next) =>
  list(names.map((column) => sql`${sql.identifier(column)} = ${next()}`))

const into = (mapping: Mapping, names: readonly string[]) =>
  sql`insert into ${name(mapping)} (${list(names.map((column) => sql`${sql.identifier(column)}`))})`

export const insertStatement = (mapping: Mapping, names: readonly string[], next: Next) =>
  sql`${into(mapping, names)} values (${list(names.map(next))})`

/** `where` is built after the values, in the order of the parameters. */
export const insertIfStatement = (
  mapping: Mapping,
  names: readonly string[],
  other: Mapping,
  where: () => SQL,
  next: Next,
) => {
  const values = list(names.map(next))
  return sql`${into(mapping, names)} select ${values} where exists (select 1 from ${name(other)} where ${where()})`
}

/** The end of an insert that tells the id, or that there is none. */
export const returningId = (mapping: Mapping) => sql` returning ${expression(columnOf(mapping, 'id'))}`
