/** What a request carries: its body within a limit and of a type the endpoint takes, its query as plain values. */
import { otherCodes } from '../domain/codes.ts'
import { APIError, apiError } from '../lib/errors.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/**
 * The parsed body, `undefined` when there is none.
 * @throws APIError 415 for another type or charset, 413 over `limit` bytes, 408 for what takes over 30 seconds to
 * arrive, 400 for what does not parse.
 */
export async function readBody(request: Request, media: readonly string[], limit: number): Promise<unknown> {
  if (request.body === null) return undefined
  const header = request.headers.get('content-type')
  // Some hosts give every POST a stream: an empty one of no type is no body.
  if (!header && (await readText(request, limit)) === '') return undefined
  const type = allowedType(header, media)
  const text = await readText(request, limit)
  return type === form ? formValues(text) : parseJson(text)
}

function allowedType(header: string | null, media: readonly string[]): string {
  const allowed = [...media, json]
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';')
  const list = `Allowed types: ${allowed.join(', ')}`
  if (type.trim() === '') throw unsupported(`Content-Type is required. ${list}`)
  const found = allowed.find((a) => type.includes(a))
  if (!found) throw unsupported(`Content-Type "${header}" is not allowed. ${list}`)
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    const charset = value.trim().replace(/^"|"$/g, '')
    if (name.trim() === 'charset' && charset !== 'utf-8' && charset !== 'utf8') {
      throw unsupported(`Charset "${charset}" is not allowed. Allowed charset: utf-8`)
    }
  }
  return found
}

const unsupported = (message: string) => new APIError(415, { message, code: otherCodes.UNSUPPORTED_MEDIA_TYPE.code })

/** Milliseconds that a body has to arrive in: who sends it byte by byte holds a connection no longer. */
const patience = 30_000

async function readText(request: Request, limit: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw apiError(otherCodes.PAYLOAD_TOO_LARGE)
  const chunks: Uint8Array[] = []
  let size = 0
  const { signal } = request
  let stop = () => {}
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop()
  }, patience)
  try {
    const reader = (request.body as ReadableStream<Uint8Array>).getReader()
    stop = () => void reader.cancel().catch(() => {})
    signal.addEventListener('abort', stop)
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (signal.aborted || late) break
      size += chunk.value.byteLength
      if (size > limit) {
        // What the sender does about it is not ours to wait for.
        reader.cancel().catch(() => {})
        throw apiError(otherCodes.PAYLOAD_TOO_LARGE)
      }
      chunks.push(chunk.value)
    }
    signal.throwIfAborted()
    if (late) throw tooLate()
    return decode(chunks)
  } catch (error) {
    if (error instanceof APIError) throw error
    // Read by somebody else, broken off, or not UTF-8: nothing that could be answered any better.
    throw apiError(otherCodes.BAD_REQUEST)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** The rest of the body may never come: no further request is waited for behind it. */
function tooLate(): APIError {
  const { code, message, status } = otherCodes.REQUEST_TIMEOUT
  return new APIError(status, { message, code }, { connection: 'close' })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws TypeError for what is not UTF-8. */
function decode(chunks: readonly Uint8Array[]): string {
  if (chunks.length === 1) return utf8.decode(chunks[0])
  // A character may begin in one chunk and end in the next.
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}

/** Keys of these names reach the prototype of whatever they are merged into. */
function dropPrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined
  return key === 'constructor' && typeof value === 'object' && value !== null ? undefined : value
}

function parseJson(text: string): unknown {
  if (isExcessive(text)) throw apiError(otherCodes.BAD_REQUEST)
  try {
    return /__proto__|constructor|\\u/.test(text) ? JSON.parse(text, dropPrototype) : JSON.parse(text)
  } catch {
    throw apiError(otherCodes.BAD_REQUEST)
  }
}

/** No endpoint takes anything near these; what nests or lists more only costs time, long before it is validated. */
const deepest = 64
const mostValues = 10_000

/** Whether a JSON text nests or lists too much: its brackets and commas are counted, those in strings are not. */
function isExcessive(text: string): boolean {
  if (text.length <= deepest) return false
  let depth = 0
  let commas = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 0x5c) i++
      else if (c === 0x22) quoted = false
    } else if (c === 0x22) quoted = true
    else if (c === 0x5b || c === 0x7b) depth++
    else if (c === 0x5d || c === 0x7d) depth--
    else if (c === 0x2c) commas++
    if (depth > deepest || commas >= mostValues) return true
  }
  return false
}

function formValues(text: string): Record<string, string> {
  if (text.split('&', mostValues + 1).length > mostValues) throw apiError(otherCodes.BAD_REQUEST)
  const values = new Map(new URLSearchParams(text))
  values.delete('__proto__')
  return Object.fromEntries(values)
}

/** Query values by name; a name that comes more than once becomes a list. `undefined` without a query. */
export function readQuery(url: string): Record<string, string | string[]> | undefined {
  const start = url.indexOf('?')
  if (start < 0) return undefined
  const end = url.indexOf('#')
  if (end >= 0 && end < start) return undefined
  const values = new Map<string, string | string[]>()
  // With its `?`, which is dropped: a second one is part of the first name.
  for (const [name, value] of new URLSearchParams(url.slice(start, end < 0 ? undefined : end))) {
    const earlier = values.get(name)
    if (earlier === undefined) values.set(name, value)
    else if (Array.isArray(earlier)) earlier.push(value)
    else values.set(name, [earlier, value])
  }
  values.delete('__proto__')
  return Object.fromEntries(values)
}
