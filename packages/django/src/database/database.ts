/** `djangoDatabase`: a Django project's users and sessions as the database of an auth. */
import { checkOptions } from '@keystile/core'
import { type Engine, type MadeDatabase, openEngine, type StoreOptions } from '@keystile/core/store'
import { MODEL_BACKEND } from '../auth/login.ts'
import { DjangoError } from '../errors.ts'
import { databaseKinds } from '../option-kinds.ts'
import { type DjangoPasswords, djangoPasswords } from '../passwords/passwords.ts'
import { systemRandom } from '../primitives/random.ts'
import { rowCodec } from '../sessions/codec.ts'
import type { SessionCookieOptions } from '../sessions/cookie.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { type SessionCookiePlugin, sessionCookiePlugin } from './cookie-plugin.ts'
import { dropTables } from './ddl.ts'
import { openDjango } from './engine.ts'
import type { DatabaseSettings, DjangoDatabaseOptions } from './options.ts'

/** What `emailAndPassword.password` takes. */
export interface DjangoPasswordPair {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (data: { readonly hash: string; readonly password: string }) => Promise<boolean>
}

export interface DjangoDatabase extends MadeDatabase {
  /** For `emailAndPassword.password`: hashes that Django reads. */
  readonly password: DjangoPasswordPair
  /**
   * A plugin that sends Django's session cookie beside ours, so that Django's pages know the browser too; it goes when
   * the session ends. `createAuth({ database, plugins: [database.sessionCookie()] })`
   *
   * @param options as Django's `SESSION_COOKIE_…`; on https set `secure`
   */
  sessionCookie(
    options?: Omit<SessionCookieOptions, 'age' | 'expireAtBrowserClose' | 'saveEveryRequest'>,
  ): SessionCookiePlugin
  /** Drops our own tables, with all that Django has no place for. Users and sessions of Django stay as they are. */
  dropOwnTables(): Promise<void>
}

/**
 * The users and sessions of a Django project as the database of `createAuth`. Who signs in here has a session of
 * Django's, which ends when Django ends it, or the password changes there; and the other way round. What Django has no
 * place for is kept in own tables, made where they are missing.
 *
 * @throws {ConfigError} for options that nothing reads or of a wrong type
 * @throws {DjangoError} `BAD_NAME` for an unfit prefix; `NO_DATABASE`; `NO_SECRET_KEY`; `UNKNOWN_VERSION`. At the first
 * use a ConfigError, `BAD_MODEL`, where the tables of Django are not there or have not what is needed
 *
 * @example
 * const database = djangoDatabase({ driver: sqliteDriver('db.sqlite3'), secretKey: process.env.SECRET_KEY })
 * const auth = createAuth({ database, emailAndPassword: { enabled: true, password: database.password } })
 */
export function djangoDatabase(options: DjangoDatabaseOptions): DjangoDatabase {
  checkOptions(options, databaseKinds, 'djangoDatabase()')
  const { backendPath, prefix = 'keystile_', random = systemRandom } = options
  // It stands for our tables when they are dropped.
  if (!/^[a-z][a-z\d_]{1,20}_$/.test(prefix)) {
    throw new DjangoError('BAD_NAME', 'prefix is 3 to 22 small letters, digits and underscores, and ends in one')
  }
  checkDriver(options.driver)
  // Keys and versions are looked at before anything is asked of the database.
  rowCodec(options)
  const named = options.backends ?? [backendPath ?? MODEL_BACKEND]
  const [first = MODEL_BACKEND] = named
  const settings: DatabaseSettings = {
    ...options,
    sessionTable: options.sessionTable ?? 'django_session',
    backends: [backendPath ?? first, ...named],
    prefix,
    databaseTimeZone: options.databaseTimeZone ?? 'UTC',
    userDefaults: options.userDefaults ?? {},
    random,
  }
  const passwords = djangoPasswords({ random, ...options.hashing, djangoVersion: options.djangoVersion })
  return {
    password: passwordPair(passwords),
    sessionCookie: (cookie = {}) => sessionCookiePlugin(settings, cookie),
    dropOwnTables: () => dropTables(options.driver, prefix),
    [openEngine]: (store: StoreOptions): Promise<Engine> => openDjango(settings, store),
  }
}

function checkDriver(driver: SqlDriver): void {
  if (typeof driver?.transaction === 'function') return
  throw new DjangoError('NO_DATABASE', 'driver is sqliteDriver(…), postgresqlDriver(…) or mysqlDriver(…)')
}

/** Django's hashes for `emailAndPassword.password`. */
export function passwordPair(passwords: DjangoPasswords): DjangoPasswordPair {
  return {
    hash: (password) => passwords.make(password),
    verify: async ({ hash, password }) => (await passwords.verify(password, hash)).valid,
  }
}
