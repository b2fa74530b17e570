/** An auth on rows that a test can look at, with a clock that it moves, and a caller that keeps cookies. */
import { createHash, createHmac } from 'node:crypto'
import { type AnyPlugin, type Auth, createAuth, type Options } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import {
  type Answer,
  type BrowserOptions,
  type Handler,
  origin,
  type Browser as PlainBrowser,
  browser as plainBrowser,
} from '../src/browser.ts'

export { type Answer, type BrowserOptions, keep, origin } from '../src/browser.ts'

/** The secret of the specification's vectors. */
export const secret = 'keystile-test-secret-0123456789abcdef0123456789'
/** Production refuses a secret that stands in a public text. */
const privateSecret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'
/** 2026-01-01T00:00:00Z, the time of the vectors. */
export const start = Date.UTC(2026, 0, 1)
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

/** A caller that signs people up and in. */
export interface Browser extends PlainBrowser {
  /** Signs a person up, the session's cookies are in the jar then. */
  signUp(person?: object): Promise<Answer>
  signIn(person?: { readonly email: string; readonly password: string; readonly rememberMe?: boolean }): Promise<Answer>
}

export function browser(handler: Handler, how?: BrowserOptions): Browser {
  const plain = plainBrowser(handler, how)
  return {
    ...plain,
    signUp: (person = ada) => plain.post('/sign-up/email', person),
    signIn: (person = ada) => {
      const { email, password, rememberMe } = person
      return plain.post('/sign-in/email', { email, password, ...(rememberMe === undefined ? {} : { rememberMe }) })
    },
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
