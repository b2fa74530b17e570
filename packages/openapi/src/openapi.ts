/** The OpenAPI document of an API, or of an auth instance alone. */
import { ConfigError, checkOptions, kinds, type Problem } from '@keystile/core'
import type { Mountable } from '@keystile/core/adapter'
import { type ApiHandler, type Described, type DescribedAuth, described, type SecurityScheme } from '@keystile/core/api'
import { type Components, canonical, createComponents } from './components.ts'
import type { Info, OpenApiDocument, OperationObject, Server } from './document.ts'
import { errorSchemas, type OwnErrorFormat, refusalContent } from './errors.ts'
import type { Convert } from './json-schema.ts'
import { authOperations, idOf, ownOperation, type Placed, type Writing } from './operations.ts'
import { templateOf } from './requests.ts'
import { rowSchema } from './rows.ts'

export interface OpenApiOptions {
  readonly info: Info
  /** Default `3.1.0`. */
  readonly version?: '3.1.0' | '3.2.0' | undefined
  /** Where the API is, if not where the document is. */
  readonly servers?: readonly Server[] | undefined
  /** `false` leaves the auth's own endpoints out. */
  readonly auth?: boolean | undefined
  /** The schema of refusals, where the API has a formatter of its own. */
  readonly errorFormat?: OwnErrorFormat | undefined
  /** The header that repeats a CSRF cookie's token, as a parameter of unsafe operations. Default `true`. */
  readonly describeCsrfHeader?: boolean | undefined
  /** The JSON Schema of a schema whose library has no converter that is known here. */
  readonly jsonSchema?: Convert | undefined
}

/** What can be described: of `createApi`, with the auth's endpoints beside its own, or of `createAuth`. */
export type Describable = Mountable & Partial<Pick<ApiHandler, 'operations'>>

const { anything, call, flag, group, list, object, oneOf } = kinds

/** What each of them holds. */
export const openapiKinds: kinds.Members<OpenApiOptions> = {
  info: object,
  version: oneOf('3.1.0', '3.2.0'),
  servers: list(object),
  auth: flag,
  errorFormat: group<OwnErrorFormat>({ schema: anything }),
  describeCsrfHeader: flag,
  jsonSchema: call,
}

/** One object may serve `withOpenapi` too. */
const withServed = { ...openapiKinds, enabled: anything, path: anything, page: anything }

/**
 * Writes the document of every endpoint, with its schemes as security.
 *
 * @throws ConfigError for options that nothing reads or that hold no such value, and where two schemes, schemas or operations that differ have one name.
 */
export function openapi(api: Describable, options: OpenApiOptions): OpenApiDocument {
  checkOptions(options, withServed, 'openapi()')
  return write(described(api), options)
}

function write(api: Described, options: OpenApiOptions): OpenApiDocument {
  const { jsonSchema: convert, version = '3.1.0', info, servers } = options
  const { auth, logger } = api
  const problems: Problem[] = []
  const warnings = new Set<string>()
  const components = createComponents({
    own: {
      ...errorSchemas,
      ...(auth && {
        User: ({ adopt }) => rowSchema(auth.fields.user, { adopt, convert, place: 'User' }),
        Session: ({ adopt }) => rowSchema(auth.fields.session, { adopt, convert, place: 'Session' }),
      }),
    },
    problems,
    warn: (message) => warnings.add(message),
  })
  const writing: Writing = { components, convert, describeCsrfHeader: options.describeCsrfHeader ?? true }
  const refusal = refusalContent(api.errors, api.format, components, options.errorFormat)
  const placed = [
    ...api.operations.map((operation) => ownOperation(operation, api, refusal, writing)),
    ...(auth && options.auth !== false ? ofAuth(auth, components, writing) : []),
  ]
  const ids = operationIds(placed, problems)
  const paths: Record<string, Record<string, OperationObject>> = {}
  const templates = new Map<string, string>()
  for (const one of placed) {
    const { method, object } = one
    const template = templateOf(one.path)
    // Paths that differ in the names of parameters alone are one.
    const shape = template.replaceAll(/\{[^}]+\}/g, '{}')
    const first = templates.get(shape) ?? template
    templates.set(shape, first)
    paths[first] = { ...paths[first], [method]: renamed(object(ids.get(one) ?? ''), template, first) }
  }
  const securitySchemes = allSchemes(placed, problems)
  for (const warning of warnings) logger.warn(warning)
  if (problems.length > 0) throw new ConfigError(problems)

  const tags = [
    ...new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags = [] }) => tags))),
  ]
  return {
    openapi: version,
    info,
    ...(servers && { servers }),
    ...(tags.length > 0 && { tags: tags.map((name) => ({ name })) }),
    paths,
    components: { schemas: components.schemas, securitySchemes },
  }
}

/** Whatever the app's own format is, the auth's endpoints speak the protocol. */
function ofAuth(auth: DescribedAuth, components: Components, writing: Writing): Placed[] {
  const refusal = refusalContent('protocol', ({ body }) => ({ body }), components)
  return auth.endpoints.flatMap((endpoint) => authOperations(endpoint, auth, refusal, writing))
}

/** Ids as they are wished for; made ones that coincide are told apart by method and path. */
function operationIds(placed: readonly Placed[], problems: Problem[]): ReadonlyMap<Placed, string> {
  const wished = new Map<string, Placed[]>()
  for (const one of placed) wished.set(one.id.name, [...(wished.get(one.id.name) ?? []), one])
  const ids = new Map<Placed, string>()
  const owners = new Map<string, Placed>()
  for (const one of placed) {
    const { name, fixed } = one.id
    const id = fixed || wished.get(name)?.length === 1 ? name : idOf(one)
    const other = owners.get(id)
    if (other) problems.push(idTaken(id, other, one))
    owners.set(id, one)
    ids.set(one, id)
  }
  return ids
}

function allSchemes(placed: readonly Placed[], problems: Problem[]): Record<string, SecurityScheme> {
  const all: Record<string, SecurityScheme> = {}
  for (const { securitySchemes } of new Set(placed.flatMap(({ schemes }) => schemes))) {
    for (const [name, scheme] of Object.entries(securitySchemes)) {
      const other = all[name]
      if (other && canonical(other) !== canonical(scheme)) problems.push(schemeTaken(name))
      all[name] = scheme
    }
  }
  return all
}

/** The operation with the names that its path's first one gave to parameters. */
function renamed(operation: OperationObject, from: string, to: string): OperationObject {
  if (from === to) return operation
  const names = (template: string) => [...template.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  const others = names(to)
  const changes = new Map(names(from).map((name, index) => [name, others[index] ?? name]))
  const parameters = operation.parameters?.map((parameter) =>
    parameter.in === 'path' ? { ...parameter, name: changes.get(parameter.name) ?? parameter.name } : parameter,
  )
  return { ...operation, ...(parameters && { parameters }) }
}

const idTaken = (id: string, one: Placed, other: Placed): Problem => ({
  code: 'OPERATION_ID_TAKEN',
  message: `${one.method} ${one.path} and ${other.method} ${other.path} are both the operation "${id}"`,
  seen: `"${id}" twice`,
  expected: 'an id of its own for each operation',
  fix: 'give one of them another operationId',
})

const schemeTaken = (name: string): Problem => ({
  code: 'SECURITY_SCHEME_TAKEN',
  message: `two schemes that differ call themselves "${name}" in the OpenAPI document`,
  seen: `two security schemes named "${name}"`,
  expected: 'a name of its own for each',
  fix: `give one of them another name: { name: '${name}2' }`,
})
