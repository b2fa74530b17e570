/** Making tokens: what is written is what the verifier of the same options reads. */
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import { toHex, utf8 } from '../../lib/bytes.ts'
import { listOf } from './claims.ts'
import type { JwtKeys } from './keys.ts'
import type { JwtOptions } from './options.ts'

export interface TokenToSign {
  readonly sub: string
  /** `access` or `refresh`. */
  readonly type: string
  /** Seconds from now. */
  readonly lifetime: number
  /** What its login began, where tokens can be revoked. */
  readonly family?: string | undefined
}

export type SignToken = (token: TokenToSign) => Promise<string>

/** @throws ConfigError where there is no key to sign with. */
export function tokenSigner(
  owner: string,
  options: JwtOptions,
  keys: JwtKeys,
  { clock, random }: SchemeApp,
): SignToken {
  const { signing, algorithms } = keys
  if (!signing) {
    throw startProblem(owner, {
      code: 'JWT_WITHOUT_SIGNING_KEY',
      message: 'there is no key to make tokens with',
      seen: 'public keys alone',
      expected: 'signingKey beside them, or a secret',
      fix: 'signingKey: process.env.JWT_PRIVATE_KEY',
    })
  }
  const iss = options.issuers === undefined ? undefined : listOf(options.issuers)[0]
  return async ({ sub, type, lifetime, family }) => {
    if (sub === '') throw new TypeError('a token needs a sub')
    const iat = Math.floor(clock() / 1000)
    const payload = {
      sub,
      exp: iat + lifetime,
      iat,
      iss,
      aud: options.audiences,
      jti: toHex(random(16)),
      extras: { type, family },
    }
    const { CompactSign } = await import('jose')
    return new CompactSign(utf8(JSON.stringify(payload)))
      .setProtectedHeader({ alg: algorithms[0] as string, typ: options.typ ?? 'JWT' })
      .sign(await signing())
  }
}
