import { remember } from '@keystile/core/store'
import { timingSafeEqual } from '../primitives/compare.ts'
import { allKeys, type SecretKeys } from '../primitives/keys.ts'
import { type HmacAlgorithm, saltedHmac } from '../primitives/salted-hmac.ts'
import { type DjangoVersion, hmacOf, NEWEST_DJANGO } from '../version.ts'

/** What `sessionHashes` is told. */
export interface SessionHashOptions extends SecretKeys {
  readonly djangoVersion?: DjangoVersion | undefined
  /** Takes the SHA-1 hashes of releases before 3.1 too. Default only where `djangoVersion` writes them. */
  readonly acceptSha1SessionHash?: boolean | undefined
}

/** Django's `_auth_user_hash`: it ties a session to the stored password, so that a new password ends the session. */
export interface SessionHashes {
  /** The hash to store, made from the text of the column `password`. */
  make(password: string): string
  /**
   * Whether a stored hash belongs to that password. `outdated` is as good, made with a fallback key or another
   * algorithm: the session gets a new key and the hash that `make` gives.
   */
  check(password: string, stored: unknown): 'current' | 'outdated' | 'wrong'
}

const SALT = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash'

const MOST_MADE = 500

/** Makes and checks session hashes. */
export function sessionHashes(options: SessionHashOptions): SessionHashes {
  const keys = allKeys(options)
  const written = hmacOf(options.djangoVersion ?? NEWEST_DJANGO)
  const acceptSha1 = options.acceptSha1SessionHash ?? written === 'sha1'
  const accepted: HmacAlgorithm[] = acceptSha1 ? ['sha256', 'sha1'] : ['sha256']

  const hash = (password: string, key: string, by: HmacAlgorithm) => saltedHmac(SALT, password, key, by).toString('hex')
  const made = new Map<string, string>()

  /** The same few users ask with every request: what was made for their password is kept. */
  function make(password: string): string {
    return made.get(password) ?? remember(made, password, hash(password, keys[0], written), MOST_MADE)
  }

  return {
    make,

    check(password, stored) {
      if (typeof stored !== 'string') return 'wrong'
      if (timingSafeEqual(make(password), stored)) return 'current'
      const outdated = accepted.some((by) => keys.some((key) => timingSafeEqual(hash(password, key, by), stored)))
      return outdated ? 'outdated' : 'wrong'
    },
  }
}
