/**
 * Sessions from their one beginning to their end: open, read, refresh, list, end. `open` is the only place that
 * inserts a session row, so every way in passes every gate.
 */
import { type HmacKey, timingSafeEqual } from '#crypto'
import type { Clock } from '../lib/environment.ts'
import { apiError } from '../lib/errors.ts'
import { makeToken, type Random } from '../lib/random.ts'
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import { type Background, insist } from './background.ts'
import { otherCodes } from './codes.ts'
import type { SessionCookies } from './cookies.ts'
import type { Tell } from './events.ts'
import type { CurrentSession, Exchange } from './exchange.ts'
import { askGates, type Gate, type SignInMethod } from './gates.ts'
import type { SessionRow, UserRow } from './model.ts'
import type { Output } from './output.ts'
import type { Needed, Records, RecordsOf } from './records.ts'
import { sessionCarrier } from './session-carrier.ts'
import { sessionEnds } from './session-ends.ts'
import { type ReadOptions, sessionReader } from './session-reader.ts'
import { hashedForm, isStoredForm, tokenForms } from './session-token.ts'
import type { SessionSettings } from './settings.ts'

export interface SessionsOptions {
  readonly settings: SessionSettings
  readonly tables: { readonly user: Table<UserRow>; readonly session: Table<SessionRow> }
  readonly store: Store
  readonly records: RecordsOf
  readonly cookies: SessionCookies
  /** The first signs; all verify. */
  readonly keys: readonly HmacKey[]
  readonly output: { readonly session: Output<SessionRow>; readonly user: Output<UserRow> }
  readonly gates: readonly Gate[]
  readonly tell: Tell
  readonly clock: Clock
  readonly random: Random
  /** The caller's address, as far as it can be known. */
  readonly addressOf: (exchange: Exchange) => string | null
  readonly background: Background
}

export interface OpenInput {
  readonly method: SignInMethod
  readonly exchange: Exchange
  /** `false`: the cookie goes with the browser, the row after a day. */
  readonly remember?: boolean | undefined
  /** Where mail that a gate sends leads back to. */
  readonly callbackURL?: string | undefined
  /** What the session rests on, and must be there as its row is written; the user, unless said. */
  readonly needs?: Needed | undefined
}

export interface Sessions {
  /**
   * Asks the gates, as `open` does, for a way in that is no session.
   * @throws APIError when a gate refuses, ChallengeDue when one asks for more.
   */
  admit(user: UserRow, input: Pick<OpenInput, 'method' | 'exchange'>): Promise<void>
  /**
   * Asks the gates, then writes the row, sets the cookies and ends the session that the caller's cookie named.
   * `null` when a `databaseHooks.session.create` hook refused, or what the session rests on is gone.
   * @throws APIError when a gate refuses, ChallengeDue when one asks for more.
   */
  open(user: UserRow, input: OpenInput): Promise<CurrentSession | null>
  /** The session of a call, or `null`. Expired and orphaned rows are removed, dead cookies expired. */
  read(exchange: Exchange, options?: ReadOptions): Promise<CurrentSession | null>
  /** The session of a token that came otherwise than in a cookie, or `null`: it is read anew, and no cookie is set. */
  readToken(exchange: Exchange, token: string): Promise<CurrentSession | null>
  /** Sets the session's cookies again, with their full life. */
  reissue(exchange: Exchange, current: CurrentSession): Promise<void>
  /** Live sessions of a user; `token` is the handle, save for the caller's own. */
  list(userId: string, own: CurrentSession): Promise<SessionRow[]>
  /**
   * Ends one session of the caller's user by token or handle; expires the cookies when it is the caller's own, `own`.
   * @throws APIError 401 when there is none to end, and the caller's own has ended meanwhile.
   */
  end(exchange: Exchange, own: CurrentSession, tokenOrHandle: string): Promise<void>
  /** Ends every session of a user. */
  endAll(exchange: Exchange, userId: string): Promise<void>
  /**
   * Gives the caller's session a new token, as fresh as one just opened; the old one is dead, its ends stay. `null` when
   * the session has ended meanwhile: its cookies are expired. `first` is written in the same transaction.
   */
  rotate(
    exchange: Exchange,
    current: CurrentSession,
    first: (rows: Records) => Promise<void>,
  ): Promise<CurrentSession | null>
  /** Ends every session of the user but the caller's. */
  endOthers(rows: Pick<Records, 'remove'>, current: CurrentSession): Promise<void>
  /** Ends the session the caller's cookie names, if any, and expires the cookies. */
  signOut(exchange: Exchange): Promise<void>
  expireCookies(exchange: Exchange): void
}

