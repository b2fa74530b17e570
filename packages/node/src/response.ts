/** A Fetch `Response` on a node:http response: the host's own headers and cookies stay beside ours. */
import type { ServerResponse } from 'node:http'
import type { Refusal } from '@keystile/core/adapter'

/**
 * Writes status, headers and body; streams keep to the client's pace and are cancelled when it leaves. Where something
 * else has answered already, nothing is written. A body that fails closes the connection, and the error is thrown.
 */
export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  const { body, headers } = response
  if (res.headersSent || isGone(res)) return body?.cancel()
  res.statusCode = response.status
  // HTTP/2 has no reason phrase.
  if (response.statusText && res.req.httpVersionMajor < 2) res.statusMessage = response.statusText
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
  if (!body || res.req.method === 'HEAD') {
    await body?.cancel()
    res.end()
  } else if (/^application\/json(?:;|$)/.test(headers.get('content-type') ?? '')) {
    // Whole by nature: one write, with its length.
    res.end(Buffer.from(await response.arrayBuffer()))
  } else await stream(body, res)
}

/** Writes a refusal; cookies set on the response so far go out with it. */
export function refuse(res: ServerResponse, refusal: Refusal): void {
  if (res.headersSent) return
  res.statusCode = refusal.status
  for (const name in refusal.headers) res.setHeader(name, refusal.headers[name] ?? '')
  res.end(refusal.body)
}

/** Appends a Set-Cookie line of its own; dropped once the headers are out. */
export function appendCookie(res: ServerResponse, line: string): void {
  if (!res.headersSent) res.appendHeader('set-cookie', line)
}

/** The client left, or the connection was closed. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || ('stream' in res && (res.stream as { destroyed?: boolean } | undefined)?.destroyed === true)
}

async function stream(body: ReadableStream<Uint8Array>, res: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const stop = () => void reader.cancel().catch(() => {})
  res.once('close', stop)
  try {
    res.flushHeaders()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!res.write(part.value)) await drained(res)
    }
    res.end()
  } catch (error) {
    res.destroy()
    throw error
  } finally {
    res.off('close', stop)
  }
}

/** Resolves when the response takes more, or never will. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done)
      res.off('close', done)
      resolve()
    }
    res.on('drain', done)
    res.on('close', done)
    if (isGone(res)) done()
  })
}
