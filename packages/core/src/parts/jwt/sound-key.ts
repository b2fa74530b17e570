/** Keys that would let others sign: found before they verify anything. */
import type { JWK } from 'jose'
import { fromBase64Url, toHex } from '../../lib/bytes.ts'

/** Why nobody should trust what a key signs; undefined for a sound one. That a point lies on its curve the import checks. */
export function weakness(jwk: JWK): string | undefined {
  if (jwk.kty === 'RSA') return weakRsa(jwk)
  if (jwk.kty === 'OKP') {
    const point = typeof jwk.x === 'string' ? fromBase64Url(jwk.x) : null
    return point && isSmallOrder(point) ? 'its point is of small order' : undefined
  }
  return undefined
}

const fewestBits = 2048

function weakRsa({ n, e }: JWK): string | undefined {
  const modulus = typeof n === 'string' ? fromBase64Url(n) : null
  const exponent = typeof e === 'string' ? fromBase64Url(e) : null
  if (!modulus || !exponent) return 'it has no modulus and exponent'
  const start = modulus.findIndex((byte) => byte !== 0)
  const bits = start === -1 ? 0 : (modulus.length - start) * 8 - (Math.clz32(modulus[start] ?? 0) - 24)
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
