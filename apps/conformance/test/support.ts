/** An auth on rows that a test can look at, with a clock that it moves, and a caller that keeps cookies. */
import { createHash, createHmac } from 'node:crypto'
import { type AnyPlugin, type Auth, createAuth, type Options } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'

/** The secret of the specification's vectors. */
export const secret = 'keystile-test-secret-0123456789abcdef0123456789'
/** Production refuses a secret that stands in a public text. */
const privateSecret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'
/** 2026-01-01T00:00:00Z, the time of the vectors. */
export const start = Date.UTC(2026, 0, 1)
export const origin = 'http://localhost:3000'
export const second = 1000
export const day = 86400 * second

export const ada = { name: 'Ada', email: 'ada@example.com', password: 'password123' }
export const bob = { name: 'Bob', email: 'bob@example.com', password: 'password456' }

/** In place of argon2, whose cost is no part of the protocol. */
export const quickPasswords = {
  hash: async (password: string) => `quick:${password}`,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) =>
    hash === `quick:${password}`,
}

export interface Setup<P extends readonly AnyPlugin[]> {
  readonly auth: Auth<P>
  /** The tables by logical name, in the very arrays the store works on. */
  readonly rows: Record<'user' | 'session' | 'account' | 'rateLimit', Record<string, unknown>[]> & MemoryRows
  readonly clock: { now: number }
  /** What was logged, level first. */
  readonly logged: string[]
  readonly browser: (how?: BrowserOptions) => Browser
}

/** Options that are given win, `emailAndPassword` one level deep. */
export function setup<const P extends readonly AnyPlugin[] = readonly []>(
  options: Partial<Options<P>> = {},
  rows: MemoryRows = {},
): Setup<P> {
  const clock = { now: start }
  const logged: string[] = []
  for (const table of ['user', 'session', 'account', 'verification', 'rateLimit']) rows[table] ??= []
  const auth = createAuth<P>({
    database: memoryAdapter(rows),
    secret: options.production ? privateSecret : secret,
    baseURL: origin,
    env: {},
    production: false,
    clock: () => clock.now,
    logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
    ...options,
    emailAndPassword: { enabled: true, password: quickPasswords, ...options.emailAndPassword },
  })
  const base = `${typeof options.baseURL === 'string' ? options.baseURL : origin}/api/auth`
  return {
    auth,
    rows: rows as Setup<P>['rows'],
    clock,
    logged,
    browser: (how) => browser(auth.handler, { base, ...how }),
  }
}

export interface Json {
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
  readonly origin?: string | undefined
  readonly base?: string | undefined
  readonly remoteAddress?: string | undefined
}

/** `null` leaves out a header that would be sent. */
type SentHeaders = { readonly [name: string]: string | null }

export interface Sent {
  readonly method?: string
  /** An object goes out as JSON, text as it is. */
  readonly body?: unknown
  readonly headers?: SentHeaders
}

export interface Browser {
  readonly jar: Map<string, string>
  send(path: string, sent?: Sent): Promise<Answer>
  get(path: string, headers?: SentHeaders): Promise<Answer>
  post(path: string, body?: unknown, headers?: SentHeaders): Promise<Answer>
  /** Signs a person up, the session's cookies are in the jar then. */
  signUp(person?: object): Promise<Answer>
  signIn(person?: { readonly email: string; readonly password: string; readonly rememberMe?: boolean }): Promise<Answer>
}

/** A caller that keeps cookies and sends its Origin with what may change something. */
export function browser(
  handler: (request: Request, info?: { readonly remoteAddress?: string | undefined }) => Promise<Response>,
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
    const bytes =
      body === undefined ? null : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
    const request = new Request(/^https?:/.test(path) ? path : `${base}${path}`, {
      method,
      headers: Object.entries(all).filter((header): header is [string, string] => header[1] !== null),
      body: bytes,
    })
    const answer = await answerOf(await handler(request, { remoteAddress }))
    keep(jar, answer.setCookies)
    return answer
  }
  const post = (path: string, body?: unknown, headers: SentHeaders = {}) =>
    send(path, { method: 'POST', body, headers })
  return {
    jar,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post,
    signUp: (person = ada) => post('/sign-up/email', person),
    signIn: (person = ada) => {
      const { email, password, rememberMe } = person
      return post('/sign-in/email', { email, password, ...(rememberMe === undefined ? {} : { rememberMe }) })
    },
  }
}

export async function answerOf(response: Response): Promise<Answer> {
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

export const tokenCookie = 'better-auth.session_token'
export const cacheCookie = 'better-auth.session_data'
export const forgetCookie = 'better-auth.dont_remember'
const plainAttributes = 'Path=/; HttpOnly; SameSite=Lax'
/** What signing out, and any dead session, sends: 3.8. */
export const cleared = [tokenCookie, cacheCookie, forgetCookie].map((name) => `${name}=; Max-Age=0; ${plainAttributes}`)

/** A value signed as 3.3 says, by Node's own HMAC. */
export function signed(value: string, key = secret): string {
  return encodeURIComponent(`${value}.${createHmac('sha256', key).update(value).digest('base64')}`)
}

/** The stored form of a token: `h1.` and base64url of its SHA-256. */
export function storedForm(token: string): string {
  return `h1.${createHash('sha256').update(token).digest('base64url')}`
}

/** The token behind a signed cookie of the jar. */
export function tokenIn(jar: ReadonlyMap<string, string>, name = tokenCookie): string {
  const value = decodeURIComponent(jar.get(name) ?? '')
  return value.slice(0, value.lastIndexOf('.'))
}
