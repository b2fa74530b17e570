import { DjangoError } from '../errors.ts'
import { quoteCookie } from './cookie-text.ts'

/** How a cookie is sent: Django's `…_COOKIE_…` settings. */
export interface CookieAttributes {
  readonly domain?: string | undefined
  readonly path?: string | undefined
  readonly secure?: boolean | undefined
  readonly httpOnly?: boolean | undefined
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined
  /** Seconds; without them the cookie lasts as long as the browser is open. */
  readonly maxAge?: number | undefined
}

/**
 * A `Set-Cookie` header, its attributes in Django's order.
 *
 * @param now milliseconds since 1970, for `expires`
 * @throws {DjangoError} `UNSAFE_COOKIE` where a part of it would end the header or start another attribute
 */
export function setCookie(name: string, value: string, attributes: CookieAttributes, now: number): string {
  const { domain, path = '/', secure, httpOnly, sameSite, maxAge } = attributes
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name) || !/^[ -:<-~]*$/.test(`${domain ?? ''}${path}`)) {
    throw new DjangoError('UNSAFE_COOKIE', 'the name, domain or path of a cookie has a character it may not have')
  }
  const parts = [`${name}=${quoteCookie(value)}`]
  if (domain !== undefined) parts.push(`Domain=${domain}`)
  if (maxAge !== undefined) parts.push(`expires=${new Date(now + maxAge * 1000).toUTCString()}`)
  if (httpOnly) parts.push('HttpOnly')
  if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`)
  parts.push(`Path=${path}`)
  if (sameSite) parts.push(`SameSite=${sameSite}`)
  if (secure) parts.push('Secure')
  return parts.join('; ')
}
