import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { remember } from '@keystile/core/store'

/** The hash functions that Django has made HMACs with. */
export type HmacAlgorithm = 'sha1' | 'sha256'

/** Keys made of salt and secret, by both: a process has few of them, and asks for them all the time. */
const derived = new Map<string, KeyObject>()
const MOST_DERIVED = 100

function keyOf(salt: string, secret: string, algorithm: HmacAlgorithm): KeyObject {
  // The length tells where one ends and the other begins.
  const name = `${algorithm} ${salt.length} ${salt}${secret}`
  const make = () => createSecretKey(createHash(algorithm).update(salt).update(secret).digest())
  return derived.get(name) ?? remember(derived, name, make(), MOST_DERIVED)
}

/** Django's `salted_hmac`: the key is the raw digest of salt and secret, with nothing between them. */
export function saltedHmac(
  salt: string,
  value: string | Uint8Array,
  secret: string,
  algorithm: HmacAlgorithm = 'sha256',
): Buffer {
  return createHmac(algorithm, keyOf(salt, secret, algorithm))
    .update(value)
    .digest()
}
