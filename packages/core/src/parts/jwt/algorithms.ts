/** The algorithms that tokens may be signed with (RFC 7518, RFC 8037), and what each asks of a key. */

const table = {
  HS256: 'secret',
  HS384: 'secret',
  HS512: 'secret',
  RS256: 'pair',
  RS384: 'pair',
  RS512: 'pair',
  PS256: 'pair',
  PS384: 'pair',
  PS512: 'pair',
  ES256: 'pair',
  ES384: 'pair',
  ES512: 'pair',
  EdDSA: 'pair',
  Ed25519: 'pair',
} as const

export type JwtAlgorithm = keyof typeof table

export const isAlgorithm = (name: unknown): name is JwtAlgorithm =>
  typeof name === 'string' && Object.hasOwn(table, name)

/** Whether one secret both signs and verifies. */
export const isSymmetric = (algorithm: JwtAlgorithm): boolean => table[algorithm] === 'secret'

/** Bits of the hash under an HMAC; a secret has at least as many (RFC 7518, 3.2). */
export const hashBits = (algorithm: JwtAlgorithm): number => Number(algorithm.slice(2))
