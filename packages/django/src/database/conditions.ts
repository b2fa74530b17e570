/** Where-clauses as SQL. */
import { eachTerm, isTextOperator, logical, type Operator } from '@keystile/core/store'
import type { Dialect, SqlParameter } from '../sql/driver.ts'
import { type Binder, compareText } from './grammar.ts'
import type { Place, Side } from './place.ts'
import { placeOf, type Source } from './source.ts'

const NEVER = '1 = 0'
const ALWAYS = '1 = 1'

const signs: Partial<Record<Operator, string>> = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' }

/** The clause of a query, what the source itself demands included. Lists are filled up, so that few texts serve all. */
export function conditions(dialect: Dialect, source: Source, where: object, side: Side, binder: Binder): string {
  const terms = source.restrict ? [source.restrict(side)] : []
  eachTerm(where, (field, operator, value) => {
    const place = placeOf(source, field)
    const column = (place.compare ?? place.read)(side)
    const mark = (fit: SqlParameter) => (place.operand ?? same)(binder.bind(fit))
    terms.push(term({ dialect, source, place, column, mark, binder }, operator, value))
  })
  return terms.length === 0 ? ALWAYS : terms.join(' and ')
}

const same = (mark: string) => mark

interface Term {
  readonly dialect: Dialect
  readonly source: Source
  readonly place: Place
  readonly column: string
  readonly mark: (value: SqlParameter) => string
  readonly binder: Binder
}

function term({ dialect, source, place, column, mark, binder }: Term, operator: Operator, value: unknown): string {
  if (operator === 'in' || operator === 'notIn') {
    const values = (value as readonly unknown[]).flatMap((one) => (one === null ? [] : (place.match(one) ?? [])))
    if (values.length === 0) return operator === 'in' ? NEVER : ALWAYS
    const size = 2 ** Math.ceil(Math.log2(values.length))
    const marks = Array.from({ length: size }, (_, i) => mark(values[Math.min(i, values.length - 1)] ?? null))
    return `${column} ${operator === 'in' ? 'in' : 'not in'} (${marks.join(', ')})`
  }
  if (value === null) {
    if (operator === 'eq') return `${column} is null`
    return operator === 'ne' ? `${column} is not null` : NEVER
  }
  if (isTextOperator(operator)) {
    const text = logical(source.table, place.field, 'string', value) as string
    return compareText(dialect, operator, column, text, binder)
  }
  const fit = place.match(value)
  if (fit === undefined) return operator === 'ne' ? `${column} is not null` : NEVER
  return `${column} ${signs[operator]} ${mark(fit)}`
}
