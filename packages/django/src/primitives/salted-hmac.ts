import { createHash, createHmac } from 'node:crypto'

/** The hash functions that Django has made HMACs with. */
export type HmacAlgorithm = 'sha1' | 'sha256'

/** Django's `salted_hmac`: the key is the raw digest of salt and secret, with nothing between them. */
export function saltedHmac(
  salt: string,
  value: string | Uint8Array,
  secret: string,
  algorithm: HmacAlgorithm = 'sha256',
): Buffer {
  const key = createHash(algorithm).update(salt).update(secret).digest()
  return createHmac(algorithm, key).update(value).digest()
}
