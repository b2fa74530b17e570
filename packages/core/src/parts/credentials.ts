/** What an `Authorization` header, or one like it, carries (RFC 9110, 11.6.2): the scheme's name in any case, then spaces. */
import type { HeaderSource } from '../domain/exchange.ts'

/** The text behind the scheme's name; undefined for another scheme, or none. */
export function credentialsOf(headers: HeaderSource, header: string, scheme: string): string | undefined {
  const value = headers.get(header)
  if (value === null || value.length <= scheme.length) return undefined
  if (value.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase() || value[scheme.length] !== ' ')
    return undefined
  return value.slice(scheme.length).trim() || undefined
}

/** A quoted string of a challenge (RFC 9110, 5.6.4). */
export const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`

/** The challenge of Bearer schemes (RFC 6750, 3), which is never without a parameter. */
export const bearerChallenge = (refused: boolean) => `Bearer realm="api"${refused ? ', error="invalid_token"' : ''}`
