/** The cookie codec: `Set-Cookie` out, `Cookie` in (RFC 6265bis), and signed values. */
import { type HmacKey, hmac, hmacMatches } from '#crypto'

type SameSite = 'lax' | 'strict' | 'none'

/** What goes behind the value in `Set-Cookie`; what is not given is left out. */
export interface CookieAttributes {
  /** Seconds, at most 400 days; 0 or less ends the cookie. Without it the cookie ends with the browser session. */
  readonly maxAge?: number | undefined
  readonly domain?: string | undefined
  readonly path?: string | undefined
  readonly expires?: Date | undefined
  readonly httpOnly?: boolean | undefined
  readonly secure?: boolean | undefined
  readonly sameSite?: SameSite | Capitalize<SameSite> | undefined
  /** Kept apart per top-level site (CHIPS). Implies `secure`. */
  readonly partitioned?: boolean | undefined
}

const MAX_AGE_LIMIT = 34_560_000
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/

/** Whether a cookie can have this name: an RFC 9110 token. */
export function isCookieName(name: string): boolean {
  return NAME.test(name)
}

/**
 * One `Set-Cookie` header. `value` goes out as it is, so that whoever makes it chooses its form: signed values come
 * encoded from `signCookieValue`, other text passes through `encodeURIComponent`. A name that starts with `__Secure-`
 * or `__Host-` gets the attributes that browsers demand for it.
 *
 * @throws TypeError for a name, value, domain or path that would break the header.
 * @throws RangeError for a `maxAge` over 400 days, or that is no number.
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes = {}): string {
  const { maxAge, expires, httpOnly, sameSite, partitioned } = attributes
  const host = /^__Host-/i.test(name)
  const secure = attributes.secure || partitioned || host || /^__Secure-/i.test(name)
  const domain = host ? undefined : attributes.domain
  const path = host ? '/' : attributes.path
  if (!NAME.test(name)) throw new TypeError('Invalid cookie name')
  if (!VALUE.test(value)) throw new TypeError(`The value of cookie ${name} must be encoded`)
  if (!ATTRIBUTE.test(domain ?? '')) throw new TypeError(`Invalid domain of cookie ${name}`)
  if (!ATTRIBUTE.test(path ?? '')) throw new TypeError(`Invalid path of cookie ${name}`)
  if (maxAge !== undefined && !(maxAge <= MAX_AGE_LIMIT)) {
    throw new RangeError(`The maxAge of cookie ${name} must be at most 400 days (${MAX_AGE_LIMIT} seconds)`)
  }

  let text = `${name}=${value}`
  if (maxAge !== undefined) text += `; Max-Age=${Math.max(0, Math.floor(maxAge))}`
  if (domain) text += `; Domain=${domain}`
  if (path) text += `; Path=${path}`
  if (expires) text += `; Expires=${expires.toUTCString()}`
  if (httpOnly) text += '; HttpOnly'
  if (secure) text += '; Secure'
  if (sameSite) text += `; SameSite=${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`
  if (partitioned) text += '; Partitioned'
  return text
}

/**
 * Every value that a `Cookie` header holds under `name`, in its order, percent-decoded. Only the name itself is looked
 * for, so that many or long cookies of others cost next to nothing. Never throws.
 */
export function cookieValues(header: string | null, name: string): string[] {
  const values: string[] = []
  // Of an empty name the search would never end.
  if (!header || name === '') return values
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at)) {
    const start = at + name.length + 1
    if (header[start - 1] === '=' && startsPair(header, at)) {
      const end = header.indexOf(';', start)
      values.push(decodeValue((end === -1 ? header.slice(start) : header.slice(start, end)).trim()))
      if (end === -1) break
      at = end
    } else {
      at = start
    }
  }
  return values
}

/** Whether only blanks stand between `at` and the `;` or the start before it. */
function startsPair(header: string, at: number): boolean {
  let i = at - 1
  while (i >= 0 && (header[i] === ' ' || header[i] === '\t')) i--
  return i < 0 || header[i] === ';'
}

function decodeValue(text: string): string {
  const value = text.startsWith('"') ? text.slice(1, -1) : text
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

const MAC_LENGTH = 44

/**
 * `value.signature`, percent-encoded: what a signed cookie holds. With `coveredName` the MAC is over the cookie's name
 * too, so that the value is worth nothing under another.
 */
export function signCookieValue(value: string, key: HmacKey, coveredName?: string | undefined): string {
  return encodeURIComponent(`${value}.${hmac(key, signedText(value, coveredName))}`)
}

/**
 * The value behind a signature that one of `keys` made, and which; `null` for all else. Takes what `cookieValues`
 * gives; only the canonical form of a signature counts.
 */
export function readSignedValue(
  raw: string,
  keys: readonly HmacKey[],
  coveredName?: string | undefined,
): { value: string; keyIndex: number } | null {
  const dot = raw.lastIndexOf('.')
  if (dot < 1 || raw.length - dot - 1 !== MAC_LENGTH || !raw.endsWith('=')) return null
  const value = raw.slice(0, dot)
  const signature = raw.slice(dot + 1)
  const text = signedText(value, coveredName)
  const keyIndex = keys.findIndex((key) => hmacMatches(key, text, signature))
  return keyIndex === -1 ? null : { value, keyIndex }
}

/** No cookie's name holds `=`, so two pairs of name and value never give the same text. */
function signedText(value: string, coveredName: string | undefined): string {
  return coveredName === undefined ? value : `${coveredName}=${value}`
}
