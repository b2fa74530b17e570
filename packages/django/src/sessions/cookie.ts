import { type CookieAttributes, setCookie } from '../primitives/set-cookie.ts'
import type { Expiry } from './expiry.ts'

/** `SESSION_COOKIE_…`, with Django's defaults. */
export interface SessionCookieOptions extends Omit<CookieAttributes, 'maxAge' | 'sameSite'> {
  /** Default `sessionid`. */
  readonly name?: string | undefined
  /** `SESSION_COOKIE_SAMESITE`; `false` sends the cookie without it. Default `Lax`. */
  readonly sameSite?: CookieAttributes['sameSite'] | false
  /** `SESSION_COOKIE_AGE` in seconds, of the row too. Default two weeks. */
  readonly age?: number | undefined
  /** `SESSION_EXPIRE_AT_BROWSER_CLOSE`. Default `false`. */
  readonly expireAtBrowserClose?: boolean | undefined
  /** `SESSION_SAVE_EVERY_REQUEST`: each request that has the cookie moves its end. Default `false`. */
  readonly saveEveryRequest?: boolean | undefined
}

/** Django's `SESSION_COOKIE_NAME`. */
export const SESSION_COOKIE = 'sessionid'

/**
 * The `Set-Cookie` header that carries a session.
 *
 * @param now milliseconds since 1970
 */
export function sessionCookie(value: string, options: SessionCookieOptions, expiry: Expiry, now: number): string {
  const { name = SESSION_COOKIE, domain, path, secure, httpOnly = true, sameSite = 'Lax' } = options
  const maxAge = expiry.atBrowserClose ? undefined : expiry.age
  return setCookie(name, value, { domain, path, secure, httpOnly, sameSite: sameSite || undefined, maxAge }, now)
}

/** The `Set-Cookie` header that takes it away. */
export function sessionCookieDeletion(options: SessionCookieOptions): string {
  const { name = SESSION_COOKIE } = options
  const { domain, path, sameSite = 'Lax' } = options
  // Browsers take such cookies, and their end, only with this word.
  const secure = name.startsWith('__Secure-') || name.startsWith('__Host-') || sameSite === 'None'
  const line = setCookie(name, '', { domain, path, sameSite: sameSite || undefined, secure, maxAge: 0 }, 0)
  return line.replace('=', '=""')
}
