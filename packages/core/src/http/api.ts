/** Server calls: the same endpoints without HTTP around them. */
import type { Endpoint } from '../contract/endpoint.ts'
import { Exchange, type HeaderSource } from '../domain/exchange.ts'
import { APIError } from '../lib/errors.ts'
import type { BaseURL } from './base-url.ts'
import { type CallEndpoint, headersRequired } from './call.ts'
import { toErrorResponse, toResponse } from './reply.ts'

export interface CallInput {
  readonly body?: unknown
  readonly query?: unknown
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly headers?: HeadersInit | undefined
  readonly request?: Request | undefined
  readonly asResponse?: boolean | undefined
  readonly returnHeaders?: boolean | undefined
  readonly returnStatus?: boolean | undefined
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})

export function serverCall(endpoint: Endpoint, base: BaseURL, call: CallEndpoint) {
  return async (input: CallInput = {}): Promise<unknown> => {
    const headers = headerSource(input)
    const exchange = new Exchange({ headers, request: input.request, origin: originFor(base, headers, input.request) })
    const asResponse = input.asResponse ?? input.request !== undefined
    try {
      if (endpoint.requireHeaders && headers === undefined) throw headersRequired()
      const { body, query, params = noParams } = input
      const response = await call(endpoint, { exchange, body, query, params })
      if (asResponse) return toResponse(exchange, response, endpoint.noStore === true)
      if (!input.returnHeaders && !input.returnStatus) return response
      const headersOut = input.returnHeaders ? { headers: outgoingHeaders(exchange) } : {}
      return { ...headersOut, response, ...(input.returnStatus ? { status: exchange.status } : {}) }
    } catch (error) {
      if (!(error instanceof APIError)) throw error
      if (asResponse) return toErrorResponse(exchange, error)
      throw withCookies(error, exchange.setCookies)
    }
  }
}

/** A refusal of this call alone: apps keep some to throw them again, to others. */
function withCookies(error: APIError, lines: readonly string[]): APIError {
  if (lines.length === 0) return error
  const value = new Headers(error.headers)
  for (const line of lines) value.append('set-cookie', line)
  const headers = { value, enumerable: true, configurable: true, writable: true }
  return Object.create(Object.getPrototypeOf(error), { ...Object.getOwnPropertyDescriptors(error), headers })
}

function headerSource({ headers, request }: CallInput): HeaderSource | undefined {
  if (headers === undefined) return request?.headers
  return 'get' in headers && typeof headers.get === 'function' ? (headers as HeaderSource) : new Headers(headers)
}

/** A server call need not come from a host at all, so a host that is not allowed is no reason to refuse it. */
function originFor(base: BaseURL, headers: HeaderSource | undefined, request: Request | undefined) {
  if (base.origin !== undefined || headers === undefined) return base.origin
  try {
    return base.originOf(headers, request?.url)
  } catch {
    return undefined
  }
}

function outgoingHeaders(exchange: Exchange): Headers {
  const headers = new Headers()
  for (const [name, value] of exchange.outgoing ?? []) headers.set(name, value)
  for (const line of exchange.setCookies) headers.append('set-cookie', line)
  return headers
}
