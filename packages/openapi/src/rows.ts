/** The rows of an app, as clients see and send them. */
import type { Field, Fields } from '@keystile/core'
import { type Components, capital } from './components.ts'
import type { JsonSchema, SchemaObject } from './document.ts'
import { type Convert, type Direction, jsonSchemaOf } from './json-schema.ts'

const kinds: Readonly<Record<string, SchemaObject>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date-time' },
  json: {},
  'string[]': { type: 'array', items: { type: 'string' } },
  'number[]': { type: 'array', items: { type: 'number' } },
}

/** What a field is told with: its validator's schema may have names, and places that cannot be told. */
export interface Telling {
  readonly adopt: Components['adopt']
  readonly convert: Convert | undefined
  /** What the schema is part of. */
  readonly place: string
}

/** What goes out: every field that is not kept back, `null` where there is no value. */
export function rowSchema(fields: Fields, telling: Telling): SchemaObject {
  const shown = Object.entries(fields).filter(([, field]) => field.returned !== false)
  const properties = Object.fromEntries(
    shown.map(([name, field]) => [name, field.transform?.output ? {} : valueSchema(name, field, 'output', telling)]),
  )
  return {
    type: 'object',
    properties: { id: { type: 'string' }, ...properties },
    required: ['id', ...shown.map(([name]) => name)],
  }
}

/** What clients may send of additional fields; all of it may be left out of a change. */
export function inputProperties(fields: Fields, act: 'create' | 'update', telling: Telling) {
  const taken = Object.entries(fields).filter(([, field]) => field.input !== false)
  const demanded = taken.filter(([, { required, defaultValue }]) => required !== false && defaultValue === undefined)
  return {
    properties: Object.fromEntries(taken.map(([name, field]) => [name, valueSchema(name, field, 'input', telling)])),
    required: act === 'create' ? demanded.map(([name]) => name) : [],
  }
}

function valueSchema(name: string, field: Field, direction: Direction, telling: Telling): JsonSchema {
  const { type, bigint, required } = field
  const validator = field.validator?.input
  const { adopt, convert, place } = telling
  const plain: JsonSchema = validator
    ? adopt(jsonSchemaOf(validator, direction, convert), place + capital(name))
    : typeof type === 'object'
      ? { type: 'string', enum: [...type] }
      : bigint
        ? { type: 'integer' }
        : (kinds[type] ?? {})
  return required === false ? orNull(plain) : plain
}

function orNull(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean' || Object.keys(schema).length === 0) return schema
  return typeof schema.type === 'string' && !schema.enum
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] }
}
