import type { CryptoKey, JWK } from 'jose'
import type { JwtAlgorithm } from './algorithms.ts'
import { isJwk } from './key-fit.ts'

/** @throws what the platform says of a key that is none, as of a point off its curve. */
export async function importKey(key: JWK | CryptoKey, algorithm: JwtAlgorithm): Promise<CryptoKey> {
  if (!isJwk(key)) return key
  const { importJWK } = await import('jose')
  const imported = await importJWK(key, algorithm)
  if (imported instanceof Uint8Array) throw new TypeError('a secret where a key pair is due')
  return imported
}
