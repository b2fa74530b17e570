import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import type { DjangoSession } from '../sessions/session.ts'
import type { JoinedRow } from '../sql/joined.ts'
import type { SessionHashes } from './session-hash.ts'

/** Where a session says whose it is. */
const ID = '_auth_user_id'
const BACKEND = '_auth_user_backend'
const HASH = '_auth_user_hash'

/** Django's own backend. */
export const MODEL_BACKEND = 'django.contrib.auth.backends.ModelBackend'

/** What is looked at of a user's row. */
export interface AuthRow {
  /** The text of the primary key. */
  readonly id: string
  /** The column `password` as it is stored. */
  readonly password: string
  readonly isActive: boolean
}

/** The users as sessions need them. */
export interface AuthUsers<Row extends AuthRow> {
  /**
   * `null` where there is none, and for what is not exactly a key's text.
   *
   * @param along no query is made where it is the same user's, and was found
   */
  byId(id: string, along?: JoinedRow | undefined): Promise<Row | null>
  touchLastLogin(id: string, date: Date): Promise<void>
}

/** What sign-ins are made with. */
export interface SessionAuthOptions<Row extends AuthRow> {
  readonly users: AuthUsers<Row>
  readonly hashes: SessionHashes
  /** `AUTHENTICATION_BACKENDS` whose sessions count. Default Django's own alone. */
  readonly backends?: readonly string[] | undefined
  /** The one that sign-ins name. Default the first. */
  readonly backendPath?: string | undefined
  readonly clock: Clock
}

/** Whose a session is: `django.contrib.auth` of Django. */
export interface SessionAuth<Row extends AuthRow> {
  /**
   * The user that is signed in; `null` for everyone else. A session whose hash is not that of the user's password is
   * ended; that of an inactive or unknown user is left as it is.
   */
  userOf(session: DjangoSession): Promise<Row | null>
  /**
   * Signs a user in: under a new key with the data of before, or, where another user was signed in, without it.
   * Writes `last_login`. The session is stored at its next save.
   */
  login(session: DjangoSession, user: Pick<AuthRow, 'id' | 'password'>): Promise<void>
  /** Ends the session at once, with all that it held. */
  logout(session: DjangoSession): Promise<void>
  /** Keeps this session signed in after the user's password has changed. The others end by themselves. */
  updateSessionAuthHash(session: DjangoSession, user: Pick<AuthRow, 'id' | 'password'>): void
}

/** The same for requests, which ask for the session and its user at once. */
export interface RequestAuth<Row extends AuthRow> extends SessionAuth<Row> {
  /** @param along the user's row as it was read with the session: it counts if the session is theirs still */
  userOf(session: DjangoSession, along?: JoinedRow | undefined): Promise<Row | null>
}

/** Sign-ins as Django has them. */
export function sessionAuth<Row extends AuthRow>(options: SessionAuthOptions<Row>): RequestAuth<Row> {
  const { users, hashes, backends = [MODEL_BACKEND], clock } = options
  const { backendPath = backends[0] ?? MODEL_BACKEND } = options

  return {
    async userOf(session, along) {
      const id = idOf(session)
      const backend = session.get(BACKEND)
      if (id === undefined || typeof backend !== 'string' || !backends.includes(backend)) return null
      const row = await users.byId(id, along)
      if (!row?.isActive) return null
      const verdict = hashes.check(row.password, session.get(HASH))
      if (verdict === 'wrong') {
        await session.flush()
        return null
      }
      if (verdict === 'outdated') {
        session.cycleKey()
        session.set(HASH, hashes.make(row.password))
      }
      return row
    },

    async login(session, { id, password }) {
      const hash = hashes.make(password)
      if (!session.has(ID)) session.cycleKey('forgive')
      else if (idOf(session) !== id || hashes.check(password, session.get(HASH)) !== 'current') await session.flush()
      session.set(ID, id)
      session.set(BACKEND, backendPath)
      session.set(HASH, hash)
      await users.touchLastLogin(id, new Date(clock()))
    },

    logout: (session) => session.flush(),

    updateSessionAuthHash(session, { id, password }) {
      if (idOf(session) !== id) throw new DjangoError('NOT_SIGNED_IN', 'the session is not that of the user')
      session.cycleKey()
      session.set(HASH, hashes.make(password))
    },
  }
}

/** The text of the key that a session names. Projects of before Django 1.7 wrote numbers. */
function idOf(session: DjangoSession): string | undefined {
  const id = session.get(ID)
  if (typeof id === 'string') return id
  return typeof id === 'bigint' || Number.isSafeInteger(id) ? String(id) : undefined
}
