/** From options to keys: what is wrong with them is said at start, what they are made of is loaded on first use. */
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import { isAlgorithm, isSymmetric, type JwtAlgorithm } from './algorithms.ts'
import { listOf } from './claims.ts'
import { isJwk } from './key-fit.ts'
import type { JwtKeys } from './keys.ts'
import type { JwtKey, JwtKeyOptions } from './options.ts'
import { publicKeys } from './public-keys.ts'
import { publishedKeys } from './published-keys.ts'
import { secretKeys } from './secret-keys.ts'

const sources = ['secret', 'secrets', 'key', 'jwksUrl'] as const

/** @throws ConfigError for keys that are missing, too weak, or of another kind than the algorithms. */
export function jwtKeys(owner: string, options: JwtKeyOptions, app: SchemeApp): JwtKeys {
  const given = sources.filter((source) => options[source] !== undefined)
  if (given.length > 1) {
    throw startProblem(owner, {
      code: 'JWT_KEYS_AMBIGUOUS',
      message: `${given.join(' and ')} are given: which one verifies?`,
      seen: given.join(', '),
      expected: 'one of them',
      fix: `leave out all of ${sources.join(', ')} but one`,
    })
  }
  const algorithms = algorithmsOf(owner, options)
  const { key, jwksUrl, signingKey } = options
  if (key !== undefined) return publicKeys(owner, listOf<JwtKey>(key), signingKey, algorithms)
  if (jwksUrl !== undefined) return publishedKeys(owner, jwksUrl, signingKey, algorithms, app)
  return secretKeys(owner, options, algorithms, app)
}

function algorithmsOf(owner: string, { algorithms, key, jwksUrl }: JwtKeyOptions): readonly JwtAlgorithm[] {
  const symmetric = key === undefined && jwksUrl === undefined
  const usual = symmetric
    ? ['HS256']
    : jwksUrl !== undefined
      ? ['RS256', 'PS256', 'ES256', 'EdDSA']
      : listOf<JwtKey>(key ?? []).flatMap((one) => (isJwk(one) ? (one.alg ?? []) : []))
  const list = [...new Set<unknown>(algorithms ?? usual)]
  const wrong = list.filter((one) => !isAlgorithm(one) || isSymmetric(one) !== symmetric)
  if (list.length === 0 || wrong.length > 0) {
    throw startProblem(owner, {
      code: 'JWT_ALGORITHMS',
      message:
        list.length === 0
          ? 'nothing says which algorithms count'
          : `${wrong.join(', ')} cannot be used with these keys`,
      seen: list.join(', ') || 'no algorithms',
      expected: symmetric ? 'HS256, HS384 or HS512 with a secret' : 'RS…, PS…, ES… or EdDSA with public keys',
      fix: `algorithms: ['${symmetric ? 'HS256' : 'ES256'}']`,
    })
  }
  return list as JwtAlgorithm[]
}
