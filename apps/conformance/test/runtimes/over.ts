import { once } from 'node:events'
import { type IncomingMessage, request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Handler } from '../../src/browser.ts'

/**
 * A handler that sends each request on to the server at an origin, which may be known only by then. Not by `fetch`,
 * which has headers of its own to set: the Host stays that of the site, and nothing else is added.
 */
export function over(at: () => string): Handler {
  return async (request) => {
    const { host, pathname, search } = new URL(request.url)
    const headers = { ...Object.fromEntries(request.headers), host }
    const sent = send(`${at()}${pathname}${search}`, { method: request.method, headers })
    sent.end(request.body && Buffer.from(await request.arrayBuffer()))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const { statusCode = 0, statusMessage = '' } = answer
    const given = new Headers()
    for (let i = 0; i < answer.rawHeaders.length; i += 2)
      given.append(answer.rawHeaders[i] ?? '', answer.rawHeaders[i + 1] ?? '')
    const body = await text(answer)
    return new Response(body || null, { status: statusCode, statusText: statusMessage, headers: given })
  }
}
