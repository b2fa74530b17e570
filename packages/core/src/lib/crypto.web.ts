/** `#crypto` where there is no Node: synchronous JavaScript, and the platform's generator of random numbers. */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { hmac as nobleHmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { toBase64, toBase64Url, utf8 } from './bytes.ts'
import { type HmacKey, pooled, timingSafeEqual } from './crypto.ts'

export { type HmacKey, timingSafeEqual }

/** Prepares a key once: the two blocks of key material are hashed here, not at each signature. */
export function hmacKey(secret: string | Uint8Array): HmacKey {
  const keyed = nobleHmac.create(nobleSha256, typeof secret === 'string' ? utf8(secret) : secret)
  return { mac: (text) => toBase64(keyed.clone().update(utf8(text)).digest()) }
}

/** HMAC-SHA256 of the UTF-8 of `text`, as standard base64: 44 characters. */
export function hmac(key: HmacKey, text: string): string {
  return key.mac(text)
}

/** Whether `base64` is the HMAC of `text` in its one canonical form. Constant time. */
export function hmacMatches(key: HmacKey, text: string, base64: string): boolean {
  return timingSafeEqual(key.mac(text), base64)
}

/** SHA-256 of the UTF-8 of `text`. */
export function sha256(text: string): Uint8Array {
  return nobleSha256(utf8(text))
}

/** How a token is stored: `h1.` and 43 characters of base64url(SHA-256). */
export function hashToken(token: string): string {
  return `h1.${toBase64Url(sha256(token))}`
}

/** HKDF-SHA256 (RFC 5869) with an empty salt: a key of `length` bytes for the one purpose `info`. */
export function hkdf(secret: string, info: string, length: number): Uint8Array<ArrayBuffer> {
  return nobleHkdf(nobleSha256, utf8(secret), undefined, utf8(info), length)
}

/** The most `getRandomValues` gives at once (Web Cryptography API, 10.1.1). */
const QUOTA = 65_536

/** Cryptographically secure random bytes. */
export const randomBytes: (size: number) => Uint8Array<ArrayBuffer> = pooled((bytes) => {
  for (let at = 0; at < bytes.length; at += QUOTA) crypto.getRandomValues(bytes.subarray(at, at + QUOTA))
})

/** How many hashes the machine can work on at once: JavaScript has the one thread. */
export function threads(): number {
  return 1
}
