import { describe, expect, it } from 'vitest'
import { APIError } from '../lib/errors.ts'
import type { Field, FieldType } from '../store/table.ts'
import { type InputAct, inputOf } from './input.ts'

type Validator = NonNullable<NonNullable<Field['validator']>['input']>

/** A validator that answers this. */
const answering = (answer: ReturnType<Validator['~standard']['validate']>): Field['validator'] => ({
  input: { '~standard': { version: 1, vendor: 'test', validate: () => answer } },
})

/** What is kept of a body whose one field is `it`. */
const kept = (field: Field, body: Readonly<Record<string, unknown>>, act: InputAct = 'create') =>
  inputOf({ it: field })(body, act)

/** The body of the error with which it is refused. */
function refusal(field: Field, body: Readonly<Record<string, unknown>>, act?: InputAct) {
  try {
    return { kept: kept(field, body, act) }
  } catch (error) {
    if (error instanceof APIError) return error.body
    throw error
  }
}

const date = new Date(Date.UTC(2026, 0, 2))

const accepted: readonly [FieldType, unknown, unknown?][] = [
  ['string', 'text'],
  ['string', ''],
  [['red', 'blue'], 'blue'],
  ['number', 0],
  ['number', -1.5],
  ['number', ' 42 ', 42],
  ['boolean', true],
  ['boolean', false],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['date', date],
  ['date', '2026-01-02', date],
  ['date', '2028-02-29', new Date(Date.UTC(2028, 1, 29))],
  ['date', '2026-01-02T01:00:00.000+01:00', date],
  ['string[]', ['a', 'b']],
  ['string[]', []],
  ['number[]', [1, 2.5]],
  ['number[]', []],
  ['json', { any: ['thing', 1] }],
]

it.each(accepted)('a %j takes %j', (type, given, taken = given) => {
  expect(kept({ type }, { it: given })).toStrictEqual({ it: taken })
})

const expected = (what: string, received: string) => `expected ${what}, received ${received}`

const refused: readonly [FieldType, unknown, string][] = [
  ['string', 1, expected('string', 'number')],
  ['string', ['a'], expected('string', 'array')],
  ['string', 'a\0b', 'not plain text'],
  ['string', 'a\ud800b', 'not plain text'],
  ['number', '', expected('number', 'string')],
  ['number', ' ', expected('number', 'string')],
  ['number', 'one', expected('number', 'string')],
  ['number', true, expected('number', 'boolean')],
  ['number', ['1'], expected('number', 'array')],
  ['number', Number.POSITIVE_INFINITY, expected('number', 'number')],
  ['boolean', 1, expected('boolean', 'number')],
  ['boolean', '', expected('boolean', 'string')],
  ['boolean', {}, expected('boolean', 'object')],
  ['date', 'tomorrow', expected('date', 'string')],
  ['date', '2026-13-01', expected('date', 'string')],
  ['date', '2026-02-29', expected('date', 'string')],
  ['date', '2026-04-31T10:00:00Z', expected('date', 'string')],
  ['date', new Date(Number.NaN), expected('date', 'object')],
  ['date', 0, expected('date', 'number')],
  ['date', ['2026-01-02'], expected('date', 'array')],
  ['string[]', 'a', expected('array', 'string')],
  ['string[]', ['a', 1], expected('array', 'array')],
  ['string[]', ['a', 'b\0'], 'not plain text'],
  ['number[]', 1, expected('array', 'number')],
  ['number[]', [1, '2'], expected('array', 'array')],
]

it.each(refused)('a %j refuses %j', (type, given, why) => {
  expect(refusal({ type }, { it: given })).toEqual({
    code: 'VALIDATION_ERROR',
    message: `[body.it] Invalid input: ${why}`,
  })
})

it.each(['green', 1])('a list of literals refuses %j and names them', (given) => {
  expect(refusal({ type: ['red', 'blue'] }, { it: given })).toEqual({
    code: 'VALIDATION_ERROR',
    message: '[body.it] Invalid option: expected one of "red"|"blue"',
  })
})

describe('null', () => {
  it('is refused by a field that may not be empty', () => {
    const error = { code: 'VALIDATION_ERROR', message: 'it must not be null' }
    expect(refusal({ type: 'json' }, { it: null })).toEqual(error)
    expect(refusal({ type: 'json', required: true }, { it: null })).toEqual(error)
  })

  it('is taken by one that may, and neither validated nor transformed', () => {
    const field: Field = {
      type: 'string',
      required: false,
      validator: answering({ issues: [] }),
      transform: { input: () => 'transformed' },
    }
    expect(kept(field, { it: null })).toEqual({ it: null })
  })
})

describe('a field that is not given', () => {
  it.each<Partial<Field>>([{}, { required: true }, { input: true }])('is demanded at creation: %j', (field) => {
    expect(refusal({ type: 'string', ...field }, {})).toEqual({ code: 'MISSING_FIELD', message: 'it is required' })
  })

  it.each<Partial<Field>>([{ required: false }, { defaultValue: 'a' }, { input: false }])(
    'is not demanded at creation: %j',
    (field) => {
      expect(kept({ type: 'string', ...field }, {})).toEqual({})
    },
  )

  it('is not demanded by an update', () => {
    expect(kept({ type: 'string' }, {}, 'update')).toEqual({})
  })
})

describe('a validator', () => {
  it('refuses with the message of its first issue', () => {
    const validator = answering({ issues: [{ message: 'too short' }, { message: 'too plain' }] })
    expect(refusal({ type: 'string', validator }, { it: 'a' })).toEqual({
      code: 'VALIDATION_ERROR',
      message: 'too short',
    })
  })

  it('that refuses without an issue has a message too', () => {
    expect(refusal({ type: 'string', validator: answering({ issues: [] }) }, { it: 'a' })).toEqual({
      code: 'VALIDATION_ERROR',
      message: 'Validation Error',
    })
  })
})
