import type { CryptoKey } from 'jose'
import type { JwtAlgorithm } from './algorithms.ts'

/** By which keys tokens are known, and made. */
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
