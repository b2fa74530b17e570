/** What may be bound. Drivers make much of objects, and some of them SQL. */
import type { SqlParameter } from './driver.ts'

const bindable = new Set(['string', 'number', 'bigint', 'boolean'])

/** Whether a text comes back from every database as it was bound: some cut it at a NUL, or mend half a pair. */
export const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed()

/** @throws TypeError for what no statement can bind. */
export function checkParameters(parameters: readonly SqlParameter[]): void {
  for (const value of parameters) {
    if (value !== null && !bindable.has(typeof value)) throw new TypeError(`No ${typeof value} can be bound`)
    if (typeof value === 'string' && !isStorable(value)) throw new TypeError('A text with a NUL or half a pair')
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`No ${value} can be bound`)
  }
}

/** An integer as a number where that holds it exactly. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
