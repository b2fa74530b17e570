/** A node:http or node:http2 request as a Fetch `Request`, and as the few headers a session is read from. */
import type { IncomingMessage } from 'node:http'
import { bodyAlreadyRead, type HeaderSource, isForbidden, methodNotAllowed, type Refusal } from '@keystile/core/adapter'
import { bodyOf } from './body.ts'
import type { NodeRequest, RequestView } from './node-request.ts'

/** The `Request`, or the refusal to answer with where none can be made. The body is streamed as it is read. */
export function toRequest(req: NodeRequest, from: RequestView = {}): Request | Refusal {
  const method = req.method ?? 'GET'
  if (isForbidden(method)) return methodNotAllowed
  const payload = bodyOf(req, from)
  if (!payload) return bodyAlreadyRead
  const { body, rewritten } = payload
  // As a record: the platform takes half the memory to copy it as a list of pairs.
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || !isHeader(name) || (rewritten && describesBody.has(name))) continue
    // One host in the URL and in the headers: the one that the host's trust in proxies gives.
    headers[name] = name === 'host' && from.host ? from.host : textOf(value)
  }
  const init: RequestInit & { duplex?: 'half' } =
    body === null ? { method, headers } : { method, headers, body, duplex: 'half' }
  return new Request(urlOf(req, from), init)
}

/** The absolute URL; its path and query as they were sent. */
export const urlOf = (req: NodeRequest, from: RequestView = {}): string =>
  originOf(req, from) + targetOf(from.url ?? rawUrl(req))

/** A view of the request's headers: nothing is copied. */
export function headersOf({ headers }: Pick<IncomingMessage, 'headers'>): HeaderSource {
  return {
    get(name) {
      const key = name.toLowerCase()
      const value = Object.hasOwn(headers, key) ? headers[key] : undefined
      return value === undefined ? null : textOf(value)
    },
    keys: () => Object.keys(headers).filter(isHeader),
  }
}

/** The request target as the client sent it. */
export function rawUrl(req: NodeRequest): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** HTTP/2's pseudo headers begin with a colon. */
const isHeader = (name: string) => !name.startsWith(':')
const describesBody = new Set(['content-length', 'content-encoding', 'transfer-encoding'])
const textOf = (value: string | string[]) => (typeof value === 'string' ? value : value.join(', '))

const hostForm = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** A host that is missing or no host at all becomes `invalid`, which no allow list has and no name server resolves. */
function originOf(req: NodeRequest, from: RequestView): string {
  const protocol = from.protocol ?? ('encrypted' in req.socket && req.socket.encrypted ? 'https' : 'http')
  const scheme = protocol === 'https' ? 'https://' : 'http://'
  const host = from.host ?? req.authority ?? req.headers.host ?? ''
  return hostForm.test(host) && URL.canParse(scheme + host) ? scheme + host : `${scheme}invalid`
}

/** Path and query: a target in absolute form is taken by its path, one of no form at all (`*`) as a path. */
function targetOf(url: string): string {
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return target.startsWith('/') ? target : `/${target}`
}
