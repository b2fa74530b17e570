import { unquoteCookie } from './cookie-text.ts'

/** The value of a cookie in a `Cookie` header, as Django reads it: of several of one name the last. */
export function cookieIn(header: string | null, name: string): string | undefined {
  let found: string | undefined
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=')
    if (at >= 0 && part.slice(0, at).trim() === name) found = unquoteCookie(part.slice(at + 1).trim())
  }
  return found
}
