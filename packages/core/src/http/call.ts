/** The second half of a request's life, which a server call enters at once: hooks, validation, caller, endpoint. */
import * as v from 'valibot'
import type { Endpoint } from '../contract/endpoint.ts'
import type { AfterContext, BeforeContext, Hook } from '../contract/hook.ts'
import { baseCodes, otherCodes } from '../domain/codes.ts'
import type { Domain } from '../domain/domain.ts'
import type { CurrentSession, Exchange } from '../domain/exchange.ts'
import { ChallengeDue } from '../domain/gates.ts'
import { APIError, apiError } from '../lib/errors.ts'
import { UniqueViolation, UnstorableValue } from '../store/store.ts'
import { issuesError, notAnObject, validationError } from './issue-text.ts'
import type { OriginChecks } from './origin.ts'

/** What is given to an endpoint, as it came. */
export interface Given {
  readonly exchange: Exchange
  readonly body: unknown
  readonly query: unknown
  readonly params: Readonly<Record<string, string>>
}

/** Runs an endpoint. Gives its reply; throws `APIError` where it refuses. */
export type CallEndpoint = (endpoint: Endpoint, given: Given) => Promise<unknown>

export interface CallOptions {
  readonly domain: Domain
  readonly origins: OriginChecks
  readonly hooksOf: (endpoint: Endpoint) => readonly Hook[]
  /** Refuse a body with keys that nobody knows, instead of dropping them. */
  readonly knownKeysOnly: boolean
}

/** A reply of a before-hook, which answers in the endpoint's place. */
class Answered {
  readonly reply: unknown
  constructor(reply: unknown) {
    this.reply = reply
  }
}

export function createCall(options: CallOptions): CallEndpoint {
  const { domain, origins, hooksOf, knownKeysOnly } = options

  return function call(endpoint, given) {
    const hooks = hooksOf(endpoint)
    return hooks.length === 0 ? handle(endpoint, given) : callHooked(hooks, endpoint, given)
  }

  async function callHooked(hooks: readonly Hook[], endpoint: Endpoint, given: Given): Promise<unknown> {
    const prepared = await runBefore(hooks, endpoint, given)
    if (prepared instanceof Answered) return prepared.reply
    const reply = await runAfter(hooks, endpoint, prepared, await settle(endpoint, prepared))
    if (reply instanceof APIError) throw reply
    return reply
  }

  async function handle(endpoint: Endpoint, { exchange, body, query, params }: Given): Promise<unknown> {
    const checked = validate('body', endpoint.body, body, endpoint.bodyIs)
    if (knownKeysOnly && checked) refuseUnknown(endpoint, body as object)
    // An open endpoint reads the app's own fields as well, each of which is checked when it is taken.
    const input = endpoint.open ? { ...(body as object), ...(checked as object) } : checked
    const asked = validate('query', endpoint.query, query)
    if (endpoint.csrf === 'form' && exchange.request) await origins.form(exchange)
    const open = endpoint.access === 'public' || endpoint.access === 'server'
    const session = open ? null : await identify(endpoint, exchange)
    try {
      const reply = await endpoint.handle({ body: input, query: asked, params, exchange, domain, session } as never)
      if (reply instanceof APIError) throw reply
      return reply
    } catch (thrown) {
      if (thrown instanceof ChallengeDue) return thrown.body
      if (thrown instanceof UnstorableValue) throw validationError(`${thrown.field} cannot hold this value`)
      if (thrown instanceof UniqueViolation) throw validationError(`${thrown.fields.join(', ')} is already taken`)
      throw thrown
    }
  }

  function refuseUnknown({ body: schema, open }: Endpoint, body: object): void {
    const entries = entriesOf(schema)
    if (!entries) return
    const fields = open ? domain.tables.user.fields : entries
    const key = Object.keys(body).find((name) => !Object.hasOwn(entries, name) && !Object.hasOwn(fields, name))
    if (key !== undefined) throw validationError(`[body] Unrecognized key: ${JSON.stringify(key.slice(0, 100))}`)
  }

  /** The reply, or the refusal that was thrown: after-hooks see both. */
  async function settle(endpoint: Endpoint, given: Given): Promise<unknown> {
    try {
      return await handle(endpoint, given)
    } catch (error) {
      if (error instanceof APIError) return error
      throw error
    }
  }

  async function identify({ access }: Endpoint, exchange: Exchange): Promise<CurrentSession> {
    const found = await domain.sessions.read(exchange, { cache: access !== 'sensitive' })
    if (!found) throw apiError(otherCodes.UNAUTHORIZED)
    const { freshAge } = domain.settings.session
    if (access === 'fresh' && freshAge > 0) {
      const age = domain.clock() - found.session.createdAt.getTime()
      if (age >= freshAge * 1000) throw apiError(baseCodes.SESSION_NOT_FRESH)
    }
    return found
  }

  async function runBefore(hooks: readonly Hook[], endpoint: Endpoint, given: Given): Promise<Given | Answered> {
    let { body, query } = given
    for (const { before } of hooks) {
      if (!before) continue
      const result = await before(hookContext(endpoint, { ...given, body, query }))
      if (typeof result !== 'object' || result === null) continue
      if (!('context' in result)) return new Answered(result)
      const patch = result.context as { readonly body?: object; readonly query?: object }
      if (patch.body) body = merge(body, patch.body)
      if (patch.query) query = merge(query, patch.query)
    }
    return { ...given, body, query }
  }

  async function runAfter(
    hooks: readonly Hook[],
    endpoint: Endpoint,
    given: Given,
    returned: unknown,
  ): Promise<unknown> {
    let reply = returned
    for (const { after } of hooks) {
      const context: AfterContext | undefined = after && { ...hookContext(endpoint, given), returned: reply }
      const replaced = context && (await after?.(context))
      if (replaced !== undefined) reply = replaced
    }
    return reply
  }

  function hookContext(endpoint: Endpoint, { exchange, body, query, params }: Given): BeforeContext {
    return { path: endpoint.path ?? '', body, query, params, exchange, domain }
  }
}

function merge(value: unknown, patch: object): object {
  return { ...(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}), ...patch }
}

/** The fields of an object schema that drops what it does not name. */
function entriesOf(schema: v.GenericSchema | undefined): object | undefined {
  if (schema === undefined) return undefined
  if ('wrapped' in schema) return entriesOf(schema.wrapped as v.GenericSchema)
  return schema.type === 'object' && 'entries' in schema ? (schema.entries as object) : undefined
}

const object = ['object'] as const
const noQuery = Object.freeze({})

function validate(
  part: 'body' | 'query',
  schema: v.GenericSchema | undefined,
  value: unknown,
  kinds: readonly string[] = object,
): unknown {
  if (schema === undefined) return undefined
  if (part === 'query' && value === undefined && emptyWhenAbsent.has(schema)) return noQuery
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject && !(value === undefined && schema.type === 'optional')) {
    // A query that is not there is an empty one: what it lacks is told by name.
    if (part === 'body' || value !== undefined) throw notAnObject(part, value, kinds)
  }
  const result = v.safeParse(schema, part === 'query' ? (value ?? {}) : value)
  if (!result.success) throw issuesError(part, schema, result.issues)
  if (part === 'query' && value === undefined && isEmpty(result.output)) emptyWhenAbsent.add(schema)
  return result.output
}

/** Query schemas that have shown to make nothing of nothing: most requests have no query, and need not ask again. */
const emptyWhenAbsent = new WeakSet<v.GenericSchema>()

const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** A server call that needs the caller's headers was made without. */
export function headersRequired(): APIError {
  return validationError('Headers is required')
}
