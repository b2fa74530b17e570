/** Public keys of an issuer, as the app gives them. */
import type { CryptoKey, JWK } from 'jose'
import type { JwtAlgorithm } from './algorithms.ts'
import { importKey } from './import-key.ts'
import { fits, isJwk, unfit } from './key-fit.ts'
import type { JwtKeys } from './keys.ts'
import { once } from './once.ts'
import type { JwtKey } from './options.ts'
import { readPem } from './pem.ts'
import { signingKeyOf } from './signing-key.ts'
import { weakness } from './sound-key.ts'

/** @throws ConfigError for a key that is weak, private, or of none of the algorithms. */
export function publicKeys(
  owner: string,
  given: readonly JwtKey[],
  signingKey: JwtKey | undefined,
  algorithms: readonly JwtAlgorithm[],
): JwtKeys {
  if (given.length === 0) throw unfit(owner, 'there is none')
  const keys = given.map((one) => judged(owner, one, algorithms))
  const load = once(() => importAll(owner, keys, algorithms))
  return {
    algorithms,
    async verifying(algorithm, kid) {
      const fit = ((await load()).get(algorithm) ?? []).filter(
        ({ id }) => id === undefined || kid === undefined || id === kid,
      )
      return fit.map(({ key }) => key)
    },
    signing: signingKey === undefined ? undefined : signingKeyOf(owner, signingKey, algorithms),
  }
}

function judged(owner: string, given: JwtKey, algorithms: readonly JwtAlgorithm[]): JWK | CryptoKey {
  const read = typeof given === 'string' ? readPem(given) : undefined
  if (typeof read === 'string') throw unfit(owner, read)
  if (read?.isPrivate) throw unfit(owner, isPrivate)
  const key = read?.jwk ?? (given as JWK | CryptoKey)
  const why = isJwk(key) ? weakness(key) : key.type === 'private' ? isPrivate : undefined
  if (why !== undefined) throw unfit(owner, why)
  if (!algorithms.some((one) => fits(key, one))) throw unfit(owner, `it is no public key of ${algorithms.join(', ')}`)
  return key
}

const isPrivate = 'it is private: verifying takes the public half alone'

/** Every key under every algorithm it fits. What a point on no curve is, only the platform tells. */
async function importAll(owner: string, keys: readonly (JWK | CryptoKey)[], algorithms: readonly JwtAlgorithm[]) {
  const imported = new Map<JwtAlgorithm, { readonly id: string | undefined; readonly key: CryptoKey }[]>()
  for (const given of keys) {
    for (const algorithm of algorithms.filter((one) => fits(given, one))) {
      const key = await importKey(given, algorithm).catch(() => {
        throw unfit(owner, `it is no public key of ${algorithm}`)
      })
      const weak = await weaknessOf(key)
      if (weak !== undefined) throw unfit(owner, weak)
      imported.set(algorithm, [...(imported.get(algorithm) ?? []), { id: isJwk(given) ? given.kid : undefined, key }])
    }
  }
  return imported
}

/** A key that does not let itself be looked at is the app's own. */
async function weaknessOf(key: CryptoKey): Promise<string | undefined> {
  if (!key.extractable) return undefined
  return weakness((await crypto.subtle.exportKey('jwk', key as never)) as JWK)
}
