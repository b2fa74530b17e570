/**
 * The life of a request, top to bottom. Disabled paths, rate limit and match look at one and the same raw path.
 */
import type { RequestInfo } from '../contract/auth.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import { otherCodes } from '../domain/codes.ts'
import type { Domain } from '../domain/domain.ts'
import { Exchange, type HeaderSource } from '../domain/exchange.ts'
import { APIError, statusName } from '../lib/errors.ts'
import { fault } from '../lib/fault.ts'
import { StoreUnavailable } from '../store/store.ts'
import type { BaseURL } from './base-url.ts'
import { readBody, readQuery } from './body.ts'
import type { CallEndpoint } from './call.ts'
import type { OriginChecks } from './origin.ts'
import type { RateLimit } from './rate-limit.ts'
import { notFound, toErrorResponse, toResponse } from './reply.ts'
import { type Match, pathBelow } from './router.ts'

export interface RunOptions {
  readonly base: BaseURL
  readonly domain: Domain
  readonly disabledPaths: readonly string[]
  readonly limit: RateLimit | undefined
  readonly plugins: readonly AnyPlugin[]
  readonly match: Match
  /** Sees where each request arrived. */
  readonly watchArrival: (url: string, headers: HeaderSource) => void
  /** Told of a request without a route. */
  readonly onNoRoute: ((method: string, path: string) => void) | undefined
  readonly skipTrailingSlashes: boolean
  /** Bytes. */
  readonly maxBodySize: number
  readonly origins: OriginChecks
  readonly call: CallEndpoint
  readonly onError: ((error: unknown) => unknown) | undefined
  readonly rethrow: boolean
}

export function createHandler(options: RunOptions): (request: Request, info?: RequestInfo) => Promise<Response> {
  const { base, domain, match, origins, call } = options
  const disabled = new Set(options.disabledPaths)
  const onRequest = options.plugins.flatMap((plugin) => plugin.onRequest ?? [])

  return function handler(request, info) {
    const exchange = new Exchange({ headers: request.headers, request, info })
    return run(request, exchange).catch((error: unknown) => refuse(exchange, error))
  }

  async function run(request: Request, exchange: Exchange): Promise<Response> {
    const { url } = request
    const path = pathBelow(base.basePath, url)
    if (path === null) return notFound()
    options.watchArrival(url, request.headers)
    if (disabled.size > 0 && disabled.has(withoutSlash(path))) return disabledPath()
    exchange.origin = base.originOf(request.headers, url)
    const plain = withoutSlash(path)
    const known = match(request.method, plain)
    if (options.limit) await options.limit(exchange, path, known !== null)
    for (const hook of onRequest) {
      const answer = await hook(request, domain)
      if (answer) return answer
    }
    const route = options.skipTrailingSlashes || plain === path ? known : match(request.method, path)
    if (route === null) {
      options.onNoRoute?.(request.method, path)
      return notFound()
    }
    const { endpoint, params } = route
    const body =
      request.body === null ? undefined : await readBody(request, endpoint.media ?? none, options.maxBodySize)
    const query = readQuery(url)
    if (request.method !== 'GET') await origins.request(exchange, path, body, query ?? noQuery)
    return toResponse(exchange, await call(endpoint, { exchange, body, query, params }), endpoint.noStore === true)
  }

  async function refuse(exchange: Exchange, error: unknown): Promise<Response> {
    const refusal = error instanceof APIError ? error : unexpected(error)
    if (refusal.statusCode !== 302) await tell(error)
    if (options.rethrow) throw error
    return toErrorResponse(exchange, refusal)
  }

  /** The app's own listener: what it throws must not become the answer. */
  async function tell(error: unknown): Promise<void> {
    try {
      await options.onError?.(error)
    } catch (failure) {
      domain.logger.error('onAPIError.onError failed', failure)
    }
  }

  /** The answer says nothing of the cause but where the log does. */
  function unexpected(error: unknown): APIError {
    const known = error instanceof StoreUnavailable ? otherCodes.SERVICE_UNAVAILABLE : undefined
    return fault(domain.logger, 'a request failed unexpectedly', error, known)
  }
}

const withoutSlash = (path: string) => (path.endsWith('/') ? path.replace(/\/+$/, '') : path)
const none: readonly string[] = []
const noQuery: Readonly<Record<string, string>> = Object.freeze({})

function disabledPath(): Response {
  return new Response('Not Found', { status: 404, statusText: statusName(404) })
}
