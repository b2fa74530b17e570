/**
 * CORS under the base path, for trusted origins (Fetch, 3.2): credentials and the exact origin, never `*`. Not part of
 * the protocol, so it is on only where the host asks for it.
 */
import type { RequestInfo } from '../contract/auth.ts'
import type { BaseURL } from './base-url.ts'
import type { OriginChecks } from './origin.ts'
import { isBelow } from './router.ts'

type Handler = (request: Request, info?: RequestInfo | undefined) => Promise<Response>

const methods = 'GET, POST, PUT, PATCH, DELETE'
/** Seconds that a browser may go without asking again. */
const remembered = '600'
/** What scripts see without being allowed to, and what is for the browser alone. */
const unexposed =
  /^(?:cache-control|content-(?:language|length|type)|expires|last-modified|pragma|set-cookie2?|vary|access-control-.*)$/

/** `handle` with CORS around it: preflights are answered, all other answers get the headers of their origin. */
export function withCors(handle: Handler, base: BaseURL, origins: Pick<OriginChecks, 'trusts'>): Handler {
  /** The origin to be let in; `undefined` for one that is not trusted. */
  async function admitted(request: Request): Promise<string | undefined> {
    const origin = request.headers.get('origin')
    return origin && (await origins.trusts(request, origin)) ? origin : undefined
  }

  async function preflight(request: Request): Promise<Response> {
    const headers = new Headers({ vary: 'Origin, Access-Control-Request-Headers' })
    const origin = await admitted(request)
    if (origin) {
      allow(headers, origin)
      headers.set('access-control-allow-methods', methods)
      headers.set('access-control-max-age', remembered)
      const asked = request.headers.get('access-control-request-headers')
      if (asked) headers.set('access-control-allow-headers', asked)
    }
    return new Response(null, { status: 204, headers })
  }

  return async (request, info) => {
    if (!isBelow(base.basePath, request.url)) return handle(request, info)
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) return preflight(request)
    const { status, statusText, headers: given, body } = await handle(request, info)
    const headers = new Headers(given)
    if (!/(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i.test(headers.get('vary') ?? '')) headers.append('vary', 'Origin')
    const origin = await admitted(request)
    if (origin) {
      const exposed = [...new Set(headers.keys())].filter((name) => !unexposed.test(name))
      if (exposed.length > 0) headers.set('access-control-expose-headers', exposed.join(', '))
      allow(headers, origin)
    }
    return new Response(body, { status, statusText, headers })
  }
}

function allow(headers: Headers, origin: string): void {
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-credentials', 'true')
}
