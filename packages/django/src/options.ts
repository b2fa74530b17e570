import type { CsrfCookieOptions } from './csrf/secret.ts'
import type { SiteOptions } from './csrf/site.ts'
import type { DjangoPasswordsOptions, PasswordUpgrade } from './passwords/passwords.ts'
import type { Clock } from './primitives/clock.ts'
import type { SecretKeys } from './primitives/keys.ts'
import type { Random } from './primitives/random.ts'
import type { SessionCookieOptions } from './sessions/cookie.ts'
import type { EngineMaker, SessionEngine } from './sessions/engine.ts'
import type { SqlDriver } from './sql/driver.ts'
import type { UserModelOptions } from './users/model.ts'
import type { DjangoVersion } from './version.ts'

/** `CSRF_…` of the project, with Django's defaults. */
export interface CsrfOptions extends Partial<SiteOptions> {
  /** `CSRF_TRUSTED_ORIGINS`: `scheme://host`, or `scheme://*.host` for its subdomains too. */
  readonly trustedOrigins?: readonly string[] | undefined
  /** `CSRF_HEADER_NAME` as a header is named. Default `X-CSRFToken`. */
  readonly headerName?: string | undefined
  /** `CSRF_USE_SESSIONS`: the secret is in the session, and no cookie of its own is sent. Default `false`. */
  readonly useSessions?: boolean | undefined
}

/** What `django` is told: the project's settings. Nearly all have Django's defaults. */
export interface DjangoOptions extends SecretKeys, UserModelOptions {
  /** `sqliteDriver(…)`, `postgresqlDriver(…)` or `mysqlDriver(…)`. */
  readonly driver: SqlDriver
  /** The release beside: its forms are written, those of all are read. Default the newest known. */
  readonly djangoVersion?: DjangoVersion | undefined
  /** `PASSWORD_HASHERS`, the preferred one first. */
  readonly passwordHashers?: DjangoPasswordsOptions['hashers']
  /** When a right password is hashed anew: `stronger` (default), `always` as Django does, `never`. */
  readonly passwordUpgrade?: PasswordUpgrade | undefined
  /** How the work of hashing is bounded. */
  readonly hashing?: Pick<DjangoPasswordsOptions, 'queue' | 'kdf' | 'maxPasswordLength'> | undefined
  /** `SESSION_ENGINE`: `'db'` (default), `'signed_cookies'`, `cacheSessions(…)`, `cachedDatabaseSessions(…)`, or one's own. */
  readonly sessions?: 'db' | 'signed_cookies' | EngineMaker | SessionEngine | undefined
  /** The table of sessions. Default `django_session`. */
  readonly sessionTable?: string | undefined
  /** `django.contrib.sessions.` and the name of the project's own store class. Default `…SessionStore`. */
  readonly sessionSalt?: string | undefined
  /** Reads session rows as they were written before 3.1, under SHA-1. Default only where `djangoVersion` writes them. */
  readonly acceptLegacySessions?: boolean | undefined
  /** Takes the session hashes of before 3.1, under SHA-1. Default only where `djangoVersion` writes them. */
  readonly acceptSha1SessionHash?: boolean | undefined
  /** `AUTHENTICATION_BACKENDS` whose sessions count. Default `django.contrib.auth.backends.ModelBackend` alone. */
  readonly backends?: readonly string[] | undefined
  /** The backend that sign-ins here name. Default the first. */
  readonly backendPath?: string | undefined
  /** `SESSION_COOKIE_…` and `CSRF_COOKIE_…`. */
  readonly cookies?:
    | { readonly session?: SessionCookieOptions | undefined; readonly csrf?: CsrfCookieOptions | undefined }
    | undefined
  readonly csrf?: CsrfOptions | undefined
  /** `TIME_ZONE` where `USE_TZ` is off. Default `UTC`. */
  readonly databaseTimeZone?: string | undefined
  /** Milliseconds since 1970. Default the system's. */
  readonly clock?: Clock | undefined
  /** Random bytes, for keys and salts. Default the system's. */
  readonly random?: Random | undefined
  /** Told what an operator should know; never a secret. Default the console. */
  readonly logger?: { warn(message: string): void } | undefined
}
