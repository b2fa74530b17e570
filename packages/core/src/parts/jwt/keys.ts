/** From options to keys: what is wrong with them is said at start, what they are made of is loaded on first use. */
import type { CryptoKey, JWK } from 'jose'
import { type SchemeApp, schemeProblem } from '../../contract/scheme.ts'
import { fromBase64Url, utf8 } from '../../lib/bytes.ts'
import { ConfigError } from '../../lib/errors.ts'
import { hashBits, isAlgorithm, isSymmetric, type JwtAlgorithm } from './algorithms.ts'
import { listOf } from './claims.ts'
import { type RemoteKeys, remoteKeys } from './jwks.ts'
import type { JwtKey, JwtKeyOptions } from './options.ts'
import { weakness } from './sound-key.ts'

export interface JwtKeys {
  /** Accepted ones; the first signs. */
  readonly algorithms: readonly JwtAlgorithm[]
  /**
   * Keys that may have signed a token of this header.
   * @throws KeysUnavailable where the issuer does not give them.
   */
  verifying(algorithm: JwtAlgorithm, kid: unknown): Promise<readonly CryptoKey[]>
  /** What tokens are made with; undefined where there are only keys to verify with. */
  readonly signing: (() => Promise<CryptoKey>) | undefined
}

/** The issuer's key set cannot be had: nothing is known of the token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

const sources = ['secret', 'secrets', 'key', 'jwksUrl'] as const

/** @throws ConfigError for keys that are missing, too weak, or of another kind than the algorithms. */
export function jwtKeys(name: string, options: JwtKeyOptions, app: SchemeApp): JwtKeys {
  const given = sources.filter((source) => options[source] !== undefined)
  if (given.length > 1) {
    throw schemeProblem(name, {
      code: 'JWT_KEYS_AMBIGUOUS',
      message: `${given.join(' and ')} are given: which one verifies?`,
      seen: given.join(', '),
      expected: 'one of them',
      fix: `leave out all of ${sources.join(', ')} but one`,
    })
  }
  const algorithms = algorithmsOf(name, options)
  if (options.key !== undefined) return publicKeys(name, listOf<JwtKey>(options.key), options.signingKey, algorithms)
  if (options.jwksUrl !== undefined) return publishedKeys(name, options.jwksUrl, options.signingKey, algorithms, app)
  return secretKeys(name, options, algorithms, app)
}

function algorithmsOf(name: string, { algorithms, key, jwksUrl }: JwtKeyOptions): readonly JwtAlgorithm[] {
  const symmetric = key === undefined && jwksUrl === undefined
  const usual = symmetric
    ? ['HS256']
    : jwksUrl !== undefined
      ? ['RS256', 'PS256', 'ES256', 'EdDSA']
      : listOf<JwtKey>(key ?? []).flatMap((one) => (isJwk(one) ? (one.alg ?? []) : []))
  const list = [...new Set<unknown>(algorithms ?? usual)]
  const wrong = list.filter((one) => !isAlgorithm(one) || isSymmetric(one) !== symmetric)
  if (list.length === 0 || wrong.length > 0) {
    throw schemeProblem(name, {
      code: 'JWT_ALGORITHMS',
      message:
        list.length === 0
          ? 'nothing says which algorithms count'
          : `${wrong.join(', ')} cannot be used with these keys`,
      seen: list.join(', ') || 'no algorithms',
      expected: symmetric ? 'HS256, HS384 or HS512 with a secret' : 'RS…, PS…, ES… or EdDSA with public keys',
      fix: `algorithms: ['${symmetric ? 'HS256' : 'ES256'}']`,
    })
  }
  return list as JwtAlgorithm[]
}

