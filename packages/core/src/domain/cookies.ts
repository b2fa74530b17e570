/** The cookies of a session: their names and attributes, decided once. */
import { type CookieAttributes, isCookieName } from '../lib/cookies.ts'
import type { AuthCookie } from './exchange.ts'

export type CookieName = 'session_token' | 'session_data' | 'dont_remember' | (string & {})

export interface CookieOptions {
  readonly prefix: string
  readonly secure: boolean
  /** `__Host-` instead of `__Secure-` where no domain is set. */
  readonly hostPrefix: boolean
  readonly domain: string | undefined
  readonly defaults: CookieAttributes
  readonly overrides: {
    readonly [name: string]: {
      readonly name?: string | undefined
      readonly attributes?: CookieAttributes | undefined
    }
  }
}

export type MakeCookie = (name: CookieName, attributes?: CookieAttributes) => AuthCookie

/**
 * A function that makes the cookie of a logical name; later attributes win: ours, the app's, the cookie's own, the app's
 * for it. It throws a TypeError for a name that no cookie can have.
 */
export function cookieMaker(options: CookieOptions): MakeCookie {
  const base: CookieAttributes = {
    secure: options.secure,
    sameSite: 'lax',
    path: '/',
    httpOnly: true,
    ...(options.domain === undefined ? {} : { domain: options.domain }),
    ...options.defaults,
  }
  return (name, own = {}) => {
    const override = Object.hasOwn(options.overrides, name) ? options.overrides[name] : undefined
    const attributes = { ...base, ...own, ...override?.attributes }
    const prefix = options.secure ? (options.hostPrefix && !attributes.domain ? '__Host-' : '__Secure-') : ''
    const full = prefix + (override?.name ?? `${options.prefix}.${name}`)
    if (!isCookieName(full)) throw new TypeError(`${JSON.stringify(full)} is no cookie name`)
    return { name: full, attributes }
  }
}

export interface SessionCookies {
  readonly token: AuthCookie
  readonly data: AuthCookie
  readonly dontRemember: AuthCookie
}

export function sessionCookies(make: MakeCookie): SessionCookies {
  return { token: make('session_token'), data: make('session_data'), dontRemember: make('dont_remember') }
}
