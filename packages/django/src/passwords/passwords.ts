/** Django's passwords: verified as Django does, and written in the form that it would write. */
import { createQueue, type HashQueue, type Kdf, loadKdf } from '@keystile/core/passwords'
import { DjangoError } from '../errors.ts'
import { LETTERS_AND_DIGITS, type Random, randomText, systemRandom } from '../primitives/random.ts'
import { type DjangoVersion, NEWEST_DJANGO } from '../version.ts'
import type { Algorithm, Hasher, Parts, Tools } from './hasher.ts'
import { algorithmOf, createHasher, type HasherSettings, knows, STOCK_HASHERS } from './hashers.ts'

/**
 * When a right password is to be hashed anew. The session hash of a user is made from the stored text, so each new
 * hash ends the user's sessions, save the one that is signing in:
 *
 * - `stronger`: only where the stored value took less work than a new one, or is a weak digest.
 * - `always`: wherever Django would. Two services that prefer different hashers then sign each other's users out.
 * - `never`.
 */
export type PasswordUpgrade = 'always' | 'stronger' | 'never'

export interface DjangoPasswordsOptions {
  /** The release of Django whose forms are written; all are read. Default: the newest known. */
  readonly djangoVersion?: DjangoVersion | undefined
  /**
   * `PASSWORD_HASHERS`: by which hashers a password verifies. The first is preferred and makes the new values. Default:
   * pbkdf2_sha256, pbkdf2_sha1, argon2, bcrypt_sha256, scrypt.
   *
   * @example hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1_800_000 }, 'argon2', 'md5']
   */
  readonly hashers?: readonly [Algorithm | HasherSettings, ...(Algorithm | HasherSettings)[]] | undefined
  /** Default `stronger`. */
  readonly upgrade?: PasswordUpgrade | undefined
  /** Longest password that is looked at, in characters (UTF-16 units). Default 4096. */
  readonly maxPasswordLength?: number | undefined
  /** The queue that bounds how many hashes run at once. Default: one of its own. */
  readonly queue?: HashQueue | undefined
  /** Random bytes, for salts. Default: the system's. */
  readonly random?: Random | undefined
  /** Told once where native code is missing. Default: the console. */
  readonly logger?: { warn(message: string): void } | undefined
  /** Key derivation. Default: what the platform does best, loaded with the first password. */
  readonly kdf?: Kdf | undefined
}

export interface PasswordVerdict {
  readonly valid: boolean
  /** The password is right and its hash is to be replaced: store what `makeNext(password)` gives, and that alone. */
  readonly rehash: boolean
}

export interface DjangoPasswords {
  /**
   * Whether the password belongs to the stored value. Where there is no user, give `null` for the value. That, an
   * unusable password, a hasher outside the list, a malformed value and one that would cost too much all answer false,
   * and take as long as a wrong password for a new value.
   * @throws APIError of core, 503 `HASH_QUEUE_FULL`, before any work, when the expected wait is over 2 s.
   */
  verify(password: string | null | undefined, encoded: string | null | undefined): Promise<PasswordVerdict>
  /**
   * A new value for `auth_user.password`, by the preferred hasher; of `null` one that no password fits.
   * @throws TypeError for anything else that is no text.
   * @throws DjangoError `PASSWORD_TOO_LONG`; `UNENCODABLE_PASSWORD` for a text that has no UTF-8.
   * @throws APIError as `verify`.
   */
  make(password: string | null): Promise<string>
  /** The same for a request that has just had a password verified: it has waited already, and is not refused. */
  makeNext(password: string | null): Promise<string>
  /** Whether a value may belong to a password. As in Django, only a `!` in front says no. */
  isUsable(encoded: string | null | undefined): boolean
  /** Which hasher of the list a value names, else `null`. */
  identify(encoded: string | null | undefined): Algorithm | null
  /** Whether Django would write the value anew after a right password; false where none can be right. */
  mustUpdate(encoded: string | null | undefined): boolean
}

/** What Django puts in front of values that no password fits. */
const UNUSABLE = '!'
const UNUSABLE_LENGTH = 40
/** Four times the column. */
const MOST_STORED = 512

const wrong: PasswordVerdict = { valid: false, rehash: false }

