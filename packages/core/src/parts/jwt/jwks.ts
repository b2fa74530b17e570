/** The public keys that an issuer publishes (RFC 7517): fetched on first use, kept, and asked for again when one is missing. */
import type { JWK } from 'jose'
import type { Clock, Logger } from '../../lib/environment.ts'
import { isObject } from '../../lib/is-object.ts'
import { weakness } from './sound-key.ts'

export interface RemoteKeys {
  /**
   * The keys as last fetched.
   * @throws what the fetch came to, where there are none.
   */
  all(): Promise<readonly JWK[]>
  /** Fetched again for a token that names a key which is not among `than`, unless that was done a moment ago. */
  newer(than: readonly JWK[]): Promise<readonly JWK[]>
}

/** Milliseconds: keys are fetched again after the first, and serve no longer than the second where that fails. */
const freshFor = 600_000
const usableFor = 86_400_000
/** Between two fetches for keys that are missing, or that failed. */
const pause = 30_000
/** After a failure, where there are no keys to serve on with. */
const breath = 1_000
const patience = 5_000
/** Bytes of an answer, and keys of a set. */
const longest = 1 << 20
const mostKeys = 100

export function remoteKeys(
  url: string,
  { clock, fetch, logger }: { readonly clock: Clock; readonly fetch: typeof globalThis.fetch; readonly logger: Logger },
): RemoteKeys {
  let kept: { readonly keys: readonly JWK[]; readonly at: number } | undefined
  let tried: number | undefined
  let failed: { readonly error: unknown; readonly at: number } | undefined
  let underWay: Promise<void> | undefined
  /** A clock that was put back makes whatever is kept old. */
  const within = (at: number | undefined, span: number) => at !== undefined && clock() >= at && clock() - at < span

  async function ask(): Promise<void> {
    tried = clock()
    const response = await fetch(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    const text = await textOf(response, longest)
    if (text === undefined) throw new Error(`${url} answered with more than a key set`)
    const set: unknown = JSON.parse(text)
    if (!isObject(set) || !Array.isArray(set.keys)) throw new Error(`${url} has no key set`)
    kept = { keys: set.keys.slice(0, mostKeys).filter(isSound), at: clock() }
  }

  /** One at a time, however many requests wait for it. */
  function fetched(): Promise<void> {
    underWay ??= ask()
      .then(
        () => {
          failed = undefined
        },
        (error) => {
          failed = { error, at: clock() }
          throw error
        },
      )
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }

  return {
    async all() {
      if (kept && within(kept.at, freshFor)) return kept.keys
      const old = kept && within(kept.at, usableFor) ? kept.keys : undefined
      if (old && within(tried, pause)) return old
      // Whoever sends many tokens must not make as many requests of us.
      if (!old && failed && within(failed.at, breath)) throw failed.error
      try {
        await fetched()
      } catch (error) {
        if (!old) throw error
        logger.warn('the key set of an issuer of tokens cannot be fetched: the last one serves on', error)
      }
      return kept?.keys ?? []
    },

    async newer(than) {
      if (kept && kept.keys !== than) return kept.keys
      if (within(tried, pause)) return than
      try {
        await fetched()
      } catch (error) {
        logger.warn('the key set of an issuer of tokens cannot be fetched', error)
      }
      return kept?.keys ?? than
    },
  }
}

/** The body as text; undefined where it is longer: no more of it is read. */
async function textOf(response: Response, most: number): Promise<string | undefined> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    size += chunk.value.byteLength
    if (size > most) {
      reader?.cancel().catch(() => {})
      return undefined
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
}

/** A public key for signatures that nobody else can forge. */
const isSound = (key: unknown): key is JWK =>
  isObject(key) && typeof key.kty === 'string' && weakness(key as unknown as JWK) === undefined
