/** Keys that would let others sign: found before they verify anything. */
import type { JWK } from 'jose'
import { fromBase64Url, toHex } from '../../lib/bytes.ts'

/** Why nobody should trust what a public key signs; undefined for a sound one. That a point lies on its curve the import checks. */
export function weakness(jwk: JWK): string | undefined {
  if (jwk.kty === 'oct') return 'it is a secret, which everybody who verifies could sign with'
  if (jwk.d !== undefined) return 'it is private: verifying takes the public half alone'
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'it is not for signatures'
  if (jwk.kty === 'RSA') return weakRsa(jwk)
  if (jwk.kty === 'EC') return bytesOf(jwk.x) && bytesOf(jwk.y) ? undefined : 'it has no point'
  if (jwk.kty === 'OKP') {
    const point = bytesOf(jwk.x)
    if (point?.length !== 32) return 'it has no point'
    return isSmallOrder(point) ? 'its point is of small order' : undefined
  }
  return undefined
}

export const fewestBits = 2048

const bytesOf = (part: unknown) => (typeof part === 'string' ? fromBase64Url(part) : null)

/** Of a key of RSA; undefined for others. */
export function modulusBits({ kty, n }: JWK): number | undefined {
  if (kty !== 'RSA') return undefined
  const modulus = bytesOf(n) ?? new Uint8Array()
  const start = modulus.findIndex((byte) => byte !== 0)
  return start === -1 ? 0 : (modulus.length - start) * 8 - (Math.clz32(modulus[start] ?? 0) - 24)
}

function weakRsa(jwk: JWK): string | undefined {
  const exponent = bytesOf(jwk.e)
  if (!bytesOf(jwk.n) || !exponent) return 'it has no modulus and exponent'
  const bits = modulusBits(jwk) ?? 0
  if (bits < fewestBits) return `RSA of ${bits} bits is too short, ${fewestBits} are the least`
  const last = exponent.at(-1) ?? 0
  if (last % 2 === 0 || (last < 3 && exponent.slice(0, -1).every((byte) => byte === 0))) return 'its exponent is weak'
  return undefined
}

/** The y of every point of order 1, 2, 4 or 8 on edwards25519, little-endian, and of their other encodings. */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

function isSmallOrder(point: Uint8Array): boolean {
  const y = point.slice()
  // The top bit is the sign of x.
  y[31] = (y[31] ?? 0) & 0x7f
  return smallOrder.has(toHex(y))
}
