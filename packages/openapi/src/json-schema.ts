/** What a Standard Schema says, as JSON Schema: each library by its own converter. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import type { SchemaObject } from './document.ts'

/** What comes in, or what goes out. */
export type Direction = 'input' | 'output'

/** The app's own word on a schema; undefined leaves it to the library's converter. */
export type Convert = (schema: StandardSchemaV1, direction: Direction) => SchemaObject | undefined

/** Marks a schema that JSON Schema has no words for: the value is what it was. */
export const untold = '~untold'

const target = 'draft-2020-12'
/** JSON has no dates: they travel as text. */
const date = { type: 'string', format: 'date-time' } as const
const nothing = { not: {} }

interface JsonSchemaMethods {
  readonly [direction: string]: (options: { readonly target: string; readonly libraryOptions?: object }) => SchemaObject
}

export function jsonSchemaOf(schema: StandardSchemaV1, direction: Direction, convert?: Convert): SchemaObject {
  const { vendor, jsonSchema } = schema['~standard'] as StandardSchemaV1['~standard'] & {
    readonly jsonSchema?: JsonSchemaMethods
  }
  try {
    const said = convert?.(schema, direction)
    if (said) return said
    if (vendor === 'valibot') return ofValibot(schema as v.GenericSchema, direction)
    const told = jsonSchema?.[direction]?.({ target, libraryOptions: libraryOptions[vendor] ?? {} })
    return told ?? { [untold]: `a schema of ${vendor}` }
  } catch (error) {
    return { [untold]: `a schema of ${vendor} (${error instanceof Error ? error.message : error})` }
  }
}

function ofValibot(schema: v.GenericSchema, typeMode: Direction): SchemaObject {
  const config: ConversionConfig = {
    target,
    typeMode,
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema: { type }, errors }) => {
      if (!errors) return undefined
      if (type === 'date') return { ...date }
      return type === 'undefined' || type === 'void' || type === 'never' ? nothing : marked(`v.${type}()`)
    },
    // A check only narrows what is told already. A transformation makes something else of it.
    overrideAction: ({ valibotAction: { kind, type }, errors, jsonSchema }) =>
      errors ? (kind === 'transformation' ? marked(`v.${type}()`) : jsonSchema) : undefined,
  }
  return toJsonSchema(schema, config) as SchemaObject
}

const marked = (what: string) => ({ [untold]: what }) as object

interface ZodOverride {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string; readonly catchall?: unknown } } }
  readonly jsonSchema: Record<string, unknown>
}

const untoldByZod = new Set(['bigint', 'symbol', 'map', 'set', 'function', 'custom', 'transform', 'nan', 'file'])

/** By vendor: what each is to make of what JSON does not have. */
const libraryOptions: Readonly<Record<string, object>> = {
  zod: {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }: ZodOverride) => {
      const { type, catchall } = zodSchema._zod.def
      // Zod closes what it has stripped. A reply may grow, and a schema is to be one, whichever way it goes.
      if (type === 'object' && catchall === undefined) delete jsonSchema.additionalProperties
      if (type === 'date') Object.assign(jsonSchema, date)
      else if (type === 'undefined' || type === 'void') Object.assign(jsonSchema, nothing)
      else if (untoldByZod.has(type) && Object.keys(jsonSchema).length === 0) jsonSchema[untold] = `z.${type}()`
    },
  },
  arktype: {
    fallback: {
      date: () => ({ ...date }),
      morph: () => marked('a morph'),
      domain: ({ domain }: { readonly domain: string }) => marked(`type("${domain}")`),
      proto: ({ proto }: { readonly proto: { readonly name: string } }) => marked(`type("${proto.name}")`),
      unit: ({ unit }: { readonly unit: unknown }) => (unit === undefined ? nothing : marked('a unit')),
      default: ({ base }: { readonly base: object }) => base,
    },
  },
}

/** Whether nothing at all is as good as a value. */
export function takesNothing(schema: StandardSchemaV1): boolean {
  const result = schema['~standard'].validate(undefined)
  return !(result instanceof Promise) && result.issues === undefined
}
