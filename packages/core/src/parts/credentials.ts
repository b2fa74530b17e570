/** What an `Authorization` header, or one like it, carries (RFC 9110, 11.6.2): the scheme's name in any case, then spaces. */
import { schemeProblem } from '../contract/scheme.ts'
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

/** What a function of the app gives where there is nobody: a lookup that finds nothing, a check that fails. */
export const isNobody = (found: unknown): found is null | undefined | false =>
  found === null || found === undefined || found === false

/** RFC 9110, 5.6.2: what names of headers, cookies and schemes are made of. */
const token = /^[!#$%&'*+.^_`|~\w-]+$/

/**
 * Where a credential is looked for: a name that no request can have would be an error at each of them.
 * @throws ConfigError for one.
 */
export function checkPlace(
  name: string,
  place: Readonly<Partial<Record<'header' | 'cookie' | 'scheme', string>>>,
): void {
  for (const [what, value] of Object.entries(place)) {
    if (token.test(value)) continue
    throw schemeProblem(name, {
      code: 'SCHEME_PLACE',
      message: `the name of its ${what} is none that a request can have`,
      seen: JSON.stringify(value),
      expected: 'letters, digits and hyphens',
      fix: `${what}: 'x-api-key'`,
    })
  }
}

/** @throws ConfigError for a realm that cannot stand in a header. */
export function checkRealm(name: string, realm: string): void {
  if (/^[\x20-\x7e]*$/.test(realm)) return
  throw schemeProblem(name, {
    code: 'SCHEME_REALM',
    message: 'its realm cannot stand in a header',
    seen: JSON.stringify(realm),
    expected: 'printable letters of ASCII',
    fix: "realm: 'notes'",
  })
}
