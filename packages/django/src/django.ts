import { MODEL_BACKEND, type SessionAuth, sessionAuth } from './auth/login.ts'
import { sessionHashes } from './auth/session-hash.ts'
import { CSRF_HEADER } from './csrf/check.ts'
import { CSRF_COOKIE } from './csrf/secret.ts'
import { siteCheck } from './csrf/site-check.ts'
import type { DjangoOptions } from './options.ts'
import { djangoPasswords } from './passwords/passwords.ts'
import { systemRandom } from './primitives/random.ts'
import { type DjangoRequest, type DjangoRequestSource, openRequest } from './request.ts'
import { cookieCodec, rowCodec } from './sessions/codec.ts'
import { SESSION_COOKIE } from './sessions/cookie.ts'
import { databaseSessions } from './sessions/db.ts'
import { type EngineParts, joinedLoads, type SessionEngine } from './sessions/engine.ts'
import { type DjangoSession, openSession } from './sessions/session.ts'
import { signedCookieSessions } from './sessions/signed-cookie.ts'
import { checkDjango } from './startup.ts'
import type { AuthenticateOptions } from './users/authenticate.ts'
import { knownUsers } from './users/known.ts'
import type { UserRow } from './users/rows.ts'
import type { DjangoUser } from './users/user.ts'
import { djangoUsers, type Users } from './users/users.ts'

/** What a client sends, by its name. */
export interface DjangoNames {
  readonly sessionCookie: string
  /** `undefined` where the secret is in the session. */
  readonly csrfCookie: string | undefined
  readonly csrfHeader: string
}

/** A Django project's users and sessions, in place. */
export interface Django {
  readonly names: DjangoNames
  readonly users: Users
  /** Sign-ins of sessions that were opened without a request. */
  readonly auth: SessionAuth<UserRow>
  /** The session of a key, or a new one where the key is nobody's. Save it by hand. */
  openSession(key?: string | undefined): Promise<DjangoSession>
  /** The user that a session is signed in as: nothing is asked before it is loaded, and nothing of a session of nobody. */
  userFromSession(session: DjangoSession): DjangoUser
  /** Who has that name and that password. Neither signs in nor writes `last_login`. */
  authenticate(
    username: string,
    password: string,
    options?: AuthenticateOptions | undefined,
  ): Promise<DjangoUser | null>
  /** One request: session, user and CSRF protection, each when it is asked for. */
  open(request: DjangoRequestSource): DjangoRequest<DjangoUser>
  /** Ends what the driver opened. */
  close(): Promise<void>
}

/**
 * The users and sessions of a Django project, on its database and with its `SECRET_KEY`, so that both sides are signed
 * in at once. Nothing is read from the database before it is asked for.
 *
 * @throws {ConfigError} naming every problem of the options
 *
 * @example
 * const site = django({ driver: sqliteDriver('db.sqlite3'), secretKey, csrf: { allowedHosts: ['example.com'] } })
 * const request = site.open({ method: 'GET', url, headers })
 * const user = await request.user()
 * for (const [name, value] of await request.finish(200)) headersOut.append(name, value)
 */
export function django(options: DjangoOptions): Django {
  checkDjango(options)
  const { driver, djangoVersion, clock = Date.now, random = systemRandom, logger = console, cookies = {} } = options
  const cookie = cookies.session ?? {}
  const passwords = djangoPasswords({
    ...options.hashing,
    djangoVersion,
    hashers: options.passwordHashers,
    upgrade: options.passwordUpgrade,
    random,
    logger,
  })
  const users = djangoUsers({ ...options, passwords, clock })
  const hashes = sessionHashes(options)
  const { backends = [MODEL_BACKEND], backendPath } = options
  const auth = sessionAuth<UserRow>({ users, hashes, backends, backendPath, clock })
  const engine = engineOf(options.sessions, {
    driver,
    sessionTable: options.sessionTable ?? 'django_session',
    rowCodec: rowCodec({ ...options, clock }),
    cookieCodec: cookieCodec({ ...options, cookieAge: cookie.age, clock }),
    cookieName: cookie.name ?? SESSION_COOKIE,
    databaseTimeZone: options.databaseTimeZone ?? 'UTC',
    clock,
    random,
    warn: (message) => logger.warn(message),
  })
  const { age: cookieAge, expireAtBrowserClose } = cookie
  const settings = { engine, cookieAge, expireAtBrowserClose, djangoVersion, clock }
  const csrf = {
    check: siteCheck(options),
    cookie: cookies.csrf ?? {},
    useSessions: options.csrf?.useSessions ?? false,
    djangoVersion,
    clock,
    random,
  }
  const known = joinedLoads.has(engine) ? knownUsers(users) : undefined
  const parts = { settings, cookie, csrf, auth, known, userOf: users.fromRow }

  const names = {
    sessionCookie: cookie.name ?? SESSION_COOKIE,
    csrfCookie: csrf.useSessions ? undefined : (csrf.cookie.name ?? CSRF_COOKIE),
    csrfHeader: options.csrf?.headerName ?? CSRF_HEADER,
  }

  return {
    names,
    users,
    auth,
    openSession: (key) => openSession(key, settings),
    userFromSession: (session) => users.lazy(() => auth.userOf(session)),
    authenticate: (username, password, given) => users.authenticate(username, password, given),
    open: (request) => openRequest(request, parts),
    close: () => driver.close(),
  }
}

function engineOf(sessions: DjangoOptions['sessions'], parts: EngineParts): SessionEngine {
  if (typeof sessions === 'object') return sessions
  if (typeof sessions === 'function') return sessions(parts)
  return sessions === 'signed_cookies' ? signedCookieSessions(parts) : databaseSessions(parts)
}