const dayInSeconds = 86400

export function createSessions(options: SessionsOptions): Sessions {
  const { settings, tables, store, records, cookies, gates, tell, clock, random, background } = options
  const forms = tokenForms(settings.storeToken === 'plain')
  const { atRest, handleOf, resting } = forms
  const ends = sessionEnds(settings)
  const { absoluteEnd, isLive } = ends
  const carrier = sessionCarrier({ ...options, absoluteEnd })
  const { presented } = carrier
  const reader = sessionReader({ ...options, carrier, forms, ends })

  /**
   * Runs the way of a new token from the row to the cookie. Where it fails the row may have been written all the same:
   * it is removed, as nobody holds its token.
   */
  async function issue<T>(work: (seal: (token: string) => string) => Promise<T>): Promise<T> {
    let token: string | undefined
    const seal = (raw: string) => {
      token = atRest(raw)
      return token
    }
    try {
      return await work(seal)
    } catch (error) {
      if (token !== undefined) {
        const where = { token }
        background.run('removal of a session that was never sent', () =>
          insist(() => store.remove(tables.session, where)),
        )
      }
      throw error
    }
  }

  return {
    admit: (user, { method, exchange }) =>
      askGates(gates, { user, method, remember: true, callbackURL: undefined, exchange, store }),

    async open(user, { method, exchange, remember = true, callbackURL, needs }) {
      await askGates(gates, { user, method, remember, callbackURL, exchange, store })
      const now = clock()
      const lifetime = remember ? settings.expiresIn : dayInSeconds
      const absolute = settings.absoluteExpiresIn === false ? null : now + settings.absoluteExpiresIn * 1000
      const row = {
        token: makeToken(random),
        userId: user.id,
        expiresAt: new Date(Math.min(now + lifetime * 1000, absolute ?? Number.POSITIVE_INFINITY)),
        createdAt: new Date(now),
        updatedAt: new Date(now),
        ipAddress: options.addressOf(exchange) ?? '',
        userAgent: printable(exchange.headers.get('user-agent')),
        amr: method,
        aal: 'aal1',
        absoluteExpiresAt: absolute === null ? null : new Date(absolute),
      }
      return issue(async (seal) => {
        const replaced = presented(exchange)
        const write = async (rows: Records) => {
          const session = await rows.create(tables.session, row, {
            seal: (data) => ({ ...data, token: seal(data.token ?? '') }),
            needs: needs ?? { table: tables.user, where: { id: user.id } },
          })
          return { session, ended: session ? await endEach(rows, replaced) : [] }
        }
        const rows = records(exchange)
        const { session, ended } = replaced.length > 0 ? await rows.transaction(write) : await write(rows)
        if (!session) return null
        const current: CurrentSession = { session, user, cached: false, needsRefresh: false }
        await carrier.set(exchange, current, remember)
        // A cookie that says «do not remember» must not outlive the session it was about.
        if (remember && exchange.cookies(cookies.dontRemember.name).length > 0)
          exchange.expireCookie(cookies.dontRemember)
        exchange.opened = current
        readFromNowOn(exchange, current)
        tellEnded(exchange, ended)
        tell(exchange, 'session.opened', {
          user,
          session: { ...session, token: hashedForm(session.token) },
          method,
        })
        return current
      })
    },

    read(exchange, reading = {}) {
      const slot = reading.cache === false ? 'storedRead' : 'cachedRead'
      const earlier = exchange.storedRead ?? exchange[slot]
      // An earlier read, by a hook, did not write where refreshes are deferred to this call.
      if (earlier && !reading.deferred) return earlier
      const read = reader.fromCookies(exchange, reading)
      exchange[slot] = read
      return read
    },

    readToken: reader.fromToken,

    async reissue(exchange, current) {
      await carrier.set(exchange, current, carrier.remembered(exchange))
      readFromNowOn(exchange, current)
    },

    async list(userId, own) {
      const rows = await store.list(
        tables.session,
        { userId, expiresAt: { gt: new Date(clock()) } },
        { limit: 1000, orderBy: { field: 'createdAt', direction: 'asc' } },
      )
      return rows
        .filter((row) => isLive(row, clock()))
        .map((row) => ({ ...row, token: row.id === own.session.id ? own.session.token : handleOf(row.token) }))
    },

    async end(exchange, own, tokenOrHandle) {
      const { id, userId } = own.session
      const isHandle = isStoredForm(tokenOrHandle)
      const stored = isHandle ? tokenOrHandle : atRest(tokenOrHandle)
      // The own one by its id: another request may be giving it another token.
      const isOwn = timingSafeEqual(atRest(own.session.token), stored)
      const where = isOwn ? { id, userId } : { userId, token: isHandle ? stored : resting(tokenOrHandle) }
      let ended = await records(exchange).remove(tables.session, where)
      if (ended === 0 && !isOwn && isHandle && settings.storeToken === 'hashed') {
        ended = await endInClear(exchange, userId, stored)
      }
      if (ended > 0) tell(exchange, 'session.ended', { userId, which: 'one', handle: hashedForm(stored) })
      const isNamed = (form: string) => timingSafeEqual(form, stored)
      if (presented(exchange).some(({ token }) => isNamed(handleOf(token)) || isNamed(token))) {
        carrier.expire(exchange)
        readFromNowOn(exchange, null)
      }
      // It may have got another token by a change of the password that ended this caller's session: then nothing is done.
      if (ended === 0 && !isOwn && !(await store.find(tables.session, { id }))) {
        carrier.expire(exchange)
        throw apiError(otherCodes.UNAUTHORIZED)
      }
    },

    async endAll(exchange, userId) {
      await records(exchange).remove(tables.session, { userId })
      tell(exchange, 'session.ended', { userId, which: 'all', handle: undefined })
      carrier.expire(exchange)
      readFromNowOn(exchange, null)
    },

    async rotate(exchange, current, first) {
      const token = makeToken(random)
      const now = new Date(clock())
      const end = absoluteEnd(current.session)
      return issue(async (seal) => {
        const moved = await records(exchange).transaction(async (rows) => {
          await first(rows)
          return rows.update(
            tables.session,
            { id: current.session.id, token: atRest(current.session.token) },
            {
              token: seal(token),
              createdAt: now,
              updatedAt: now,
              absoluteExpiresAt: Number.isFinite(end) ? new Date(end) : null,
            },
          )
        })
        if (!moved) {
          carrier.expire(exchange)
          readFromNowOn(exchange, null)
          return null
        }
        const rotated = { ...current, session: { ...moved, token } }
        await carrier.set(exchange, rotated, carrier.remembered(exchange))
        readFromNowOn(exchange, rotated)
        return rotated
      })
    },

    async endOthers(rows, current) {
      await rows.remove(tables.session, { userId: current.user.id, id: { ne: current.session.id } })
    },

    async signOut(exchange) {
      tellEnded(exchange, await endEach(records(exchange), presented(exchange)))
      carrier.expire(exchange)
      readFromNowOn(exchange, null)
    },

    expireCookies: carrier.expire,
  }

  /** What later reads in this call find: the cookies that came with it no longer tell. */
  function readFromNowOn(exchange: Exchange, current: CurrentSession | null): void {
    exchange[current?.cached ? 'cachedRead' : 'storedRead'] = Promise.resolve(current)
  }

  /** Ends a session whose row still holds the token in clear: only its hash is known to the caller. */
  async function endInClear(exchange: Exchange, userId: string, handle: string): Promise<number> {
    const rows = await store.list(tables.session, { userId, token: { notStartsWith: 'h1.' } })
    const row = rows.find(({ token }) => timingSafeEqual(handleOf(token), handle))
    // Where there is none, a read may have brought it into the stored form since that was looked for.
    return records(exchange).remove(tables.session, row ? { id: row.id } : { userId, token: handle })
  }

  /** Ends the session of each token; gives the tokens that had one. */
  async function endEach(rows: Records, tokens: readonly { readonly token: string }[]): Promise<string[]> {
    const ended: string[] = []
    for (const { token } of tokens) {
      const removed = await rows.remove(tables.session, { token: resting(token) })
      if (removed > 0) ended.push(token)
    }
    return ended
  }

  function tellEnded(exchange: Exchange, tokens: readonly string[]): void {
    for (const token of tokens) {
      tell(exchange, 'session.ended', { userId: undefined, which: 'own', handle: hashedForm(token) })
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const controls = /[\u0000-\u001f\u007f-\u009f]/g

/** A header as it may be stored and logged: no control or half characters, at most 512 units; empty when absent. */
const printable = (header: string | null) => (header ?? '').slice(0, 512).toWellFormed().replace(controls, ' ')
