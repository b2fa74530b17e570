import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import { timingSafeEqual } from '../primitives/compare.ts'
import { fromBase62, toBase62 } from '../primitives/digits.ts'
import { allKeys, type SecretKeys } from '../primitives/keys.ts'
import { type HmacAlgorithm, saltedHmac } from '../primitives/salted-hmac.ts'
import { type DjangoVersion, hmacOf, NEWEST_DJANGO } from '../version.ts'

/** What every signature is made and checked with. */
export interface SigningOptions extends SecretKeys {
  /** The release whose signatures are written. Default the newest known. */
  readonly djangoVersion?: DjangoVersion | undefined
  /** Takes the SHA-1 signatures of releases before 3.1 too. Default only where `djangoVersion` writes them. */
  readonly acceptSha1Signatures?: boolean | undefined
}

/** How a signer keeps its values apart from those of others. */
export interface SignerOptions extends SigningOptions {
  /** Default the dotted name of Django's class, which an empty salt stands for too. */
  readonly salt?: string | undefined
  /** Between value and signature, `:` by default. Not empty, and not of letters, digits, `-`, `_` and `=` alone. */
  readonly separator?: string | undefined
}

/** Django's `Signer`. */
export interface Signer {
  /** The value with its signature. */
  sign(value: string): string
  /**
   * The value that was signed.
   *
   * @throws {DjangoError} `BAD_SIGNATURE`
   */
  unsign(signed: string): string
}

/** Django's `Signer`: what it signs can be read by everyone and changed by nobody. */
export function signer(options: SignerOptions): Signer {
  const { djangoVersion = NEWEST_DJANGO, separator = ':' } = options
  const salt = options.salt || 'django.core.signing.Signer'
  if (/^[A-Za-z0-9\-_=]*$/.test(separator)) {
    throw new DjangoError('UNSAFE_SEPARATOR', 'the separator must have a character that no signature has')
  }
  const keys = allKeys(options)
  const algorithm = hmacOf(djangoVersion)
  const acceptSha1 = options.acceptSha1Signatures ?? algorithm === 'sha1'
  const accepted: HmacAlgorithm[] = acceptSha1 ? ['sha256', 'sha1'] : ['sha256']

  const signature = (value: string, key: string, by: HmacAlgorithm) =>
    saltedHmac(`${salt}signer`, value, key, by).toString('base64url')

  return {
    sign: (value) => value + separator + signature(value, keys[0], algorithm),

    unsign(signed) {
      const at = signed.lastIndexOf(separator)
      if (at >= 0) {
        const value = signed.slice(0, at)
        const given = signed.slice(at + separator.length)
        for (const by of accepted) {
          for (const key of keys) {
            if (timingSafeEqual(signature(value, key, by), given)) return value
          }
        }
      }
      throw new DjangoError('BAD_SIGNATURE', 'the signature does not match')
    },
  }
}

/** How old a signature may be, and by which clock. */
export interface TimestampSignerOptions extends SignerOptions {
  readonly clock?: Clock | undefined
}

/** Django's `TimestampSigner`. */
export interface TimestampSigner {
  /** The value with the time and its signature. */
  sign(value: string): string
  /**
   * The value that was signed.
   *
   * @param maxAge seconds; one more is too old, and a time to come is not. Any age by default
   * @throws {DjangoError} `BAD_SIGNATURE` or `SIGNATURE_EXPIRED`
   */
  unsign(signed: string, maxAge?: number): string
}

/** Django's `TimestampSigner`: a `Signer` that knows when. */
export function timestampSigner(options: TimestampSignerOptions): TimestampSigner {
  const { clock = Date.now, separator = ':' } = options
  const plain = signer({ ...options, salt: options.salt || 'django.core.signing.TimestampSigner' })

  return {
    sign: (value) => plain.sign(value + separator + toBase62(Math.floor(clock() / 1000))),

    unsign(signed, maxAge) {
      const stamped = plain.unsign(signed)
      const at = stamped.lastIndexOf(separator)
      const seconds = at < 0 ? undefined : fromBase62(stamped.slice(at + separator.length))
      if (seconds === undefined) throw new DjangoError('BAD_SIGNATURE', 'the signed value has no time')
      if (maxAge !== undefined && clock() / 1000 - seconds > maxAge) {
        throw new DjangoError('SIGNATURE_EXPIRED', `the signature is older than ${maxAge} seconds`)
      }
      return stamped.slice(0, at)
    },
  }
}
