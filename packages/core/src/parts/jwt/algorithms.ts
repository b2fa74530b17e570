/** The algorithms that tokens may be signed with (RFC 7518, RFC 8037), and what each asks of a key: its type, its curve. */

const table = {
  HS256: ['oct'],
  HS384: ['oct'],
  HS512: ['oct'],
  RS256: ['RSA'],
  RS384: ['RSA'],
  RS512: ['RSA'],
  PS256: ['RSA'],
  PS384: ['RSA'],
  PS512: ['RSA'],
  ES256: ['EC', 'P-256'],
  ES384: ['EC', 'P-384'],
  ES512: ['EC', 'P-521'],
  EdDSA: ['OKP', 'Ed25519'],
  Ed25519: ['OKP', 'Ed25519'],
} as const

export type JwtAlgorithm = keyof typeof table

export const isAlgorithm = (name: unknown): name is JwtAlgorithm =>
  typeof name === 'string' && Object.hasOwn(table, name)

/** Whether one secret both signs and verifies. */
export const isSymmetric = (algorithm: JwtAlgorithm): boolean => table[algorithm][0] === 'oct'

/** Bits of the hash under an HMAC; a secret has at least as many (RFC 7518, 3.2). */
export const hashBits = (algorithm: JwtAlgorithm): number => Number(algorithm.slice(2))

/** The type of an algorithm's keys, and their curve where they have one, in the words of a JWK. */
export function keyKind(algorithm: JwtAlgorithm): { readonly kty: string; readonly crv: string | undefined } {
  const [kty, crv] = table[algorithm]
  return { kty, crv }
}
