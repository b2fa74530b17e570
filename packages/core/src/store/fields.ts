/** Short words for the fields of our own tables. */
import type { Field } from './table.ts'

const field = <const F extends Field>(f: F): F => f

/** Text, NOT NULL. */
export const text = () => field({ type: 'string', required: true })
/** Text or null. */
export const optionalText = () => field({ type: 'string', required: false })
/** A point in time, to the millisecond. */
export const instant = () => field({ type: 'date', required: true })
export const optionalInstant = () => field({ type: 'date', required: false })
export const flag = (defaultValue: boolean) => field({ type: 'boolean', required: true, defaultValue, input: false })
/** The id of a row of another table; the row goes when that one goes. */
export const ref = (model: string) =>
  field({ type: 'string', required: true, index: true, references: { model, field: 'id', onDelete: 'cascade' } })
