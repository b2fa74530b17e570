/**
 * The life of a request to an app's own endpoint, top to bottom. Who is calling is known before the body is read: a
 * stranger learns nothing about bodies.
 */
import type { RequestInfo } from '../contract/auth.ts'
import type { Identified } from '../contract/levels.ts'
import type { OwnEndpoint, Throttle } from '../contract/own-endpoint.ts'
import { baseCodes, otherCodes } from '../domain/codes.ts'
import { Exchange } from '../domain/exchange.ts'
import { ChallengeDue } from '../domain/gates.ts'
import type { Limiter } from '../domain/limiter.ts'
import { retryHeaders } from '../domain/throttle.ts'
import type { Logger } from '../lib/environment.ts'
import { APIError, apiError, statusName } from '../lib/errors.ts'
import { fault } from '../lib/fault.ts'
import { toJson } from '../lib/json.ts'
import { StoreUnavailable, UniqueViolation, UnstorableValue } from '../store/store.ts'
import { readBody, readQuery } from './body.ts'
import { Asking, type Step } from './chain.ts'
import { type FormatError, type FormattedError, formatterOf } from './error-format.ts'
import { accepts } from './negotiate.ts'
import type { Operation } from './operation.ts'
import type { OwnRouter } from './own-router.ts'
import { rememberCaller } from './request-auth.ts'
import { parseParts, replyProblem } from './standard-schema.ts'

export interface OwnRunOptions {
  readonly router: OwnRouter
  readonly format: FormatError
  readonly checkOrigin: (exchange: Exchange) => Promise<void>
  /** The public origin of a request. */
  readonly originOf: (request: Request) => string | undefined
  readonly addressOf: (exchange: Exchange) => string | null
  readonly limiter: Limiter
  readonly checkReplies: boolean
  /** Bytes. */
  readonly maxBodySize: number
  readonly logger: Logger
  /** Told why a caller was refused, while developing: gives the headers that lead to the explanation. */
  readonly explain: ((request: Request, steps: readonly Step[], error: APIError) => HeadersInit) | undefined
}

const json = 'application/json'

