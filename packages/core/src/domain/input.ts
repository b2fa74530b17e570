/**
 * What clients may write into additional fields: compiled once from a table. Values are checked against the field's
 * type (texts that say a number, a boolean or a date, as forms send them, are taken for it), then against the field's
 * own validator.
 */
import { APIError, apiError } from '../lib/errors.ts'
import type { Field, Fields } from '../store/table.ts'
import { baseCodes } from './codes.ts'

export type InputAct = 'create' | 'update'

/** The accepted values of the declared fields; undeclared keys are dropped. */
export type InputParser = (body: Readonly<Record<string, unknown>>, act: InputAct) => Record<string, unknown>

export function inputOf(fields: Fields): InputParser {
  const entries = Object.entries(fields)
  return (body, act) => {
    const values: Record<string, unknown> = {}
    for (const [name, field] of entries) {
      const given = Object.hasOwn(body, name) ? body[name] : undefined
      if (given === undefined) {
        if (act === 'create' && isDemanded(field)) throw missing(name)
        continue
      }
      if (field.input === false) {
        // A default wins silently over what a client sends; anything else it may not set is refused.
        if (given && !(act === 'create' && field.defaultValue !== undefined)) throw notAllowed(name)
        continue
      }
      values[name] = accept(name, field, given)
    }
    return values
  }
}

/** A column that may not be empty and that nothing else fills. */
function isDemanded({ required, input, defaultValue }: Field): boolean {
  return required !== false && input !== false && defaultValue === undefined
}

function accept(name: string, field: Field, given: unknown): unknown {
  let value = given
  if (value === null) {
    if (field.required !== false) throw invalid(`${name} must not be null`)
    return null
  }
  const validator = field.validator?.input
  if (validator) {
    const result = validator['~standard'].validate(value)
    if (result instanceof Promise) throw apiError(baseCodes.ASYNC_VALIDATION_NOT_SUPPORTED)
    if (result.issues) throw invalid(result.issues[0]?.message ?? baseCodes.VALIDATION_ERROR.message)
    value = result.value
  } else {
    value = coerce(name, field, value)
  }
  return field.transform?.input ? field.transform.input(value) : value
}

function coerce(name: string, { type }: Field, value: unknown): unknown {
  const wrong = (expected: string) =>
    invalid(`[body.${name}] Invalid input: expected ${expected}, received ${kind(value)}`)
  if (typeof type === 'object') {
    if (typeof value === 'string' && type.includes(value)) return value
    throw invalid(`[body.${name}] Invalid option: expected one of ${type.map((l) => `"${l}"`).join('|')}`)
  }
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw wrong('string')
      return plainText(name, value)
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong('number')
      return number
    }
    case 'boolean':
      if (value === true || value === 'true') return true
      if (value === false || value === 'false') return false
      throw wrong('boolean')
    case 'date': {
      const date = value instanceof Date ? value : typeof value === 'string' && isDate(value) ? new Date(value) : null
      if (!date || Number.isNaN(date.getTime())) throw wrong('date')
      return date
    }
    case 'string[]':
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw wrong('array')
      return value.map((item) => plainText(name, item))
    case 'number[]':
      if (!Array.isArray(value) || !value.every((item) => Number.isFinite(item))) throw wrong('array')
      return value
    case 'json':
      return value
  }
}

const isoDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/

/** A day that there is: of the 31st of February, `Date` would make one in March. */
const isDate = (text: string) =>
  isoDate.test(text) && new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10))

/** Text that every database keeps as it is: no NUL, no half of a surrogate pair. */
export function plainText(name: string, value: string): string {
  if (value.includes('\0') || !value.isWellFormed()) throw invalid(`[body.${name}] Invalid input: not plain text`)
  return value
}

const kind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value)

const invalid = (message: string) => new APIError(400, { message, code: baseCodes.VALIDATION_ERROR.code })
const missing = (name: string) =>
  new APIError(400, { message: `${name} is required`, code: baseCodes.MISSING_FIELD.code })
const notAllowed = (name: string) =>
  new APIError(400, { message: `${name} is not allowed to be set`, code: baseCodes.FIELD_NOT_ALLOWED.code })
