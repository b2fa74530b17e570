/** The bytes of a request's body, whatever the host has done with them by the time we are asked. */
import type { NodeRequest } from './node-request.ts'

/** `rewritten`: made anew from what a body parser left, so length and encoding headers no longer describe it. */
export interface NodeBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | null
  readonly rewritten: boolean
}

/** The body as it can still be had; undefined when someone read it and left nothing. */
export function bodyOf(req: NodeRequest): NodeBody | undefined {
  if (!hasBody(req)) return { body: null, rewritten: false }
  if (!req.readableDidRead) return { body: streamOf(req), rewritten: false }
  const body = req.rawBody instanceof Uint8Array ? Buffer.from(req.rawBody) : rebuild(req)
  return body && { body, rewritten: true }
}

function hasBody(req: NodeRequest): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false
  if (req.httpVersionMajor >= 2) return !req.stream?.endAfterHeaders
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** Reads from the socket only as it is read from. */
function streamOf(req: NodeRequest): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = req.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return?.()
        // What is still to come is thrown away: destroying the request would take the socket, and with it our answer.
        req.resume()
      },
    },
    { highWaterMark: 0 },
  )
}

/** The body from `req.body`, in the media type the client sent: never another, the core's checks rely on it. */
function rebuild({ body, headers }: NodeRequest): Uint8Array<ArrayBuffer> | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  // A multipart body cannot be put together again from its parts.
  if (body === undefined || type.startsWith('multipart/')) return undefined
  if (body instanceof Uint8Array) return Buffer.from(body)
  if (type === 'application/x-www-form-urlencoded' && typeof body === 'object') return Buffer.from(formText(body))
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function formText(body: object | null): string {
  const fields = new URLSearchParams()
  const add = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) add(name, item)
    else if (typeof value !== 'object' || value === null) fields.append(name, String(value ?? ''))
    else for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner)
  }
  for (const [name, value] of Object.entries(body ?? {})) add(name, value)
  return fields.toString()
}
