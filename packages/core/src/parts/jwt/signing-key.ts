import type { CryptoKey } from 'jose'
import type { JwtAlgorithm } from './algorithms.ts'
import { importKey } from './import-key.ts'
import { fits, isJwk, unfit } from './key-fit.ts'
import { once } from './once.ts'
import type { JwtKey } from './options.ts'
import { readPem } from './pem.ts'
import { fewestBits, modulusBits } from './sound-key.ts'

/**
 * The private key that makes tokens, of the first algorithm.
 * @throws ConfigError for one that is public, short, or of another kind.
 */
export function signingKeyOf(
  owner: string,
  given: JwtKey,
  [algorithm]: readonly JwtAlgorithm[],
): (() => Promise<CryptoKey>) | undefined {
  if (algorithm === undefined) return undefined
  const read = typeof given === 'string' ? readPem(given) : undefined
  if (typeof read === 'string') throw unfit(owner, `signingKey: ${read}`)
  const key = read?.jwk ?? given
  if (typeof key === 'string') return undefined
  const isPrivate = read?.isPrivate ?? (isJwk(key) ? typeof key.d === 'string' : key.type === 'private')
  if (!isPrivate || !fits(key, algorithm)) throw unfit(owner, `signingKey is no private key of ${algorithm}`)
  const bits = isJwk(key)
    ? modulusBits(key)
    : (key.algorithm as { readonly modulusLength?: number | undefined }).modulusLength
  if (bits !== undefined && bits < fewestBits) throw unfit(owner, `signingKey is shorter than ${fewestBits} bits`)

  return once(async () => {
    try {
      if (typeof given !== 'string') return await importKey(given, algorithm)
      const { importPKCS8 } = await import('jose')
      return await importPKCS8(given.trim(), algorithm)
    } catch {
      throw unfit(owner, `signingKey is no private key of ${algorithm}`)
    }
  })
}
