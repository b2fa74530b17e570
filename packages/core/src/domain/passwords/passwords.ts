/** Passwords: hashed in one current format, verified in every format a moved database may hold. */
import { timingSafeEqual } from '#crypto'
import type { Logger } from '../../lib/environment.ts'
import type { Random } from '../../lib/random.ts'
import { loadKdf } from './kdf.ts'
import { createPace } from './pace.ts'
import { createQueue } from './queue.ts'
import type { Kdf, Recipe } from './recipe.ts'
import { newRecipe, readStored, type Stored, writeStored } from './stored.ts'

/** The app's own functions, in place of ours; they get the password as typed. What they throw is the caller's. */
export interface CustomPasswords {
  readonly hash?: ((password: string) => Promise<string>) | undefined
  readonly verify?: ((input: { hash: string; password: string }) => Promise<boolean>) | undefined
}

export interface PasswordsOptions {
  readonly custom?: CustomPasswords | undefined
  /** Longest password that is looked at, in characters (UTF-16 units); a longer one never verifies. Default 128. */
  readonly maxPasswordLength?: number | undefined
  /** Random bytes, for salts. */
  readonly random: Random
  readonly logger: Pick<Logger, 'warn'>
  /**
   * A few stored passwords (some 20 will do) that do not start with `currentPrefix`; an empty list when there are none.
   * Asked after the first failure, then at most once an hour, and no more after an empty
   * answer until a sign-in meets one.
   */
  readonly otherHashes: () => Promise<readonly string[]>
  /** Hashes at once. Default: the threads hashes can run on, less one, and at least one. */
  readonly concurrency?: number | undefined
  /** Milliseconds on a clock that only goes forward. Default `performance.now`. */
  readonly now?: (() => number) | undefined
  /** Resolves after so many milliseconds. Default `setTimeout`. */
  readonly wait?: ((ms: number) => Promise<void>) | undefined
  /** Key derivation; default: what the platform does best, chosen and loaded with the first password. */
  readonly kdf?: Kdf | undefined
}

export interface Verdict {
  readonly valid: boolean
  /** The password is right and its hash is not of the current format: store `hash(password)` in its place. */
  readonly rehash: boolean
}

export interface Passwords {
  /**
   * The password's hash in the current format, with a fresh salt.
   * @throws APIError 503 `HASH_QUEUE_FULL` with `Retry-After`, before any work, when the expected wait is over 2 s.
   */
  hash(password: string): Promise<string>
  /** The same for a request that has just had a password verified: it has waited already, and is not refused. */
  hashNext(password: string): Promise<string>
  /**
   * Whether the password belongs to the stored hash. `null` stands for no such user or no password: it costs what a
   * wrong password costs and answers false. So does a malformed or unknown hash, with one log line.
   *
   * A failure is answered no earlier than the slowest format in the database would have answered, counted from the
   * moment the hash began: how long it took tells nothing about the user.
   * @throws APIError 503 `HASH_QUEUE_FULL`, as `hash`.
   */
  verify(password: string, stored: string | null | undefined): Promise<Verdict>
  /** Resolves when no hash is under way. */
  idle(): Promise<void>
}

const wrong: Verdict = { valid: false, rehash: false }

/** Makes the one keeper of passwords of an instance: its queue bounds the instance's hashes. */
export function createPasswords(options: PasswordsOptions): Passwords {
  const { custom, maxPasswordLength = 128, random, logger, otherHashes } = options
  const now = options.now ?? (() => performance.now())
  const wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))

  const queue = createQueue({ concurrency: options.concurrency, now })
  const pace = createPace({ otherHashes, now, wait, logger, measure: async (recipe) => (await run('', recipe)).ms })
  // What a password is compared with where there is none: the work is done, no outcome counts.
  const nobody = writeStored(
    newRecipe((size) => new Uint8Array(size)),
    new Uint8Array(32),
  )
  let loading: Promise<Kdf> | undefined

  async function run(password: string, recipe: Recipe, inTurn = queue.run) {
    loading ??= options.kdf ? Promise.resolve(options.kdf) : loadKdf(logger)
    const kdf = await loading
    return inTurn(async () => {
      const started = now()
      const key = await kdf(password, recipe)
      return { key, started, ms: now() - started }
    })
  }

  async function hash(password: string, inTurn = queue.run): Promise<string> {
    const { hash: own } = custom ?? {}
    if (own) return inTurn(() => own(password))
    const recipe = newRecipe(random)
    const { key } = await run(password.normalize('NFKC'), recipe, inTurn)
    return writeStored(recipe, key)
  }

  async function verify(password: string, text: string | null | undefined): Promise<Verdict> {
    // The same for everyone, so it tells nothing.
    if (password.length > maxPasswordLength) return wrong
    if (custom?.verify) return verifyCustom(custom.verify, password, text)

    const own = text ? readStored(text) : null
    // Django marks an account without a password by `!`: that is no mistake.
    if (text && !own && !text.startsWith('!')) {
      logger.warn('A stored password hash is malformed or of no known format')
    }
    // Nobody's is read each time as well: that takes as long as reading somebody's.
    const { recipe, normalised, current, key: expected } = own ?? (readStored(nobody) as Stored)

    const { key, started, ms } = await run(normalised ? password.normalize('NFKC') : password, recipe)
    pace.note(recipe, current, ms)
    if (timingSafeEqual(key, expected) && own) return { valid: true, rehash: !current && !custom?.hash }
    await pace.keep(started)
    return wrong
  }

  /** The app's formats are its own affair: neither rehashed nor paced. Where there is no hash, one is made, as upstream. */
  async function verifyCustom(own: CustomVerify, password: string, text: string | null | undefined): Promise<Verdict> {
    if (text) return { valid: (await queue.run(() => own({ hash: text, password }))) === true, rehash: false }
    await hash(password)
    return wrong
  }

  return {
    hash: (password) => hash(password),
    hashNext: (password) => hash(password, queue.runNext),
    verify,
    idle: () => queue.idle(),
  }
}

type CustomVerify = NonNullable<CustomPasswords['verify']>
