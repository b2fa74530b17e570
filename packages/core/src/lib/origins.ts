/** Which URLs and origins are trusted: the patterns of `trustedOrigins`. */
import { type WildcardOptions, wildcard } from './wildcard.ts'

export interface OriginOptions {
  /** Also takes paths of this server such as `/dash?x=1`: for callback URLs, never for an `Origin` header. */
  readonly allowRelativePaths?: boolean | undefined
}

/** Whether a URL or origin is trusted. Total: what is no URL is not trusted. */
export type OriginMatcher = (value: string, options?: OriginOptions | undefined) => boolean

/** A path that no browser reads as another host, with plain characters only. */
const RELATIVE_PATH = /^\/(?!\/|\\|%2f|%5c)[\w\-.+/@]*(?:\?[\w\-.+/=&%@]*)?$/
/** Patterns with these are wildcards, although `new URL` takes `*` for a part of a host name. */
const WILD = /[*?]/
/** `new URL` drops these in silence; no honest URL has them. */
const CONTROLS = /\p{Cc}/u
/** Schemes that carry a document or a script instead of naming a place: no pattern trusts them. */
const NEVER = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'about:', 'view-source:', 'filesystem:'])

/**
 * Compiles patterns once. A pattern is an origin (`https://a.com`), a wildcard over origins (`https://*.a.com`) or over
 * hosts (`*.a.com`), or a custom scheme (`myapp://`, `myapp://host/path`); see `wildcard` for the language.
 */
export function originMatcher(patterns: readonly string[], wildcards: WildcardOptions = {}): OriginMatcher {
  const origins = new Set(patterns.filter((pattern) => !WILD.test(pattern) && originOf(pattern) === pattern))
  const others = patterns.filter((pattern) => !origins.has(pattern)).map((pattern) => compile(pattern, wildcards))
  return (value, options) => {
    if (value.startsWith('/')) return options?.allowRelativePaths === true && RELATIVE_PATH.test(value)
    if (origins.has(value)) return true
    const url = CONTROLS.test(value) ? null : parse(value)
    if (url === null || NEVER.has(url.protocol)) return false
    return origins.has(url.origin) || others.some((matches) => matches(url))
  }
}

/** `originMatcher` for one pattern, once. */
export function matchesOrigin(
  value: string,
  pattern: string,
  options: (OriginOptions & WildcardOptions) | undefined = {},
): boolean {
  return originMatcher([pattern], options)(value, options)
}

/** Whether `text` is an absolute http or https URL. */
export function isHttpUrl(text: string): boolean {
  const url = parse(text)
  return url !== null && isHttp(url)
}

/** The origin of a URL (`https://a.com:8443`); `null` for what is no URL or, like a custom scheme, has none. */
export function originOf(text: string): string | null {
  const url = parse(text)
  return url === null || url.origin === 'null' ? null : url.origin
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

function compile(pattern: string, wildcards: WildcardOptions): (url: URL) => boolean {
  if (WILD.test(pattern)) {
    const matches = wildcard(pattern, wildcards)
    return pattern.includes('://') ? (url) => matches(place(url)) : (url) => matches(url.host)
  }
  const base = parse(pattern)
  if (base === null || isHttp(base)) return () => false
  const host = base.host.toLowerCase()
  const path = resolvedPath(base)?.replace(/\/$/, '')
  return (url) => {
    if (url.protocol !== base.protocol) return false
    if (host === '') return true
    const own = resolvedPath(url)
    if (own === null || path === undefined || url.host.toLowerCase() !== host) return false
    return own === path || own.startsWith(`${path}/`)
  }
}

/** What a wildcard with a scheme is held against: the origin, or scheme, authority and path where there is none. */
function place(url: URL): string {
  if (url.origin !== 'null') return url.origin
  const path = resolvedPath(url)
  if (path === null) return ''
  return url.host !== '' || url.pathname.startsWith('/') ? `${url.protocol}//${url.host}${path}` : url.protocol + path
}

/** The path, percent-decoded and with `.` and `..` resolved, as the app behind a custom scheme may read it. */
function resolvedPath(url: URL): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(url.pathname)
  } catch {
    return null
  }
  const segments: string[] = []
  for (const segment of decoded.split(/[/\\]/)) {
    if (segment === '..') {
      if (segments.length > 1) segments.pop()
    } else if (segment !== '.') segments.push(segment)
  }
  return segments.join('/')
}
