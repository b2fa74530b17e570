/** Primary keys as sessions hold them: text, in the one form that Python prints. */
import type { SqlParameter } from '../sql/driver.ts'
import { exactInteger, isStorable } from '../sql/parameters.ts'
import type { Column } from '../sql/tables.ts'

/** Bits of the integers that columns hold: greater ones are an error to PostgreSQL. */
const BITS: readonly (readonly [RegExp, bigint])[] = [
  [/^(smallint|smallserial)/i, 16n],
  [/^(int|integer|serial)\b/i, 32n],
]

/** What finds the row of a key; `null` for what is not exactly a key's text. */
export function keyOf(column: Column, id: string): SqlParameter {
  switch (column.kind) {
    case 'integer': {
      if (!/^(0|-?[1-9]\d{0,18})$/.test(id)) return null
      const key = BigInt(id)
      const bits = BITS.find(([declared]) => declared.test(column.declared))?.[1] ?? 64n
      return BigInt.asIntN(Number(bits), key) === key ? exactInteger(key) : null
    }
    case 'uuid': {
      if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id)) return null
      return column.declared.toLowerCase() === 'uuid' ? id : id.replaceAll('-', '')
    }
    case 'text':
      return id !== '' && isStorable(id) && id.length <= 2 * (column.length ?? 1000) ? id : null
    default:
      return null
  }
}
