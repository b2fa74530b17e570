/** Secrets of HMAC: the app's own for tokens, or keys derived from the auth's. */
import type { CryptoKey } from 'jose'
import { type SchemeApp, startProblem } from '../../contract/scheme.ts'
import { utf8 } from '../../lib/bytes.ts'
import { hashBits, type JwtAlgorithm } from './algorithms.ts'
import type { JwtKeys } from './keys.ts'
import { once } from './once.ts'
import type { JwtKeyOptions } from './options.ts'

/** @throws ConfigError where there is no secret, or one that can be guessed. */
export function secretKeys(
  owner: string,
  { secret, secrets, enforceMinimumKeyLength = true }: JwtKeyOptions,
  algorithms: readonly JwtAlgorithm[],
  app: SchemeApp,
): JwtKeys {
  const own = secrets ?? (secret === undefined ? undefined : [secret])
  const bytes = own?.map((one) => (typeof one === 'string' ? utf8(one) : one.slice()))
  if (!bytes && !app.deriveKeys) {
    throw startProblem(owner, {
      code: 'JWT_WITHOUT_KEY',
      message: 'there is nothing to verify tokens with: no secret, no key, and no auth instance to derive one of',
      seen: 'none of secret, secrets, key, jwksUrl',
      expected: 'one of them, or an auth',
      fix: 'createApi({ auth, … }), or set secret',
    })
  }
  const least = Math.max(...algorithms.map(hashBits)) / 8
  const short = bytes?.find((one) => one.length < (enforceMinimumKeyLength ? least : 1))
  if (short || bytes?.length === 0) {
    throw startProblem(owner, {
      code: 'JWT_SECRET_SHORT',
      message: 'a secret is shorter than the hash, so that it can be guessed',
      seen: `${short?.length ?? 0} bytes`,
      expected: `${least} bytes for ${algorithms.join(', ')}`,
      fix: 'use a longer random secret; enforceMinimumKeyLength: false takes this one',
    })
  }
  const load = perAlgorithm((algorithm) =>
    Promise.all((bytes ?? derived(algorithm, app)).map((one) => imported(one, algorithm))),
  )
  const [first] = algorithms as readonly [JwtAlgorithm, ...JwtAlgorithm[]]
  return {
    algorithms,
    verifying: load,
    signing: async () => (await load(first))[0] as CryptoKey,
  }
}

function imported(secret: Uint8Array<ArrayBuffer>, algorithm: JwtAlgorithm): Promise<CryptoKey> {
  const how = { name: 'HMAC', hash: `SHA-${hashBits(algorithm)}` }
  return crypto.subtle.importKey('raw', secret, how, false, ['sign', 'verify']) as Promise<CryptoKey>
}

/** A key of each secret of the app, as long as the hash. */
function derived(algorithm: JwtAlgorithm, { deriveKeys }: SchemeApp): Uint8Array<ArrayBuffer>[] {
  const [firsts = [], seconds = []] = [0, 1].map((half) => deriveKeys?.(`keystile/jwt/${algorithm}/${half}`))
  return firsts.map((first, i) => {
    const both = Uint8Array.of(...first, ...(seconds[i] ?? []))
    return both.slice(0, hashBits(algorithm) / 8)
  })
}

function perAlgorithm(load: (algorithm: JwtAlgorithm) => Promise<readonly CryptoKey[]>) {
  const loaded = new Map<JwtAlgorithm, () => Promise<readonly CryptoKey[]>>()
  return (algorithm: JwtAlgorithm) => {
    const own = loaded.get(algorithm) ?? once(() => load(algorithm))
    loaded.set(algorithm, own)
    return own()
  }
}
