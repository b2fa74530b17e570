/** Schemas by name: what names itself is said once, and everywhere else by reference. */
import type { Problem } from '@keystile/core'
import type { JsonSchema, SchemaObject } from './document.ts'
import { untold } from './json-schema.ts'

export interface Components {
  /**
   * A schema as it stands in the document: its named parts by reference.
   * @param place names what refers to itself and has no name, and is told where something could not be said.
   */
  adopt(schema: SchemaObject, place: string): JsonSchema
  /** A reference to a schema of ours. */
  reference(name: string): SchemaObject
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

interface Options {
  /** Schemas of ours, made when they are first referred to. */
  readonly own: Readonly<Record<string, (components: Pick<Components, 'adopt' | 'reference'>) => JsonSchema>>
  readonly problems: Problem[]
  readonly warn: (message: string) => void
}

const single = new Set([
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'contentSchema',
  'not',
  'if',
  'then',
  'else',
])
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas'])

/** Keywords of metadata that name a schema. */
const naming = ['component', 'ref', 'id'] as const
const dropped = new Set<string>([...naming, '$schema', '$id', '$defs', 'hole'])

/** Names of definitions that libraries make up for themselves, new ones in every process. */
const madeUp = /^(?:__schema|[a-z]+)?\d+$/

export function createComponents({ own, problems, warn }: Options): Components {
  const schemas: Record<string, JsonSchema> = {}
  const texts = new Map<string, string>()

  function reference(name: string): SchemaObject {
    const make = own[name]
    if (make && !Object.hasOwn(schemas, name)) {
      schemas[name] = {}
      schemas[name] = make({ adopt, reference })
    }
    return { $ref: `#/components/schemas/${name}` }
  }

  /** Puts a schema under a name; false where another one has it. */
  function put(name: string, schema: JsonSchema): boolean {
    if (Object.hasOwn(own, name)) return false
    const text = canonical(schema)
    const known = texts.get(name)
    if (known !== undefined) return known === text
    texts.set(name, text)
    schemas[name] = schema
    return true
  }

  function adopt(root: SchemaObject, place: string): JsonSchema {
    const definitions = (root.$defs ?? {}) as Readonly<Record<string, SchemaObject>>
    const names = new Map<string, string>()
    for (const [key, definition] of Object.entries(definitions)) {
      const name =
        nameOf(definition) ?? (madeUp.test(key) ? `${place}Node${names.size === 0 ? '' : names.size + 1}` : key)
      names.set(`#/$defs/${key}`, name)
    }
    const rootName = nameOf(root) ?? (refersTo(root, '#') ? place : undefined)
    if (rootName !== undefined) names.set('#', rootName)

    for (const [key, definition] of Object.entries(definitions)) visit(definition, names.get(`#/$defs/${key}`))
    return visit(root, rootName)

    function visit(schema: JsonSchema, given?: string): JsonSchema {
      if (typeof schema === 'boolean') return schema
      if (typeof schema.hole === 'string') return reference(capital(schema.hole))
      if (untold in schema) {
        warn(`${place}: ${schema[untold]} cannot be said in JSON Schema, so the document leaves it open`)
        return {}
      }
      const { default: fallback, ...plain } = inside(schema)
      const rest = fallback === undefined ? {} : { default: fallback }
      const name = given ?? nameOf(schema)
      if (name !== undefined) {
        if (!put(name, plain)) problems.push(nameTaken(name, place))
        return { ...reference(name), ...rest }
      }
      // A title may be no more than a caption: where another schema has it, this one stays where it is.
      const title = titleOf(plain)
      if (title !== undefined && put(title, plain)) return { ...reference(title), ...rest }
      return { ...plain, ...rest }
    }

    function inside(schema: SchemaObject): Record<string, unknown> {
      const copy: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(schema)) {
        if (dropped.has(key)) continue
        const definition = key === '$ref' ? names.get(String(value)) : undefined
        if (definition !== undefined) Object.assign(copy, reference(definition))
        else if (single.has(key)) copy[key] = visit(value as JsonSchema)
        else if (lists.has(key)) copy[key] = (value as JsonSchema[]).map((one) => visit(one))
        else if (maps.has(key)) copy[key] = mapped(value as Record<string, JsonSchema>, (one) => visit(one))
        else copy[key] = value
      }
      return copy
    }
  }

  return { adopt, reference, schemas }
}

const mapped = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

function nameOf(schema: JsonSchema): string | undefined {
  if (typeof schema === 'boolean') return undefined
  for (const key of naming) {
    const name = schema[key]
    if (typeof name === 'string' && /^[\w.-]+$/.test(name)) return name
  }
  return undefined
}

/** A title that reads as the name of a type, of a schema that is worth one. */
function titleOf({ title, properties, enum: values, anyOf, oneOf, allOf }: SchemaObject): string | undefined {
  if (typeof title !== 'string' || !/^[A-Z]\w*$/.test(title)) return undefined
  return properties || values || anyOf || oneOf || allOf ? title : undefined
}

function refersTo(value: unknown, ref: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (value as SchemaObject).$ref === ref || Object.values(value).some((inner) => refersTo(inner, ref))
}

/** The same text for the same value, in whatever order its keys came. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const nameTaken = (name: string, place: string): Problem => ({
  code: 'COMPONENT_TAKEN',
  message: `${place}: a schema calls itself "${name}" in the OpenAPI document, as another one does that differs`,
  seen: `two schemas named "${name}"`,
  expected: 'a name of its own for each',
  fix: 'give one of them another name',
})
