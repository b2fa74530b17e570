/** The bytes of a request's body, whatever the host has done with them by the time we are asked. */
import type { Readable } from 'node:stream'
import type { NodeRequest, RequestView } from './node-request.ts'

/** `rewritten`: made anew from what a body parser left, so length and encoding headers no longer describe it. */
export interface NodeBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | null
  readonly rewritten: boolean
}

/** The body as it can still be had; undefined when someone read it and left nothing. */
export function bodyOf(req: NodeRequest, { payload = req, body, rawBody }: RequestView): NodeBody | undefined {
  if (!hasBody(req)) return { body: null, rewritten: false }
  if (!payload.readableDidRead) return { body: streamOf(payload), rewritten: payload !== req }
  const bytes = bytesOf(rawBody ?? req.rawBody) ?? rebuild(body ?? req.body, req.headers['content-type'])
  return bytes && { body: bytes, rewritten: true }
}

function hasBody(req: NodeRequest): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false
  if (req.httpVersionMajor >= 2) return !req.stream?.endAfterHeaders
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** Reads from the source only as it is read from. */
function streamOf(source: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = source.iterator({ destroyOnReturn: false })
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
        source.resume()
      },
    },
    { highWaterMark: 0 },
  )
}

/** The body from what a parser made of it, in the media type the client sent: the core's checks rely on that. */
function rebuild(body: unknown, contentType = ''): Uint8Array<ArrayBuffer> | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase()
  // A multipart body cannot be put together again from its parts.
  if (body === undefined || type?.startsWith('multipart/')) return undefined
  if (type === 'application/x-www-form-urlencoded' && isFields(body)) return Buffer.from(formText(body))
  return bytesOf(body) ?? Buffer.from(JSON.stringify(body))
}

const isFields = (body: unknown): body is object | null => typeof body === 'object' && !(body instanceof Uint8Array)

function bytesOf(raw: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof raw === 'string') return Buffer.from(raw)
  return raw instanceof Uint8Array ? Buffer.from(raw) : undefined
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
