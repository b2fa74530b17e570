/** How values in memory compare: as they do in SQL. */
import type { Operator } from './where.ts'

/** Null compares with nothing, and is equal to null only where null itself is asked for. */
export function holds(value: unknown, operator: Operator, operand: unknown): boolean {
  if (operator === 'in') return (operand as unknown[]).some((item) => holds(value, 'eq', item) && item !== null)
  if (operator === 'notIn') return (operand as unknown[]).every((item) => item !== null && holds(value, 'ne', item))
  if (operand === null) return operator === 'eq' ? value === null : operator === 'ne' && value !== null
  if (value === null) return false
  const difference = order(value, operand)
  switch (operator) {
    case 'eq':
      return difference === 0
    case 'ne':
      return difference !== 0
    case 'lt':
      return difference < 0
    case 'lte':
      return difference <= 0
    case 'gt':
      return difference > 0
    case 'gte':
      return difference >= 0
    case 'contains':
      return String(value).includes(String(operand))
    case 'startsWith':
      return String(value).startsWith(String(operand))
    case 'notStartsWith':
      return !String(value).startsWith(String(operand))
    case 'endsWith':
      return String(value).endsWith(String(operand))
  }
}

/** The order of two values of one field; null comes first. */
export function order(a: unknown, b: unknown): number {
  const [x, y] = [a, b].map((value) => {
    if (value instanceof Date) return value.getTime()
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  })
  if (x === y) return 0
  if (x === null || x === undefined) return -1
  if (y === null || y === undefined) return 1
  return x < y ? -1 : 1
}
