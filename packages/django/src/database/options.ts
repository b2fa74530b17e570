/** What `djangoDatabase` is told. */
import type { DjangoPasswordsOptions } from '../passwords/passwords.ts'
import type { Clock } from '../primitives/clock.ts'
import type { SecretKeys } from '../primitives/keys.ts'
import type { Random } from '../primitives/random.ts'
import type { SqlDriver } from '../sql/driver.ts'
import type { UserModelOptions } from '../users/model.ts'
import type { DjangoVersion } from '../version.ts'

export interface DjangoDatabaseOptions extends SecretKeys, UserModelOptions {
  /** Stays open when the auth is closed. */
  readonly driver: SqlDriver
  /** Default `django_session`. */
  readonly sessionTable?: string | undefined
  /** `AUTHENTICATION_BACKENDS` whose sessions count. Default: Django's own alone. */
  readonly backends?: readonly string[] | undefined
  /** The one that new sessions name. Default: the first. */
  readonly backendPath?: string | undefined
  /** In front of the names of our own tables; no other table may begin with it. Default `keystile_`. */
  readonly prefix?: string | undefined
  /** The release of Django whose forms are written. Default: the newest known. */
  readonly djangoVersion?: DjangoVersion | undefined
  /** Reads session rows in the form of before 3.1. Default only where `djangoVersion` writes it. */
  readonly acceptLegacySessions?: boolean | undefined
  /** Takes the session hashes of before 3.1. Default only where `djangoVersion` writes them. */
  readonly acceptSha1SessionHash?: boolean | undefined
  /** `django.contrib.sessions.` and the name of the project's store class. Default Django's own. */
  readonly sessionSalt?: string | undefined
  /** `TIME_ZONE` of a project with `USE_TZ = False`. Default `UTC`. */
  readonly databaseTimeZone?: string | undefined
  /** What a new user has in columns of the project's own model that must be written: `{ country: 'SE' }`. */
  readonly userDefaults?: Readonly<Record<string, string | number | boolean | null>> | undefined
  /** How passwords are hashed. */
  readonly hashing?: Omit<DjangoPasswordsOptions, 'djangoVersion'> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** With every default filled in. */
export interface DatabaseSettings extends Omit<DjangoDatabaseOptions, 'backends'> {
  readonly sessionTable: string
  readonly backends: readonly [string, ...string[]]
  readonly prefix: string
  readonly databaseTimeZone: string
  readonly userDefaults: Readonly<Record<string, string | number | boolean | null>>
  readonly random: Random
}
