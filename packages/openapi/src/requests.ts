/** What an operation takes: parameters and a body. */
import { type Components, capital } from './components.ts'
import type { Content, JsonSchema, OperationObject, Parameter, SchemaObject } from './document.ts'

/** `/notes/:id` as `/notes/{id}`. */
export const templateOf = (path: string) => path.replaceAll(/:([^/]+)/g, '{$1}')

/** Names of the parameters in a path, in its order. */
export const pathNames = (path: string) => [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => name)

/** OpenAPI has words of its own for these. */
const notParameters = new Set(['accept', 'content-type', 'authorization'])

/** The properties of an object schema as parameters of one place. */
export function parametersOf(
  schema: SchemaObject,
  where: Exclude<Parameter['in'], 'path'>,
  components: Components,
  operation: string,
): Parameter[] {
  const { properties, required } = objectOf(schema)
  return Object.entries(properties)
    .filter(([name]) => where !== 'header' || !notParameters.has(name.toLowerCase()))
    .map(([name, property]) => ({
      name,
      in: where,
      ...(required.includes(name) && { required: true }),
      ...part(property, schema, components, `${capital(operation)}${capital(name)}`),
    }))
}

/** Every parameter of a path; without a schema, or outside of it, they are text. */
export function pathParameters(
  names: readonly string[],
  schema: SchemaObject | undefined,
  components: Components,
  operation: string,
): Parameter[] {
  const properties = schema ? objectOf(schema).properties : {}
  return names.map((name) => ({
    name,
    in: 'path',
    required: true,
    ...part(properties[name] ?? { type: 'string' }, schema, components, `${capital(operation)}${capital(name)}`),
  }))
}

/** A body of JSON, and of the other types that an endpoint takes. */
export function requestBody(
  schema: JsonSchema,
  media: readonly string[] | undefined,
  required: boolean,
  example: unknown,
): NonNullable<OperationObject['requestBody']> {
  const one = { schema, ...(example !== undefined && { example }) }
  const types = ['application/json', ...(media ?? [])]
  const content: Content = Object.fromEntries(types.map((type) => [type, one]))
  return { required, content }
}

function part(property: JsonSchema, root: SchemaObject | undefined, components: Components, place: string) {
  if (typeof property === 'boolean') return { schema: property }
  const { description, ...own } = property
  const schema = components.adopt({ ...own, ...(root?.$defs !== undefined && { $defs: root.$defs }) }, place)
  return { ...(typeof description === 'string' && { description }), schema }
}

interface ObjectParts {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required: readonly string[]
}

/** The properties of a schema that is an object one way or another. */
export function objectOf(schema: SchemaObject, root = schema): ObjectParts {
  const { $ref, allOf } = schema
  const definitions = (root.$defs ?? {}) as Readonly<Record<string, SchemaObject>>
  const behind = typeof $ref === 'string' ? definitions[$ref.replace('#/$defs/', '')] : undefined
  const parts = [...(behind ? [behind] : []), ...((allOf ?? []) as SchemaObject[])].map((one) => objectOf(one, root))
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), schema.properties),
    required: [...parts.flatMap(({ required }) => required), ...((schema.required ?? []) as string[])],
  }
}
