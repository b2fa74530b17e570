/** What a token claims (RFC 7519), read by rules that are stated here and nowhere else. */
import { isObject } from '../../lib/is-object.ts'

/** The claims of a token whose signature holds. Times are seconds since the epoch. */
export interface JwtToken {
  /** Whose it is. */
  readonly sub: string
  readonly exp: number
  readonly iat: number
  readonly iss: string | undefined
  readonly aud: string | readonly string[] | undefined
  readonly jti: string | undefined
  /** The `extras` claim, and every other claim beside it. */
  readonly extras: Readonly<Record<string, unknown>>
}

/** What a token must claim. */
export interface JwtClaimOptions {
  /** Accepted in `iss`; the first goes into tokens that are made. */
  readonly issuers?: string | readonly string[] | undefined
  /** Accepted in `aud`, one of them is enough; all go into tokens that are made. */
  readonly audiences?: string | readonly string[] | undefined
  /** `aud` must be one text, equal to the one of `audiences`. Default `false`. */
  readonly strictAudience?: boolean | undefined
  /** Seconds that clocks may be apart, at most 60. Default 0. */
  readonly leeway?: number | undefined
  /** Lets `leeway` be up to an hour. */
  readonly allowLongLeeway?: boolean | undefined
  /** Claims that must be there beside `sub`, `exp` and `iat`, and not be null. */
  readonly requireClaims?: readonly string[] | undefined
  /** What the header's `typ` must be, as `at+jwt`; not looked at unless set. */
  readonly typ?: string | undefined
  readonly verifyExpiry?: boolean | undefined
  readonly verifyIssuedAt?: boolean | undefined
  readonly verifyNotBefore?: boolean | undefined
}

export interface ClaimRules extends JwtClaimOptions {
  readonly requireJti: boolean
  /** What `extras.type` must be; `null`: anything. */
  readonly tokenType: string | null
  readonly requireType: boolean
}

type Payload = Readonly<Record<string, unknown>>

/** The claims of a payload, or why they do not hold. `now` in seconds. */
export function readClaims(payload: Payload, rules: ClaimRules, now: number): JwtToken | string {
  const { sub, exp, iat, iss, aud, jti, extras = {}, ...others } = payload
  for (const name of rules.requireClaims ?? []) {
    if (!Object.hasOwn(payload, name) || payload[name] === null) return `the claim ${name} is missing`
  }
  if (typeof sub !== 'string' || sub === '') return 'sub is no text that names somebody'
  if (!isTime(exp)) return 'exp is no time'
  if (!isTime(iat)) return 'iat is no time'
  if (others.nbf !== undefined && !isTime(others.nbf)) return 'nbf is no time'
  if (iss !== undefined && typeof iss !== 'string') return 'iss is no text'
  if (aud !== undefined && !isAudience(aud)) return 'aud is neither a text nor a list of texts'
  if (jti !== undefined && typeof jti !== 'string') return 'jti is no text'
  if (!isObject(extras)) return 'extras is no object'

  const late =
    timing({ exp, iat, nbf: others.nbf as number | undefined }, rules, now) ?? addressing(iss, aud, rules) ?? undefined
  if (late !== undefined) return late
  if (rules.requireJti && !jti) return 'there is no jti to look up'
  if (rules.tokenType !== null) {
    const { type } = extras
    if (type === undefined ? rules.requireType : type !== rules.tokenType) {
      return `it is no ${rules.tokenType} token but of type ${typeof type === 'string' ? type : typeof type}`
    }
  }
  // What stands at the top cannot pass for a word of the issuer's own about the token.
  const { type: _type, family: _family, ...merged } = others
  return { sub, exp: Math.trunc(exp), iat: Math.trunc(iat), iss, aud, jti, extras: { ...merged, ...extras } }
}

function timing(
  { exp, iat, nbf }: { readonly exp: number; readonly iat: number; readonly nbf: number | undefined },
  rules: ClaimRules,
  now: number,
): string | undefined {
  const { leeway = 0, verifyExpiry = true, verifyIssuedAt = true, verifyNotBefore = true } = rules
  if (verifyExpiry && Math.trunc(exp) <= now - leeway) return 'it has expired'
  if (verifyIssuedAt && Math.trunc(iat) > now + leeway) return 'it was issued in the future'
  if (verifyNotBefore && nbf !== undefined && Math.trunc(nbf) > now + leeway) return 'it is not valid yet'
  return undefined
}

function addressing(
  iss: string | undefined,
  aud: string | readonly string[] | undefined,
  { issuers, audiences, strictAudience }: ClaimRules,
): string | undefined {
  if (issuers !== undefined && (iss === undefined || !listOf(issuers).includes(iss))) return 'iss is not accepted'
  if (audiences === undefined) return undefined
  if (strictAudience) return aud === audiences ? undefined : 'aud is not the one accepted'
  const accepted = listOf(audiences)
  return listOf(aud ?? []).some((one) => accepted.includes(one)) ? undefined : 'aud is not accepted'
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T]

/** The end of the year 9999: later ones are nobody's. */
const latest = 253_402_300_799

const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= latest

const isAudience = (value: unknown): value is string | readonly string[] =>
  typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
