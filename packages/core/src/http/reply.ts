/** From what an endpoint gave, or threw, to the Response. */
import type { Exchange } from '../domain/exchange.ts'
import { type APIError, statusName } from '../lib/errors.ts'
import { toJson } from '../lib/json.ts'
import { slotOf } from '../lib/slot.ts'

const jsonType = 'application/json'
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** The answer of an endpoint: JSON, text, or the Response it made itself. */
export function toResponse(exchange: Exchange, reply: unknown, sensitive: boolean): Response {
  if (reply instanceof Response) return decorate(exchange, reply, sensitive)
  const body = reply === undefined ? null : typeof reply === 'string' ? reply : toJson(reply)
  const type = typeof reply === 'string' ? 'text/plain;charset=UTF-8' : jsonType
  const headers = headersFor(exchange, type, sensitive)
  const { status } = exchange
  const init = status === undefined ? { headers } : { status, statusText: statusName(status), headers }
  return withCookies(exchange, known(body, new Response(body, init)))
}

/** The answer to a refusal; cookies and headers set before it go out with it. */
export function toErrorResponse(exchange: Exchange, error: APIError): Response {
  const headers = headersFor(exchange, jsonType, false)
  for (const [name, value] of error.headers) if (name !== 'set-cookie') headers[name] = value
  const init = { status: error.statusCode, statusText: String(error.status), headers }
  const body = error.body === undefined ? null : JSON.stringify(error.body)
  return withCookies(exchange, known(body, new Response(body, init)))
}

/** Texts by the Response that was made of them: reading one out again takes as long as all of its making. */
const texts = slotOf<Response, string>()

function known(text: string | null, response: Response): Response {
  if (text !== null) texts.set(response, text)
  return response
}

/** The text of an answer of ours that nobody has read; undefined where only its body can tell. */
export const unreadText = (response: Response): string | undefined =>
  response.bodyUsed ? undefined : texts.get(response)

/** Nothing is here: no body, no content type. */
export function notFound(): Response {
  return new Response(null, { status: 404, statusText: 'Not Found' })
}

/** As a record: the platform takes half as long to copy it as a list of pairs. */
function headersFor(exchange: Exchange, type: string, sensitive: boolean): Record<string, string> {
  const headers: Record<string, string> = sensitive ? { 'content-type': type, ...noStore } : { 'content-type': type }
  for (const [name, value] of exchange.outgoing ?? none) headers[name] = value
  return headers
}

const none: readonly never[] = []

function withCookies(exchange: Exchange, response: Response): Response {
  for (const line of exchange.setCookies) response.headers.append('set-cookie', line)
  return response
}

function decorate(exchange: Exchange, response: Response, sensitive: boolean): Response {
  const headers = new Headers(response.headers)
  if (sensitive) for (const [name, value] of Object.entries(noStore)) headers.set(name, value)
  for (const [name, value] of exchange.outgoing ?? none) headers.set(name, value)
  const { status, statusText, body } = response
  return withCookies(exchange, new Response(body, { status, statusText, headers }))
}
