/** Primary keys as sessions hold them: text, in the one form that Python prints. */
import type { Dialect, SqlParameter } from '../sql/driver.ts'
import { exactInteger, isStorable } from '../sql/parameters.ts'
import type { Column } from '../sql/tables.ts'

/** Bits of the integers that PostgreSQL's columns hold: greater ones are an error there. */
const BITS: Readonly<Record<string, number>> = { smallint: 16, integer: 32 }

/** What finds the row of a key; `null` for what is not exactly a key's text. */
export function keyOf(dialect: Dialect, column: Column, id: string): SqlParameter {
  switch (column.kind) {
    case 'integer': {
      if (!/^(0|-?[1-9]\d{0,18})$/.test(id)) return null
      const key = BigInt(id)
      const bits = (dialect === 'postgresql' && BITS[column.declared]) || 64
      return BigInt.asIntN(bits, key) === key ? exactInteger(key) : null
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
