/** What a request carries: its body within a limit and of a type the endpoint takes, its query as plain values. */
import { otherCodes } from '../domain/codes.ts'
import { APIError, apiError } from '../lib/errors.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/**
 * The parsed body, `undefined` when there is none.
 * @throws APIError 415 for another type or charset, 413 over `limit` bytes, 400 for what does not parse.
 */
export async function readBody(request: Request, media: readonly string[], limit: number): Promise<unknown> {
  if (request.body === null) return undefined
  const type = allowedType(request.headers.get('content-type'), media)
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

const unsupported = (message: string) =>
  new APIError(415, { message, code: otherCodes.UNSUPPORTED_MEDIA_TYPE.code })

async function readText(request: Request, limit: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw apiError(otherCodes.PAYLOAD_TOO_LARGE)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  try {
    const reader = (request.body as ReadableStream<Uint8Array>).getReader()
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      size += chunk.value.byteLength
      if (size > limit) {
        // What the sender does about it is not ours to wait for.
        reader.cancel().catch(() => {})
        throw apiError(otherCodes.PAYLOAD_TOO_LARGE)
      }
      text += decoder.decode(chunk.value, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (error instanceof APIError) throw error
    // Read by somebody else, broken off, or not UTF-8: nothing that could be answered any better.
    throw apiError(otherCodes.BAD_REQUEST)
  }
}

/** A key of this name would become the prototype of whatever it is merged into. */
const dropPrototype = (key: string, value: unknown) => (key === '__proto__' ? undefined : value)

function parseJson(text: string): unknown {
  try {
    return text.includes('__proto__') || text.includes('\\u') ? JSON.parse(text, dropPrototype) : JSON.parse(text)
  } catch {
    throw apiError(otherCodes.BAD_REQUEST)
  }
}

function formValues(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) values[name] = value
  return { ...values }
}

/** Query values by name; a name that comes more than once becomes a list. `undefined` without a query. */
export function readQuery(url: string): Record<string, string | string[]> | undefined {
  const start = url.indexOf('?')
  if (start < 0) return undefined
  const end = url.indexOf('#', start)
  const values = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(url.slice(start + 1, end < 0 ? undefined : end))) {
    const earlier = values.get(name)
    if (earlier === undefined) values.set(name, value)
    else if (Array.isArray(earlier)) earlier.push(value)
    else values.set(name, [earlier, value])
  }
  values.delete('__proto__')
  return Object.fromEntries(values)
}
