/** Whether a key is one of an algorithm, told before it is imported. */
import type { CryptoKey, JWK } from 'jose'
import { startProblem } from '../../contract/scheme.ts'
import type { ConfigError } from '../../lib/errors.ts'
import { hashBits, type JwtAlgorithm, keyKind } from './algorithms.ts'
import type { JwtKey } from './options.ts'

export function isJwk(key: JwtKey): key is JWK {
  return typeof key === 'object' && typeof (key as JWK).kty === 'string'
}

export const fits = (key: JWK | CryptoKey, algorithm: JwtAlgorithm): boolean =>
  isJwk(key) ? jwkFits(key, algorithm) : webKeyFits(key, algorithm)

function jwkFits({ kty, crv, alg = '' }: JWK, algorithm: JwtAlgorithm): boolean {
  const kind = keyKind(algorithm)
  return (alg === '' || alg === algorithm) && kty === kind.kty && (kind.crv === undefined || crv === kind.crv)
}

/** Of a key of Web Crypto the hash is part of what it is for. */
function webKeyFits({ algorithm: own }: CryptoKey, algorithm: JwtAlgorithm): boolean {
  const { name, namedCurve, hash } = own as { name: string; namedCurve?: string; hash?: { name: string } }
  const { kty, crv } = keyKind(algorithm)
  if (kty === 'EC') return name === 'ECDSA' && namedCurve === crv
  if (kty === 'OKP') return name === crv
  return name === rsaNames[algorithm.slice(0, 2)] && hash?.name === `SHA-${hashBits(algorithm)}`
}

const rsaNames: Readonly<Record<string, string>> = { RS: 'RSASSA-PKCS1-v1_5', PS: 'RSA-PSS' }

export const unfit = (owner: string, why: string): ConfigError =>
  startProblem(owner, {
    code: 'JWT_KEY_UNFIT',
    message: `a key cannot be used: ${why}`,
    seen: why,
    expected: 'public keys (JWK, PEM or CryptoKey) of the algorithms, RSA of 2048 bits at least',
    fix: 'give the public key of the issuer, and name its algorithm in algorithms',
  })