function secretKeys(
  name: string,
  { secret, secrets, enforceMinimumKeyLength = true }: JwtKeyOptions,
  algorithms: readonly JwtAlgorithm[],
  app: SchemeApp,
): JwtKeys {
  const own = secrets ?? (secret === undefined ? undefined : [secret])
  const bytes = own?.map((one) => (typeof one === 'string' ? utf8(one) : one.slice()))
  if (!bytes && !app.deriveKeys) {
    throw schemeProblem(name, {
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
    throw schemeProblem(name, {
      code: 'JWT_SECRET_SHORT',
      message: 'a secret is shorter than the hash, so that it can be guessed',
      seen: `${short?.length ?? 0} bytes`,
      expected: `${least} bytes for ${algorithms.join(', ')}`,
      fix: 'use a longer random secret; enforceMinimumKeyLength: false takes this one',
    })
  }
  const load = perAlgorithm((algorithm) => {
    const list = bytes ?? derived(algorithm, app)
    const hash = `SHA-${hashBits(algorithm)}`
    const usages: ('sign' | 'verify')[] = ['sign', 'verify']
    return Promise.all(
      list.map(
        (one) => crypto.subtle.importKey('raw', one, { name: 'HMAC', hash }, false, usages) as Promise<CryptoKey>,
      ),
    )
  })
  const [first] = algorithms as readonly [JwtAlgorithm, ...JwtAlgorithm[]]
  return {
    algorithms,
    verifying: load,
    signing: async () => (await load(first))[0] as CryptoKey,
  }
}

/** A key of each secret of the app, as long as the hash. */
function derived(algorithm: JwtAlgorithm, { deriveKeys }: SchemeApp): Uint8Array<ArrayBuffer>[] {
  const [firsts = [], seconds = []] = [0, 1].map((half) => deriveKeys?.(`keystile/jwt/${algorithm}/${half}`))
  return firsts.map((first, i) => {
    const both = Uint8Array.of(...first, ...(seconds[i] ?? []))
    return both.slice(0, hashBits(algorithm) / 8)
  })
}

function publicKeys(
  name: string,
  keys: readonly JwtKey[],
  signingKey: JwtKey | undefined,
  algorithms: readonly JwtAlgorithm[],
): JwtKeys {
  for (const key of keys) {
    const weak = isJwk(key) ? keyWeakness(key) : undefined
    if (weak !== undefined) throw unfit(name, weak)
  }
  if (keys.length === 0) throw unfit(name, 'there is none')
  const load = once(() => importAll(name, keys, algorithms))
  return {
    algorithms,
    async verifying(algorithm, kid) {
      const fit = ((await load()).get(algorithm) ?? []).filter(
        ({ id }) => id === undefined || kid === undefined || id === kid,
      )
      return fit.map(({ key }) => key)
    },
    signing: signer(name, signingKey, algorithms),
  }
}

/** Every key under every algorithm it fits; one that fits none is a fault of the configuration. */
async function importAll(name: string, keys: readonly JwtKey[], algorithms: readonly JwtAlgorithm[]) {
  const imported = new Map<JwtAlgorithm, { readonly id: string | undefined; readonly key: CryptoKey }[]>()
  for (const given of keys) {
    let why = `it is no public key of ${algorithms.join(', ')}`
    let fits = false
    for (const algorithm of algorithms) {
      try {
        const key = await importKey(given, algorithm)
        const weak = await weaknessOf(key)
        if (weak !== undefined) why = weak
        if (weak !== undefined || key.type !== 'public') continue
        imported.set(algorithm, [...(imported.get(algorithm) ?? []), { id: isJwk(given) ? given.kid : undefined, key }])
        fits = true
      } catch {
        // Of another kind than this algorithm wants.
      }
    }
    if (!fits) throw unfit(name, why)
  }
  return imported
}

const hosts = new Set(['localhost', '127.0.0.1', '[::1]'])

function publishedKeys(
  name: string,
  jwksUrl: string,
  signingKey: JwtKey | undefined,
  algorithms: readonly JwtAlgorithm[],
  app: SchemeApp,
): JwtKeys {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && hosts.has(url.hostname)))) {
    throw schemeProblem(name, {
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
    const named = set.filter((jwk) => (kid === undefined || jwk.kid === kid) && (jwk.alg ?? algorithm) === algorithm)
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
    signing: signer(name, signingKey, algorithms),
  }
}

async function available(remote: RemoteKeys): Promise<readonly JWK[]> {
  try {
    return await remote.all()
  } catch (cause) {
    throw new KeysUnavailable('the key set of the issuer cannot be fetched', { cause })
  }
}

function signer(
  name: string,
  signingKey: JwtKey | undefined,
  [algorithm]: readonly JwtAlgorithm[],
): JwtKeys['signing'] {
  if (signingKey === undefined || algorithm === undefined) return undefined
  return once(async () => {
    const key = await importKey(signingKey, algorithm).catch(() => undefined)
    if (key?.type !== 'private') throw unfit(name, `signingKey is no private key of ${algorithm}`)
    const { modulusLength } = key.algorithm as { modulusLength?: number }
    if (modulusLength !== undefined && modulusLength < 2048) throw unfit(name, 'signingKey is shorter than 2048 bits')
    return key
  })
}

async function importKey(key: JwtKey, algorithm: JwtAlgorithm): Promise<CryptoKey> {
  if (isJwk(key)) {
    const { importJWK } = await import('jose')
    const imported = await importJWK(key, algorithm)
    if (imported instanceof Uint8Array) throw new TypeError('a secret where a key pair is due')
    return imported
  }
  if (typeof key !== 'string') return key
  const { importPKCS8, importSPKI, importX509 } = await import('jose')
  const pem = key.trim()
  if (pem.startsWith('-----BEGIN CERTIFICATE')) return importX509(pem, algorithm)
  return pem.startsWith('-----BEGIN PRIVATE')
    ? importPKCS8(pem, algorithm)
    : importSPKI(pem, algorithm, { extractable: true })
}

/** A key that does not let itself be looked at is the app's own. */
async function weaknessOf(key: CryptoKey): Promise<string | undefined> {
  if (key.type !== 'public' || !key.extractable) return undefined
  return weakness((await crypto.subtle.exportKey('jwk', key as never)) as JWK)
}

function keyWeakness(jwk: JWK): string | undefined {
  if (jwk.kty === 'oct') return 'it is a secret, which everybody who verifies could sign with'
  if (jwk.d !== undefined) return 'it is private: verifying takes the public half alone'
  if (jwk.kty === 'EC' && ![jwk.x, jwk.y].every((part) => typeof part === 'string' && fromBase64Url(part))) {
    return 'it has no point'
  }
  return weakness(jwk)
}

const unfit = (name: string, why: string) =>
  schemeProblem(name, {
    code: 'JWT_KEY_UNFIT',
    message: `a key cannot be used: ${why}`,
    seen: why,
    expected: 'public keys (JWK, PEM or CryptoKey) of the algorithms, RSA of 2048 bits at least',
    fix: 'give the public key of the issuer, and name its algorithm in algorithms',
  })

function isJwk(key: JwtKey): key is JWK {
  return typeof key === 'object' && typeof (key as JWK).kty === 'string'
}

/** Runs once; a failure is not kept, except that of a configuration, which does not mend itself. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load().catch((error) => {
      if (!(error instanceof ConfigError)) loaded = undefined
      throw error
    })
    return loaded
  }
}

function perAlgorithm(load: (algorithm: JwtAlgorithm) => Promise<readonly CryptoKey[]>) {
  const loaded = new Map<JwtAlgorithm, () => Promise<readonly CryptoKey[]>>()
  return (algorithm: JwtAlgorithm) => {
    const own = loaded.get(algorithm) ?? once(() => load(algorithm))
    loaded.set(algorithm, own)
    return own()
  }
}
