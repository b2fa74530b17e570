/** From the text of a token to what it claims. Whatever is not a token of ours costs little and never throws. */

import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import { otherCodes } from '../../domain/codes.ts'
import { fromBase64Url } from '../../lib/bytes.ts'
import { apiError } from '../../lib/errors.ts'
import { isObject } from '../../lib/is-object.ts'
import { isAlgorithm, type JwtAlgorithm } from './algorithms.ts'
import { idsOf } from './blocklist.ts'
import { type ClaimRules, type JwtToken, listOf, readClaims } from './claims.ts'
import { type JwtKeys, KeysUnavailable } from './keys.ts'
import type { JwtOptions } from './options.ts'

/**
 * What a token claims, or why it does not hold.
 * @throws APIError 503 where keys or the blocklist cannot be asked.
 */
export type VerifyToken = (
  token: string,
  how?: { readonly blocked?: boolean | undefined },
) => Promise<JwtToken | string>

/** Characters; no token that a header carries is longer. */
const longest = 16_384
const mostLeeway = 60
const longLeeway = 3600

export function tokenVerifier(
  owner: string,
  options: JwtOptions,
  keys: JwtKeys,
  {
    tokenType = 'access',
    requireType = false,
  }: { tokenType?: string | null | undefined; requireType?: boolean | undefined },
  app: SchemeApp,
): VerifyToken {
  checkRules(owner, options)
  const blocklist = options.blocklist?.bind?.(app) ?? options.blocklist
  const rules: ClaimRules = {
    ...options,
    requireJti: options.requireJti ?? blocklist !== undefined,
    tokenType,
    requireType,
  }

  return async (token, { blocked = true } = {}) => {
    const payload = await signedPayload(token, keys, options.typ)
    if (typeof payload === 'string') return payload
    const claims = readClaims(payload, rules, app.clock() / 1000)
    if (typeof claims === 'string' || !blocked || !blocklist) return claims
    return (await blocklist.isBlocked(...idsOf(claims))) ? 'it was revoked' : claims
  }
}

type Payload = Readonly<Record<string, unknown>>

async function signedPayload(token: string, keys: JwtKeys, typ: string | undefined): Promise<Payload | string> {
  const [head = '', body = '', signature, more] = token.length > longest ? [] : token.split('.', 4)
  if (signature === undefined || more !== undefined) return 'it is no signed token of three parts'
  const header = jsonObject(head)
  if (!header) return 'its header is no JSON object'
  const algorithm = acceptedAlgorithm(header, keys.algorithms)
  if (!algorithm) return 'its algorithm is not accepted'
  // No extension is understood, so none may be critical (RFC 7515, 4.1.11); b64 is one of them.
  if (header.crit !== undefined || header.b64 !== undefined) return 'its header asks for an extension'
  if (typ !== undefined && !isType(header.typ, typ)) return `its typ is not ${typ}`
  const candidates = await keysFor(keys, algorithm, header.kid)
  if (candidates.length === 0) return 'no key of the issuer fits'
  const { compactVerify } = await import('jose')
  for (const key of candidates) {
    try {
      await compactVerify(token, key, { algorithms: [algorithm] })
    } catch {
      continue
    }
    return jsonObject(body) ?? 'its payload is no JSON object'
  }
  return 'its signature does not hold'
}

async function keysFor(keys: JwtKeys, algorithm: JwtAlgorithm, kid: unknown) {
  try {
    return await keys.verifying(algorithm, kid)
  } catch (error) {
    if (error instanceof KeysUnavailable) throw apiError(keysUnavailable)
    throw error
  }
}

const keysUnavailable = {
  ...otherCodes.SERVICE_UNAVAILABLE,
  message: 'The keys of the tokens are not available, try again',
}

function acceptedAlgorithm({ alg }: Payload, accepted: readonly JwtAlgorithm[]): JwtAlgorithm | undefined {
  return isAlgorithm(alg) && accepted.includes(alg) ? alg : undefined
}

/** Media types, which may leave out `application/` (RFC 7515, 4.1.9). */
function isType(found: unknown, wanted: string): boolean {
  const plain = (type: string) => type.toLowerCase().replace(/^application\//, '')
  return typeof found === 'string' && plain(found) === plain(wanted)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function jsonObject(part: string): Payload | undefined {
  const bytes = fromBase64Url(part)
  if (!bytes) return undefined
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** @throws ConfigError for rules that check nothing, or cannot. */
function checkRules(owner: string, options: JwtOptions): void {
  const { leeway = 0, allowLongLeeway = false, audiences, strictAudience, blocklist, verifyExpiry } = options
  const most = allowLongLeeway ? longLeeway : mostLeeway
  for (const field of ['issuers', 'audiences'] as const) {
    const list = options[field]
    if (list !== undefined && (listOf(list).length === 0 || listOf(list).includes(''))) {
      throw startProblem(owner, {
        code: 'JWT_ACCEPTS_NOTHING',
        message: `${field} is given but names none`,
        seen: JSON.stringify(list),
        expected: 'a text, or a list of texts',
        fix: `leave ${field} out where any is accepted`,
      })
    }
  }
  if (strictAudience && typeof audiences !== 'string') {
    throw startProblem(owner, {
      code: 'JWT_STRICT_AUDIENCE',
      message: 'strictAudience compares with one text',
      seen: audiences === undefined ? 'no audiences' : 'a list',
      expected: "audiences: 'https://api.example.com'",
      fix: 'give one audience, or leave strictAudience out',
    })
  }
  if (!(leeway >= 0 && leeway <= most)) {
    throw startProblem(owner, {
      code: 'JWT_LEEWAY',
      message: 'leeway is not within its limits: it keeps expired tokens alive',
      seen: `${leeway} seconds`,
      expected: `0 to ${most}`,
      fix: allowLongLeeway ? `leeway: ${most}` : `leeway: ${most}, or allowLongLeeway: true`,
    })
  }
  if (blocklist && verifyExpiry === false) {
    throw startProblem(owner, {
      code: 'JWT_BLOCKLIST_WITHOUT_EXPIRY',
      message: 'expired tokens are taken, while a blocklist forgets tokens once they have expired',
      seen: 'verifyExpiry: false with a blocklist',
      expected: 'one of both',
      fix: 'leave verifyExpiry out',
    })
  }
}
