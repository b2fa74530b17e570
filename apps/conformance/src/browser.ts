/** A caller that keeps cookies as a browser does, for any handler on any runtime. */

/** Where the sites of these tests are, whatever address they listen on. */
export const origin = 'http://localhost:3000'

export type Handler = (
  request: Request,
  info?: { readonly remoteAddress?: string | undefined },
) => Response | Promise<Response>

interface Json {
  readonly [key: string]: unknown
  readonly token?: string | null
  readonly code?: string
  readonly message?: string
  readonly user?: { readonly [field: string]: unknown }
  readonly session?: { readonly token: string; readonly [field: string]: unknown }
}

export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  /** Whole `Set-Cookie` lines, in order. */
  readonly setCookies: readonly string[]
  readonly text: string
  /** The body parsed; `undefined` where it is no JSON. */
  readonly json: Json
}

export interface BrowserOptions {
  /** What paths are below. */
  readonly base?: string | undefined
  /** Default: that of `base`. */
  readonly origin?: string | undefined
  readonly remoteAddress?: string | undefined
}

/** `null` leaves out a header that would be sent. */
type SentHeaders = { readonly [name: string]: string | null }

interface Sent {
  readonly method?: string
  /** An object goes out as JSON, text and bytes as they are. */
  readonly body?: unknown
  readonly headers?: SentHeaders
}

export interface Browser {
  readonly jar: Map<string, string>
  send(path: string, sent?: Sent): Promise<Answer>
  get(path: string, headers?: SentHeaders): Promise<Answer>
  post(path: string, body?: unknown, headers?: SentHeaders): Promise<Answer>
}

/** A caller that keeps cookies and sends its Origin with what may change something. */
export function browser(
  handler: Handler,
  { base = `${origin}/api/auth`, origin: from = new URL(base).origin, remoteAddress }: BrowserOptions = {},
): Browser {
  const jar = new Map<string, string>()
  async function send(path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Answer> {
    const posted = method !== 'GET' && method !== 'HEAD'
    const all: SentHeaders = {
      ...(posted ? { origin: from } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
      ...headers,
    }
    const request = new Request(/^https?:/.test(path) ? path : `${base}${path}`, {
      method,
      headers: Object.entries(all).filter((header): header is [string, string] => header[1] !== null),
      body: bytesOf(body),
    })
    const answer = await answerOf(await handler(request, { remoteAddress }))
    keep(jar, answer.setCookies)
    return answer
  }
  return {
    jar,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers = {}) => send(path, { method: 'POST', body, headers }),
  }
}

function bytesOf(body: unknown): Uint8Array<ArrayBuffer> | null {
  if (body === undefined) return null
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const { status, statusText, headers } = response
  return { status, statusText, headers, setCookies: headers.getSetCookie(), text, json: json as Json }
}

/** Puts the cookies of an answer into a jar, as a browser does. */
export function keep(jar: Map<string, string>, setCookies: readonly string[]): void {
  for (const line of setCookies) {
    const [pair = ''] = line.split(';')
    const name = pair.slice(0, pair.indexOf('='))
    jar.delete(name)
    if (!/; Max-Age=0(?:;|$)/.test(line)) jar.set(name, pair.slice(name.length + 1))
  }
}
