/** `#crypto` on Node. */
import { createHmac, createSecretKey, hash, hkdfSync, randomFillSync } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type HmacKey, pooled, timingSafeEqual } from './crypto.ts'

export { type HmacKey, timingSafeEqual }

/** Prepares a key once; signing with it costs some 2.5 µs. */
export function hmacKey(secret: string | Uint8Array): HmacKey {
  const key = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret)
  return { mac: (text) => createHmac('sha256', key).update(text).digest('base64') }
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
  return new Uint8Array(hash('sha256', text, 'buffer'))
}

/** How a token is stored: `h1.` and 43 characters of base64url(SHA-256). */
export function hashToken(token: string): string {
  return `h1.${hash('sha256', token, 'base64url')}`
}

/** HKDF-SHA256 (RFC 5869) with an empty salt: a key of `length` bytes for the one purpose `info`. */
export function hkdf(secret: string, info: string, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync('sha256', secret, '', info, length))
}

/** Cryptographically secure random bytes. */
export const randomBytes: (size: number) => Uint8Array<ArrayBuffer> = pooled(randomFillSync)

/** How many hashes the machine can work on at once: cores, or threads of libuv's pool where those are fewer. */
export function threads(): number {
  return Math.min(availableParallelism(), Number(process.env.UV_THREADPOOL_SIZE) || 4)
}
