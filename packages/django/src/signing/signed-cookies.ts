import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import { allKeys } from '../primitives/keys.ts'
import { NEWEST_DJANGO, since } from '../version.ts'
import { type SigningOptions, timestampSigner } from './signer.ts'

/** What `signedCookies` is told. */
export interface SignedCookieOptions extends SigningOptions {
  /**
   * Reads cookies signed with the salt that was used before 5.2, where a name that ends as another's salt begins was
   * not told from it: `SIGNED_COOKIE_LEGACY_SALT_FALLBACK`. Default as in Django, `true` before 6.0.
   */
  readonly legacySignedCookies?: boolean | undefined
  readonly clock?: Clock | undefined
}

/** The values of Django's signed cookies: `set_signed_cookie` and `get_signed_cookie`. */
export interface SignedCookies {
  /** The value to send for the cookie of that name. */
  sign(name: string, value: string, salt?: string): string
  /**
   * The value that was signed for the cookie of that name.
   *
   * @param maxAge seconds; any age by default
   * @throws {DjangoError} `BAD_SIGNATURE` or `SIGNATURE_EXPIRED`
   */
  unsign(name: string, signed: string, options?: { readonly salt?: string; readonly maxAge?: number }): string
}

const KEY_PREFIX = 'django.http.cookies'

/** Signs and reads the values of signed cookies. */
export function signedCookies(options: SignedCookieOptions): SignedCookies {
  const { djangoVersion = NEWEST_DJANGO } = options
  const acceptLegacy = options.legacySignedCookies ?? !since(djangoVersion, '6.0')
  const [secretKey, ...secretKeyFallbacks] = allKeys(options).map((key) => KEY_PREFIX + key) as [string, ...string[]]
  const signerOf = (salt: string) => timestampSigner({ ...options, secretKey, secretKeyFallbacks, salt })

  // Django counts code points, JavaScript units of UTF-16.
  const current = (name: string, salt: string) => signerOf(`${KEY_PREFIX}.v2:${[...salt].length}:${salt}${name}`)
  const legacy = (name: string, salt: string) => signerOf(name + salt)

  return {
    sign: (name, value, salt = '') => (since(djangoVersion, '5.2') ? current : legacy)(name, salt).sign(value),

    unsign(name, signed, { salt = '', maxAge } = {}) {
      try {
        return current(name, salt).unsign(signed, maxAge)
      } catch (error) {
        const forged = error instanceof DjangoError && error.code === 'BAD_SIGNATURE'
        if (!forged || !acceptLegacy) throw error
        return legacy(name, salt).unsign(signed, maxAge)
      }
    },
  }
}
