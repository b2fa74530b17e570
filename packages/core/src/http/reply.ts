/** From what an endpoint gave, or threw, to the Response. */
import type { Exchange } from '../domain/exchange.ts'
import { type APIError, statusName } from '../lib/errors.ts'

const jsonType = 'application/json'
const noStore: readonly (readonly [string, string])[] = [
  ['cache-control', 'no-store'],
  ['pragma', 'no-cache'],
]

/** The answer of an endpoint: JSON, text, or the Response it made itself. */
export function toResponse(exchange: Exchange, reply: unknown, sensitive: boolean): Response {
  if (reply instanceof Response) return decorate(exchange, reply, sensitive)
  const body = reply === undefined ? null : typeof reply === 'string' ? reply : JSON.stringify(reply)
  const type = typeof reply === 'string' ? 'text/plain;charset=UTF-8' : jsonType
  const headers = headersFor(exchange, type, sensitive)
  const { status } = exchange
  return new Response(body, status === undefined ? { headers } : { status, statusText: statusName(status), headers })
}

/** The answer to a refusal; cookies and headers set before it go out with it. */
export function toErrorResponse(exchange: Exchange, error: APIError): Response {
  const headers = headersFor(exchange, jsonType, false)
  for (const [name, value] of error.headers) if (name !== 'set-cookie') headers.push([name, value])
  return new Response(error.body === undefined ? null : JSON.stringify(error.body), {
    status: error.statusCode,
    statusText: String(error.status),
    headers,
  })
}

/** Nothing is here: no body, no content type. */
export function notFound(): Response {
  return new Response(null, { status: 404, statusText: 'Not Found' })
}

function headersFor(exchange: Exchange, type: string, sensitive: boolean): [string, string][] {
  const headers: [string, string][] = [['content-type', type]]
  if (sensitive) for (const [name, value] of noStore) headers.push([name, value])
  if (exchange.outgoing) headers.push(...exchange.outgoing)
  for (const line of exchange.setCookies) headers.push(['set-cookie', line])
  return headers
}

function decorate(exchange: Exchange, response: Response, sensitive: boolean): Response {
  const headers = new Headers(response.headers)
  if (sensitive) for (const [name, value] of noStore) headers.set(name, value)
  for (const [name, value] of exchange.outgoing ?? []) headers.set(name, value)
  for (const line of exchange.setCookies) headers.append('set-cookie', line)
  const { status, statusText, body } = response
  return new Response(body, { status, statusText, headers })
}
