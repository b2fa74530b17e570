/** Keys that an issuer publishes at a URL, as far as they fit. */
import type { CryptoKey, JWK } from 'jose'
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import type { JwtAlgorithm } from './algorithms.ts'
import { importKey } from './import-key.ts'
import { type RemoteKeys, remoteKeys } from './jwks.ts'
import { fits } from './key-fit.ts'
import { type JwtKeys, KeysUnavailable } from './keys.ts'
import type { JwtKey } from './options.ts'
import { signingKeyOf } from './signing-key.ts'

const hosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @throws ConfigError for a URL that others could answer. */
export function publishedKeys(
  owner: string,
  jwksUrl: string,
  signingKey: JwtKey | undefined,
  algorithms: readonly JwtAlgorithm[],
  app: SchemeApp,
): JwtKeys {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && hosts.has(url.hostname)))) {
    throw startProblem(owner, {
      code: 'JWKS_URL',
      message: 'jwksUrl is no https: address: whoever sits between could put in keys of their own',
      seen: jwksUrl,
      expected: 'https://…',
      fix: "jwksUrl: 'https://issuer.example/.well-known/jwks.json'",
    })
  }
  const remote = remoteKeys(url.href, app)
  const known = new WeakMap<JWK, Map<JwtAlgorithm, Promise<CryptoKey | null>>>()

  /** Of a set, the keys that fit; what cannot be imported fits nothing. */
  async function fitting(set: readonly JWK[], algorithm: JwtAlgorithm, kid: unknown): Promise<CryptoKey[]> {
    const named = set.filter((jwk) => (kid === undefined || jwk.kid === kid) && fits(jwk, algorithm))
    const keys = named.map((jwk) => {
      const byAlgorithm = known.get(jwk) ?? new Map<JwtAlgorithm, Promise<CryptoKey | null>>()
      known.set(jwk, byAlgorithm)
      const key = byAlgorithm.get(algorithm) ?? importKey(jwk, algorithm).catch(() => null)
      byAlgorithm.set(algorithm, key)
      return key
    })
    return (await Promise.all(keys)).filter((key) => key !== null)
  }

  return {
    algorithms,
    async verifying(algorithm, kid) {
      const set = await available(remote)
      const found = await fitting(set, algorithm, kid)
      return found.length > 0 ? found : fitting(await remote.newer(set), algorithm, kid)
    },
    signing: signingKey === undefined ? undefined : signingKeyOf(owner, signingKey, algorithms),
  }
}

async function available(remote: RemoteKeys): Promise<readonly JWK[]> {
  try {
    return await remote.all()
  } catch (cause) {
    throw new KeysUnavailable('the key set of the issuer cannot be fetched', { cause })
  }
}