/** Makes the keeper of a Django project's passwords. */
export function djangoPasswords(options: DjangoPasswordsOptions = {}): DjangoPasswords {
  const { djangoVersion: version = NEWEST_DJANGO, upgrade = 'stronger', maxPasswordLength = 4096 } = options
  const { queue = createQueue(), random = systemRandom, logger = console } = options

  let loading: Promise<Kdf> | undefined
  const load = () => {
    loading ??= options.kdf ? Promise.resolve(options.kdf) : loadKdf(logger)
    return loading
  }
  const tools: Tools = { kdf: async (password, recipe) => (await load())(password, recipe), random, version }
  const list = (options.hashers ?? STOCK_HASHERS).map((option) => createHasher(option, tools))
  const hashers = new Map<string, Hasher>(list.map((hasher) => [hasher.algorithm, hasher]))
  const preferred = checkPreferred(list[0], version)

  const randomPassword = () => randomText(random, UNUSABLE_LENGTH, LETTERS_AND_DIGITS)

  function isText(password: unknown): password is string {
    return typeof password === 'string' && password.length <= maxPasswordLength && password.isWellFormed()
  }

  /** The hasher of a stored value with the parts of it; `null` where it is malformed or not of the list. */
  function read(encoded: string | null | undefined): { hasher: Hasher; parts: Parts } | null {
    if (!encoded || encoded.length > MOST_STORED) return null
    const hasher = hashers.get(algorithmOf(encoded))
    const parts = hasher?.decode(encoded)
    return hasher && parts ? { hasher, parts } : null
  }

  function djangoWould(hasher: Hasher, parts: Parts): boolean {
    return hasher !== preferred || preferred.mustUpdate(parts)
  }

  function wanted(password: string, hasher: Hasher, parts: Parts): boolean {
    if (preferred.takes?.(password) === false) return false
    switch (upgrade) {
      case 'always':
        return djangoWould(hasher, parts)
      case 'stronger':
        return !preferred.weak && hasher.weaker(parts)
      case 'never':
        return false
    }
  }

  async function judge(password: string | null | undefined, encoded: string | null | undefined) {
    const stored = read(encoded)
    const verdict = stored && isText(password) ? stored.hasher.verify(password, stored.parts) : null
    if (!stored || !isText(password) || !verdict) {
      await preferred.make(randomPassword())
      return wrong
    }
    const { hasher, parts } = stored
    if (await verdict) return { valid: true, rehash: wanted(password, hasher, parts) }
    // The answer comes no sooner than it would for a new value.
    if (hasher === preferred) await hasher.harden?.(password, parts)
    else if (hasher.weak) await preferred.make(randomPassword())
    return wrong
  }

  async function make(password: string | null, inTurn: HashQueue['run']): Promise<string> {
    if (password === null) return UNUSABLE + randomPassword()
    if (typeof password !== 'string') throw new TypeError(`A password is a text or null, not ${typeof password}`)
    if (password.length > maxPasswordLength) {
      throw new DjangoError('PASSWORD_TOO_LONG', `A password has at most ${maxPasswordLength} characters`)
    }
    if (!password.isWellFormed()) {
      throw new DjangoError('UNENCODABLE_PASSWORD', 'A password with half a surrogate pair has no UTF-8')
    }
    await load()
    return inTurn(() => preferred.make(password))
  }

  return {
    async verify(password, encoded) {
      // Loading is no part of what the queue measures.
      await load()
      return queue.run(() => judge(password, encoded))
    },
    make: (password) => make(password, queue.run),
    makeNext: (password) => make(password, queue.runNext),
    isUsable: (encoded) => !encoded?.startsWith(UNUSABLE),
    identify: (encoded) => hashers.get(algorithmOf(encoded ?? ''))?.algorithm ?? null,
    mustUpdate(encoded) {
      const stored = read(encoded)
      return stored !== null && djangoWould(stored.hasher, stored.parts)
    },
  }
}

function checkPreferred(preferred: Hasher | undefined, version: DjangoVersion): Hasher {
  if (!preferred) throw new DjangoError('BAD_HASHER', 'The list of hashers is empty')
  if (knows(version, preferred.algorithm)) return preferred
  throw new DjangoError(
    'BAD_HASHER',
    `Django ${version} has no ${preferred.algorithm}, so it could not read new values`,
  )
}
