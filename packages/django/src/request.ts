import type { AuthRow, RequestAuth } from './auth/login.ts'
import { type RequestCsrfOptions, requestCsrf } from './csrf/request-csrf.ts'
import { CSRF_COOKIE } from './csrf/secret.ts'
import type { HeaderSource } from './csrf/site.ts'
import { DjangoError } from './errors.ts'
import { cookieIn } from './primitives/cookies-in.ts'
import { SESSION_COOKIE, type SessionCookieOptions, sessionCookie, sessionCookieDeletion } from './sessions/cookie.ts'
import { isSessionKey } from './sessions/key.ts'
import { type DjangoSession, openSession, type SessionSettings } from './sessions/session.ts'
import type { JoinedRow } from './sql/joined.ts'
import type { KnownUsers } from './users/known.ts'
import type { DjangoUser } from './users/user.ts'

/** What is looked at of a request. A `Request` of Fetch is one. */
export interface DjangoRequestSource {
  readonly method: string
  /** Absolute: its scheme tells whether the connection is secure. A path alone counts as not secure. */
  readonly url: string
  readonly headers: HeaderSource
}

/** A user as requests know it. */
export interface RequestUser {
  /** The text of the primary key, once it is known. */
  readonly id: string | undefined
  get(field: string): unknown
}

/** One request. Nothing is read or sent of what is not asked for. */
export interface DjangoRequest<User extends RequestUser = DjangoUser> {
  /** Loaded once. Whoever asks makes the answer vary by the cookie. */
  session(): Promise<DjangoSession>
  /** Who is signed in, `null` for nobody. */
  user(): Promise<User | null>
  /**
   * Signs a user in, as Django's `login` does: new key, `last_login`, new CSRF secret.
   *
   * @throws {DjangoError} `NOT_SIGNED_IN` for a user that was never loaded or is not stored
   */
  login(user: User): Promise<void>
  /** Ends the session at once, with all that it held. */
  logout(): Promise<void>
  /** A token for the page, which makes the answer carry the secret. */
  csrfToken(): Promise<string>
  /**
   * Refuses a request that was not sent on purpose. Safe methods pass.
   *
   * @param form the body's fields, where it is a form
   * @throws {DjangoError} `CSRF_FAILED` (403) with Django's reason; `NO_ALLOWED_HOSTS` where the options name no hosts
   */
  checkCsrf(form?: { get(name: string): unknown } | undefined): Promise<void>
  /** Keeps this session signed in after the password of its user was changed and saved. */
  updateSessionAuthHash(user: User): Promise<void>
  /**
   * Stores what was changed, unless the answer is an error of the server, and gives the headers to add. To be called
   * once the status is known; further calls give nothing.
   *
   * @throws {DjangoError} `SESSION_INTERRUPTED` (400) where the session was ended meanwhile: it is to be the answer
   */
  finish(status: number): Promise<readonly (readonly [name: string, value: string])[]>
}

/** What requests are opened with. */
export interface RequestParts<Row extends AuthRow, User extends RequestUser> {
  readonly settings: SessionSettings
  readonly cookie: SessionCookieOptions
  readonly csrf: RequestCsrfOptions
  readonly auth: RequestAuth<Row>
  /** Where sessions can be read with their users. */
  readonly known?: KnownUsers | undefined
  /** The user of a row that `auth` gave. */
  readonly userOf: (row: Row) => User
}

export function openRequest<Row extends AuthRow, User extends RequestUser>(
  source: DjangoRequestSource,
  parts: RequestParts<Row, User>,
): DjangoRequest<User> {
  const { settings, cookie, auth } = parts
  const headers = withHost(source)
  const cookies = headers.get('cookie')
  const sent = cookieIn(cookies, cookie.name ?? SESSION_COOKIE)
  const key = isSessionKey(sent) ? sent : undefined
  let opened: Promise<DjangoSession> | undefined
  let asked = false
  let signedIn: Promise<User | null> | undefined
  let finished = false

  const session = (along?: JoinedRow) => {
    asked = true
    opened ??= openSession(key, settings, along).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
  const secure = /^https:/i.test(source.url)
  const csrf = requestCsrf(
    {
      method: source.method,
      secure,
      headers,
      session: () => session(),
      cookie: () => cookieIn(cookies, parts.csrf.cookie.name ?? CSRF_COOKIE),
    },
    parts.csrf,
  )

  async function findUser(): Promise<User | null> {
    // Read with a session that is opened for it; one that is open already comes without.
    const along = key === undefined ? undefined : parts.known?.joined(key)
    const row = await auth.userOf(await session(along), along)
    if (row && key !== undefined) parts.known?.remember(key, row.id)
    return row && parts.userOf(row)
  }

  /** The session's headers, once it is stored. */
  async function conclude(status: number): Promise<[string, string][]> {
    const current = await session()
    if (current.isEmpty) {
      const gone: [string, string][] = sent === undefined ? [] : [['Set-Cookie', sessionCookieDeletion(cookie)]]
      return [...gone, ['Vary', 'Cookie']]
    }
    if (status < 500) {
      if (current.modified || cookie.saveEveryRequest) await current.save()
      if (current.saved && current.key !== undefined) {
        const line = sessionCookie(current.key, cookie, current.expiry, settings.clock())
        return [
          ['Set-Cookie', line],
          ['Vary', 'Cookie'],
        ]
      }
    }
    return [['Vary', 'Cookie']]
  }

  return {
    session: () => session(),

    user() {
      signedIn ??= findUser().catch((error) => {
        signedIn = undefined
        throw error
      })
      return signedIn
    },

    async login(user) {
      const known = await authRow(user)
      await auth.login(await session(), known)
      await csrf.rotate()
      signedIn = Promise.resolve(user)
    },

    async logout() {
      signedIn = Promise.resolve(null)
      await auth.logout(await session())
    },

    csrfToken: () => csrf.token(),

    checkCsrf(form) {
      const token = form?.get('csrfmiddlewaretoken')
      return csrf.check(typeof token === 'string' ? token : undefined)
    },

    async updateSessionAuthHash(user) {
      auth.updateSessionAuthHash(await session(), await authRow(user))
    },

    async finish(status) {
      if (finished) return []
      finished = true
      const secret = await csrf.finish()
      const renewed = cookie.saveEveryRequest && key !== undefined && status < 500
      const own = opened || renewed ? await conclude(status) : []
      // What could not be read was asked for all the same.
      const rest: [string, string][] = own.length === 0 && (asked || secret !== undefined) ? [['Vary', 'Cookie']] : own
      return secret === undefined ? rest : [['Set-Cookie', secret], ...rest]
    },
  }
}

/** The id and password of a user that is stored. */
async function authRow(user: RequestUser): Promise<{ id: string; password: string }> {
  const { id } = user
  const password = user.get('password')
  if (id !== undefined && typeof password === 'string') return { id, password }
  throw new DjangoError('NOT_SIGNED_IN', 'only a user that is stored and was loaded can be signed in')
}

/** Requests of Fetch may have the host in their URL alone. */
function withHost({ headers, url }: DjangoRequestSource): HeaderSource {
  const host = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]
  return { get: (name) => headers.get(name) ?? (name.toLowerCase() === 'host' && host ? host : null) }
}
