/** A response held back at its first byte, until what goes into its head is known. */
import type { ServerResponse } from 'node:http'
import { isGone, setHeader } from './response.ts'

type Head = readonly (readonly [name: string, value: string])[]

/**
 * Asks `head` for headers once, when the host begins to answer, and lets the answer go when they are there. Where that
 * fails, nothing of the answer goes out: `failed` is to make another.
 */
export function holdHead(
  res: ServerResponse,
  head: (status: number) => Promise<Head>,
  failed: (error: unknown) => void,
): void {
  const { writeHead, write, end, flushHeaders } = res
  let [asked, ended, released, waiting] = [false, false, false, false]
  let held: (() => unknown)[] = []
  let thaw = () => {}

  const release = (headers: Head) => {
    released = true
    thaw()
    if (isGone(res)) return
    for (const [name, value] of headers) setHeader(res, name.toLowerCase(), value)
    for (const call of held) call()
    if (waiting && !res.writableNeedDrain && !res.writableEnded) res.emit('drain')
  }
  const give = (error: unknown) => {
    released = true
    held = []
    if (isGone(res)) return
    for (const name of res.getHeaderNames()) res.removeHeader(name)
    res.statusCode = 200
    res.statusMessage = ''
    failed(error)
  }
  const hold = (call: () => unknown) => {
    held.push(call)
    if (asked) return
    asked = true
    thaw = freeze(res, () => ended)
    head(res.statusCode)
      .then(release)
      .catch((error) => {
        thaw()
        if (res.headersSent) res.destroy()
        else give(error)
      })
  }

  type Method<F> = F extends (...args: infer A) => infer R ? (...args: A) => R : never
  const ours = {
    writeHead(...args: [status: number, reason?: unknown, headers?: unknown]) {
      if (released) return Reflect.apply(writeHead, res, args)
      // Frameworks that find no head written ask for it with each part.
      if (asked) return res
      const [status, reason] = args
      res.statusCode = status
      if (typeof reason === 'string') res.statusMessage = reason
      // Set one by one, so that they and those that are to come stand side by side.
      for (const [name, value] of pairsOf(args.find((arg) => typeof arg === 'object'))) res.setHeader(name, value)
      hold(() => Reflect.apply(writeHead, res, [res.statusCode]))
      return res
    },
    write(...args: unknown[]) {
      if (released) return Reflect.apply(write as Method<typeof write>, res, args)
      if (!ended) hold(() => Reflect.apply(write as Method<typeof write>, res, args))
      waiting = true
      return false
    },
    end(...args: unknown[]) {
      if (released) return Reflect.apply(end as Method<typeof end>, res, args)
      if (!ended) hold(() => Reflect.apply(end as Method<typeof end>, res, args))
      ended = true
      return res
    },
    flushHeaders() {
      if (released) flushHeaders.call(res)
      else hold(() => flushHeaders.call(res))
    },
  }
  Object.assign(res, ours)
}

/** Headers as `writeHead` takes them: an object, or names and values in one list. */
function pairsOf(headers: unknown): [name: string, value: string | string[]][] {
  if (!Array.isArray(headers)) return Object.entries((headers ?? {}) as Record<string, string>)
  const pairs = new Map<string, string | string[]>()
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name, value] = [String(headers[i]), headers[i + 1]]
    const earlier = pairs.get(name)
    pairs.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return [...pairs]
}

const setters = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const

/**
 * Makes a held response look as it would if it had gone out: a second answer to the same request, such as that of an
 * error after the first, must not be mixed into it.
 *
 * @returns what undoes it
 */
function freeze(res: ServerResponse, ended: () => boolean): () => void {
  const { statusCode, statusMessage } = res
  const before = Object.fromEntries(setters.map((name) => [name, Object.getOwnPropertyDescriptor(res, name)]))
  const refuse = () => {
    const error = new Error('Cannot set headers after the answer has begun')
    throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
  }
  for (const name of setters) Object.defineProperty(res, name, { value: refuse, configurable: true })
  Object.defineProperty(res, 'headersSent', { get: () => true, configurable: true })
  Object.defineProperty(res, 'writableEnded', { get: ended, configurable: true })
  return () => {
    for (const name of [...setters, 'headersSent', 'writableEnded']) Reflect.deleteProperty(res, name)
    for (const name of setters) {
      const own = before[name]
      if (own) Object.defineProperty(res, name, own)
    }
    Object.assign(res, { statusCode, statusMessage })
  }
}
