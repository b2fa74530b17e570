import { ConfigError, checkedOptions, kinds, type Problem } from '@keystile/core'
import { MODEL_BACKEND } from './auth/login.ts'
import { csrfCookie } from './csrf/secret.ts'
import { siteCheck } from './csrf/site-check.ts'
import { DjangoError } from './errors.ts'
import { djangoKinds } from './option-kinds.ts'
import type { DjangoOptions } from './options.ts'
import { djangoPasswords } from './passwords/passwords.ts'
import { allKeys } from './primitives/keys.ts'
import { sessionCookie } from './sessions/cookie.ts'
import type { SessionEngine } from './sessions/engine.ts'
import { quoteName } from './sql/names.ts'
import { NEWEST_DJANGO, since } from './version.ts'

/** @throws {ConfigError} naming all that cannot work */
export function checkDjango(options: DjangoOptions): void {
  const problems: Problem[] = []
  const known = checkedOptions(options, kinds.group(djangoKinds), problems)
  problems.push(...checks.flatMap((check) => check(known) ?? []))
  if (problems.length > 0) throw new ConfigError(problems)
}

type Check = (options: DjangoOptions) => Problem | undefined

const DIALECTS = ['sqlite', 'postgresql', 'mysql']

/** What an attempt fails with, and what to do about it. */
function attempt(work: () => unknown, seen: string, expected: string, fix: string): Problem | undefined {
  const error = failureOf(work)
  const code = error instanceof DjangoError ? error.code : 'BAD_OPTION'
  return error && { code, message: error.message, seen, expected, fix }
}

function failureOf(work: () => unknown): DjangoError | RangeError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof DjangoError || error instanceof RangeError) return error
    throw error
  }
}

const checks: readonly Check[] = [
  ({ driver }) =>
    DIALECTS.includes(driver?.dialect) && typeof driver.all === 'function'
      ? undefined
      : {
          code: 'NO_DRIVER',
          message: 'The option driver is no database',
          seen: driver ? 'an object that asks nothing' : String(driver),
          expected: 'a driver',
          fix: 'Give driver: sqliteDriver(path), postgresqlDriver(pool) or mysqlDriver(pool)',
        },

  (options) =>
    attempt(
      () => allKeys(options),
      'a secretKey or a fallback that is no key',
      'texts that are not empty',
      "Give the project's SECRET_KEY and SECRET_KEY_FALLBACKS",
    ),

  ({ djangoVersion = NEWEST_DJANGO }) =>
    attempt(
      () => since(djangoVersion, '2.2'),
      String(djangoVersion),
      'a release, from 2.2 on',
      'Give the release of the Django beside, or leave it out',
    ),

  ({ passwordHashers, djangoVersion, hashing, logger = console }) =>
    isKnown(djangoVersion)
      ? attempt(
          () => djangoPasswords({ ...hashing, hashers: passwordHashers, djangoVersion, logger }),
          String(passwordHashers),
          'hashers that Django has',
          'Give passwordHashers as the project has PASSWORD_HASHERS, the preferred one first',
        )
      : undefined,

  ({ sessionTable = 'django_session' }) =>
    attempt(
      () => quoteName('sqlite', sessionTable),
      JSON.stringify(sessionTable),
      'the name of a table',
      'Give the name of the table as sessionTable',
    ),

  ({ sessions = 'db' }) =>
    sessions === 'db' || sessions === 'signed_cookies' || isEngine(sessions)
      ? undefined
      : {
          code: 'UNKNOWN_ENGINE',
          message: `There is no session engine ${JSON.stringify(sessions)}`,
          seen: JSON.stringify(sessions),
          expected: "'db', 'signed_cookies' or an engine",
          fix: "Give sessions: 'db', 'signed_cookies', cacheSessions({ client }) or cachedDatabaseSessions({ client })",
        },

  ({ cookies = {} }) => {
    const expiry = { age: 1, date: new Date(0), atBrowserClose: false }
    return attempt(
      () => {
        sessionCookie('v', cookies.session ?? {}, expiry, 0)
        csrfCookie('v', cookies.csrf ?? {}, 0)
      },
      JSON.stringify(cookies),
      'cookies that a header may hold',
      'Give cookies.session and cookies.csrf names, domains and paths that a header may hold',
    )
  },

  ({ cookies = {} }) => {
    const { age } = cookies.session ?? {}
    return age === undefined || (Number.isSafeInteger(age) && age > 0)
      ? undefined
      : {
          code: 'BAD_OPTION',
          message: 'cookies.session.age is no number of seconds',
          seen: String(age),
          expected: 'a whole number above 0',
          fix: 'Give SESSION_COOKIE_AGE as a whole number of seconds, greater than 0',
        }
  },

  (options) =>
    attempt(
      () => siteCheck(options),
      JSON.stringify(options.csrf ?? {}),
      'origins with their schemes',
      "Give csrf.trustedOrigins with schemes: 'https://example.com'",
    ),

  ({ databaseTimeZone: timeZone }) =>
    attempt(
      () => new Intl.DateTimeFormat('en-US', { timeZone }),
      String(timeZone),
      'the name of a time zone',
      'Give the TIME_ZONE of the project as databaseTimeZone, and only where its USE_TZ is off',
    ),

  ({ backends = [MODEL_BACKEND], backendPath = backends[0] }) =>
    backendPath !== undefined && backends.includes(backendPath)
      ? undefined
      : {
          code: 'UNKNOWN_BACKEND',
          message: 'The backend that sign-ins name is none of the backends whose sessions count',
          seen: String(backendPath),
          expected: backends.join(', ') || 'a backend',
          fix: 'Give backends as the project has AUTHENTICATION_BACKENDS, and one of them as backendPath',
        },
]

const isEngine = (sessions: unknown) =>
  typeof sessions === 'function' || typeof (sessions as Partial<SessionEngine> | null)?.load === 'function'

function isKnown(version: DjangoOptions['djangoVersion']): boolean {
  return !failureOf(() => since(version ?? NEWEST_DJANGO, '2.2'))
}
