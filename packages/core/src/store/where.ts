/** Where-clauses taken apart: one list of terms for every store. */
import type { Condition } from './store.ts'

export type Operator = keyof Condition<unknown>

export type TextOperator = Extract<Operator, 'contains' | 'startsWith' | 'notStartsWith' | 'endsWith'>

const textOperators: readonly string[] = [
  'contains',
  'startsWith',
  'notStartsWith',
  'endsWith',
] satisfies TextOperator[]

export const isTextOperator = (operator: Operator): operator is TextOperator => textOperators.includes(operator)

const operators: ReadonlySet<string> = new Set<Operator>([
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'in',
  'notIn',
  ...(textOperators as readonly TextOperator[]),
])

/** Calls `each` for every term; all must hold. */
export function eachTerm(where: object, each: (field: string, operator: Operator, value: unknown) => void): void {
  for (const field of Object.keys(where)) {
    const value = (where as Readonly<Record<string, unknown>>)[field]
    if (value === undefined) throw new Error(`where.${field} is undefined`)
    if (value === null || typeof value !== 'object' || value instanceof Date) {
      each(field, 'eq', value)
      continue
    }
    const entries = Object.entries(value)
    if (entries.length === 0) throw new Error(`where.${field} has no condition`)
    for (const [operator, operand] of entries) {
      if (!operators.has(operator)) throw new Error(`where.${field} has no operator ${operator}`)
      if (operand === undefined) throw new Error(`where.${field}.${operator} is undefined`)
      if ((operator === 'in' || operator === 'notIn') && !Array.isArray(operand)) {
        throw new Error(`where.${field}.${operator} takes a list`)
      }
      each(field, operator as Operator, operand)
    }
  }
}

/** The field of a clause that names one alone, and its value: what most clauses do. */
export function onlyField(where: object): string | undefined {
  const [field, second] = Object.keys(where)
  if (field === undefined || second !== undefined) return undefined
  const value = (where as Readonly<Record<string, unknown>>)[field]
  return value === undefined || typeof value === 'object' ? undefined : field
}

/** The clause holds at most one row: it names a value of a field that is unique by itself. */
export function namesOneRow(where: object, isUnique: (field: string) => boolean): boolean {
  let one = false
  eachTerm(where, (field, operator, value) => {
    if (operator === 'eq' && value !== null && isUnique(field)) one = true
  })
  return one
}

/** @throws Error unless it is a whole number from 0. */
export function wholeNumber(name: string, value: number | undefined): number | undefined {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    throw new Error(`${name} is not a whole number`)
  return value
}