export function createOwnHandler(options: OwnRunOptions): (request: Request, info?: RequestInfo) => Promise<Response> {
  const { router, format, limiter, logger } = options

  return async function handler(request, info) {
    const exchange = new Exchange({ headers: request.headers, request, info })
    const asking = new Asking(exchange, request.method, options.checkOrigin, options.explain && [])
    const response = await respond(request, asking)
    for (const [name, value] of exchange.outgoing ?? []) response.headers.set(name, value)
    for (const name of asking.varies) response.headers.append('vary', name)
    for (const line of exchange.setCookies) response.headers.append('set-cookie', line)
    return response
  }

  async function respond(request: Request, asking: Asking): Promise<Response> {
    const { exchange } = asking
    try {
      exchange.origin = options.originOf(request)
      const response = await run(request, asking).catch((error) => refuse(request, asking, error))
      await exchange.conclude(response.status)
      return response
    } catch (error) {
      return refuse(request, asking, error)
    }
  }

  async function run(request: Request, asking: Asking): Promise<Response> {
    const { exchange, method } = asking
    const path = pathOf(request.url)
    const route = router.match(method, path) ?? (method === 'HEAD' ? router.match('GET', path) : null)
    if (!route) throw nowhere(method, router.methodsOf(path))
    const { operation, params } = route
    const { endpoint, chain } = operation
    const { throttle } = endpoint

    if (throttle?.beforeAuth) await admit(throttle, operation, exchange)
    const media = endpoint.replyMedia ?? json
    if (!accepts(request.headers.get('accept'), media)) throw notAcceptable(media)
    let caller: Identified | undefined
    if (chain.schemes.length > 0) {
      caller = await chain.ask(asking)
      rememberCaller(request, caller)
    }
    if (throttle && !throttle.beforeAuth) await admit(throttle, operation, exchange)
    if (endpoint.csrf) await options.checkOrigin(exchange)

    const came = await parseParts(endpoint, {
      body: endpoint.body && (await readBody(request, endpoint.media ?? none, options.maxBodySize)),
      query: readQuery(request.url) ?? {},
      params,
      headers: endpoint.headers && Object.fromEntries(request.headers),
      cookies: endpoint.cookies && cookiesOf(exchange),
    })
    const context = { ...came, auth: caller, request, exchange }
    const reply = await settle(endpoint.handle as (given: typeof context) => unknown, context)
    return answer(operation, exchange, reply, method === 'HEAD')
  }

  async function settle<C>(handle: (context: C) => unknown, context: C): Promise<unknown> {
    try {
      const reply = await handle(context)
      if (reply instanceof APIError) throw reply
      return reply
    } catch (thrown) {
      if (thrown instanceof ChallengeDue) return thrown
      if (thrown instanceof UnstorableValue) throw invalid(`${thrown.field} cannot hold this value`)
      if (thrown instanceof UniqueViolation) throw invalid(`${thrown.fields.join(', ')} is already taken`)
      throw thrown
    }
  }

  async function answer(operation: Operation, exchange: Exchange, reply: unknown, head: boolean): Promise<Response> {
    const { endpoint, path } = operation
    if (reply instanceof Response) {
      const response = new Response(head ? null : reply.body, reply)
      if (endpoint.noStore) response.headers.set('cache-control', 'no-store')
      return response
    }
    if (reply instanceof ChallengeDue) return sent(endpoint, reply.body, exchange.status ?? 200)
    if (endpoint.reply && options.checkReplies) {
      const problem = await replyProblem(endpoint.reply, reply)
      if (problem !== undefined)
        throw new TypeError(`the reply of ${endpoint.method} ${path} is not what it declares: ${problem}`)
    }
    const empty = reply === undefined
    const usual = endpoint.status ?? (empty ? 204 : endpoint.method === 'POST' ? 201 : 200)
    return sent(endpoint, reply, exchange.status ?? usual, head)
  }

  function sent({ noStore }: OwnEndpoint, reply: unknown, status: number, head = false): Response {
    const empty = reply === undefined
    const headers = new Headers(empty ? {} : { 'content-type': json })
    if (noStore) headers.set('cache-control', 'no-store')
    return new Response(empty || head ? null : toJson(reply), { status, headers })
  }

  async function admit({ window, max }: Throttle, operation: Operation, exchange: Exchange): Promise<void> {
    const { endpoint, path } = operation
    const key = `api|${endpoint.method} ${path}|${options.addressOf(exchange) ?? 'no-trusted-ip'}`
    const { allowed, retryAfter } = await limiter.consume(key, { window, max })
    if (!allowed) throw new APIError(429, apiError(otherCodes.TOO_MANY_REQUESTS).body, retryHeaders(retryAfter))
  }

  function refuse(request: Request, { steps = [] }: Asking, error: unknown): Response {
    const refusal = error instanceof APIError ? error : unexpected(error)
    const { body, contentType = json } = written(refusal)
    const empty = refusal.statusCode === 302
    const headers = new Headers(refusal.headers)
    if (!empty) headers.set('content-type', contentType)
    if (refusal.statusCode === 401 || refusal.statusCode === 403) {
      headers.set('cache-control', 'no-store')
      const explained = steps.length > 0 ? options.explain?.(request, steps, refusal) : undefined
      for (const [name, value] of new Headers(explained)) headers.append(name, value)
    }
    const text = empty || request.method === 'HEAD' ? null : JSON.stringify(body)
    return new Response(text, { status: refusal.statusCode, statusText: statusName(refusal.statusCode), headers })
  }

  /** The app's own format may fail: the refusal stands all the same. */
  function written(refusal: APIError): FormattedError {
    try {
      return format(refusal)
    } catch (error) {
      logger.error('the error format failed', error)
      return protocol(refusal)
    }
  }

  function unexpected(error: unknown): APIError {
    const known = error instanceof StoreUnavailable ? otherCodes.SERVICE_UNAVAILABLE : undefined
    return fault(logger, 'a request failed unexpectedly', error, known)
  }
}

const none: readonly string[] = []
const protocol = formatterOf()

const invalid = (message: string) => new APIError(400, { message, code: baseCodes.VALIDATION_ERROR.code })

/** The raw path of an absolute URL. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start === -1) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end === -1 ? url.slice(start) : url.slice(start, start + end)
}

function nowhere(method: string, methods: readonly string[]): APIError {
  if (methods.length === 0) return new APIError(404, { message: 'Not found', code: 'NOT_FOUND' })
  const allowed = methods.map((name) => `'${name}'`).join(', ')
  return new APIError(
    405,
    { message: `Method '${method}' is not allowed, allowed: [${allowed}]`, code: 'METHOD_NOT_ALLOWED' },
    { allow: methods.join(', ') },
  )
}

const notAcceptable = (media: string) =>
  new APIError(406, { message: `Only ${media} can be answered, which Accept does not let`, code: 'NOT_ACCEPTABLE' })

/** The first of each name. */
function cookiesOf(exchange: Exchange): Record<string, string> {
  const pairs = (exchange.headers.get('cookie') ?? '').split(';')
  const names = new Set(
    pairs.filter((pair) => pair.includes('=')).map((pair) => pair.slice(0, pair.indexOf('=')).trim()),
  )
  for (const name of ['', '__proto__']) names.delete(name)
  return Object.fromEntries([...names].map((name) => [name, exchange.cookies(name)[0] ?? '']))
}
