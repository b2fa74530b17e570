/** A Fetch `Response` on a node:http response: the host's own headers and cookies stay beside ours. */
import type { ServerResponse } from 'node:http'
import { joinVary, type Refusal, unreadText } from '@keystile/core/adapter'

/** An answer as a host of its own response object writes it. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly content: Buffer | ReadableStream<Uint8Array> | null
}

/** What there is to write; undefined, and the body cancelled, where the host has answered already or the client left. */
export async function answerOf(res: ServerResponse, response: Response): Promise<Answer | undefined> {
  const content = await contentOf(response, res.req.method)
  if (!res.headersSent && !isGone(res)) {
    return { status: response.status, statusText: response.statusText, headers: response.headers, content }
  }
  if (content instanceof ReadableStream) await content.cancel()
  return undefined
}

/** JSON is whole by nature: read before the head is written, it goes out in one write and with its length. */
async function contentOf(response: Response, method: string | undefined): Promise<Answer['content']> {
  const { body, headers } = response
  if (!body || method === 'HEAD') {
    await body?.cancel()
    return null
  }
  const json = /^application\/json(?:;|$)/.test(headers.get('content-type') ?? '')
  if (!json) return body
  const text = unreadText(response)
  return text === undefined ? whole(body) : Buffer.from(text)
}

/** All of a body: by its reader, which takes half the time of the platform's `arrayBuffer`. */
async function whole(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const reader = body.getReader()
  const parts: Uint8Array[] = []
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value)
  const [first] = parts
  return first && parts.length === 1 ? Buffer.from(first.buffer, first.byteOffset, first.length) : Buffer.concat(parts)
}

/**
 * Writes status, headers and body; streams keep to the client's pace and are cancelled when it leaves. Where something
 * else has answered already, nothing is written. A body that fails closes the connection, and the error is thrown.
 */
export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  const answer = await answerOf(res, response)
  if (answer) await writeAnswer(res, answer)
}

export async function writeAnswer(res: ServerResponse, answer: Answer): Promise<void> {
  const { status, statusText, headers, content } = answer
  res.statusCode = status
  // HTTP/2 has no reason phrase.
  if (statusText && res.req.httpVersionMajor < 2) res.statusMessage = statusText
  for (const [name, value] of headers) setHeader(res, name, value)
  if (content === null) res.end()
  else if (content instanceof ReadableStream) await stream(content, res)
  else res.end(content)
}

/** Writes a refusal, unless headers are out; cookies set on the response so far go out with it. */
export function refuse(res: ServerResponse, refusal: Refusal): void {
  if (res.headersSent) return
  res.statusCode = refusal.status
  for (const name in refusal.headers) res.setHeader(name, refusal.headers[name] ?? '')
  res.end(refusal.body)
}

/** Sets a header beside those of the host: cookies are appended, `Vary` is joined. Dropped once the headers are out. */
export function setHeader(res: ServerResponse, name: string, value: string): void {
  if (res.headersSent) return
  if (name === 'set-cookie') res.appendHeader(name, value)
  else if (name === 'vary') res.setHeader(name, joinVary(res.getHeader(name)?.toString(), value))
  else res.setHeader(name, value)
}

/** The client left, or the connection was closed. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || ('stream' in res && (res.stream as { destroyed?: boolean } | undefined)?.destroyed === true)
}

/** Closes the connection, or HTTP/2's stream, so that the client knows that the answer is not whole. */
function abort(res: ServerResponse): void {
  // Only HTTP/2 tells the client of an error; HTTP/1 would tell the server's own `clientError` listeners.
  res.destroy(res.req.httpVersionMajor < 2 ? undefined : new Error('The response ended early'))
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
    abort(res)
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
  })
}
