/**
 * Sessions from their one beginning to their end: open, read, refresh, list, end. `open` is the only place that
 * inserts a session row, so every way in passes every gate.
 */
import type { HmacKey } from '#crypto'
import { readSignedValue, signCookieValue } from '../lib/cookies.ts'
import type { Clock } from '../lib/environment.ts'
import { makeToken, type Random } from '../lib/random.ts'
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import type { SessionCookies } from './cookies.ts'
import type { Tell } from './events.ts'
import type { AuthCookie, CurrentSession, Exchange } from './exchange.ts'
import { askGates, type Gate, type SignInMethod } from './gates.ts'
import { expireLongCookie, longCookieValues, setLongCookie } from './long-cookies.ts'
import type { SessionRow, UserRow } from './model.ts'
import type { Output } from './output.ts'
import type { Records, RecordsOf } from './records.ts'
import { dateReviver, readCache, writeCache } from './session-cache.ts'
import { sessionEnds } from './session-ends.ts'
import { hashedForm, isStoredForm, tokenForms } from './session-token.ts'
import type { CookieCacheSettings, SessionSettings } from './settings.ts'

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
}

export interface OpenInput {
  readonly method: SignInMethod
  readonly exchange: Exchange
  /** `false`: the cookie goes with the browser, the row after a day. */
  readonly remember?: boolean | undefined
  /** Where mail that a gate sends leads back to. */
  readonly callbackURL?: string | undefined
}

export interface ReadOptions {
  /** Take a cached copy where there is one; default true. */
  readonly cache?: boolean | undefined
  /** Extend the session when due; default true. */
  readonly refresh?: boolean | undefined
  /** This call may write although refreshes are deferred to one like it. */
  readonly deferred?: boolean | undefined
}

export interface Sessions {
  /**
   * Asks the gates, then writes the row, sets the cookies and ends the session that the caller's cookie named.
   * `null` when a `databaseHooks.session.create` hook refused.
   * @throws APIError when a gate refuses, ChallengeDue when one asks for more.
   */
  open(user: UserRow, input: OpenInput): Promise<CurrentSession | null>
  /** The session of a call, or `null`. Expired and orphaned rows are removed, dead cookies expired. */
  read(exchange: Exchange, options?: ReadOptions): Promise<CurrentSession | null>
  /** Sets the session's cookies again, with their full life. */
  reissue(exchange: Exchange, current: CurrentSession): Promise<void>
  /** Live sessions of a user; `token` is the handle, save for the caller's own. */
  list(userId: string, own: CurrentSession): Promise<SessionRow[]>
  /** Ends one session of a user by token or handle; expires the cookies when it is the caller's own. */
  end(exchange: Exchange, userId: string, tokenOrHandle: string): Promise<void>
  /** Ends every session of a user. */
  endAll(exchange: Exchange, userId: string): Promise<void>
  /**
   * Gives the caller's session a new token, as fresh as one just opened; the old one is dead, its ends stay. `null` when
   * the session has ended meanwhile: its cookies are expired.
   */
  rotate(exchange: Exchange, current: CurrentSession): Promise<CurrentSession | null>
  /** Ends every session of the user but the caller's. */
  endOthers(rows: Pick<Records, 'remove'>, current: CurrentSession): Promise<void>
  /** Ends the session the caller's cookie names, if any, and expires the cookies. */
  signOut(exchange: Exchange): Promise<void>
  expireCookies(exchange: Exchange): void
}

const dayInSeconds = 86400

export function createSessions(options: SessionsOptions): Sessions {
  const { settings, tables, store, records, cookies, keys, gates, tell, clock, random } = options
  const [signingKey] = keys as readonly [HmacKey, ...HmacKey[]]
  const { atRest, handleOf, mayRestInClear } = tokenForms(settings.storeToken === 'plain')
  const { absoluteEnd, refreshedEnd } = sessionEnds(settings)
  const onUser = { left: 'userId', right: 'id' }
  const reviveSession = dateReviver(tables.session)
  const reviveUser = dateReviver(tables.user)

  /** The name that goes under a cookie's signature, where names do. */
  const covered = (cookie: AuthCookie) => (settings.signCookieNames ? cookie.name : undefined)

  /** The tokens of the caller's cookies whose signature holds, in order; `key` tells which secret signed. */
  function presented(exchange: Exchange): { token: string; key: number }[] {
    const found: { token: string; key: number }[] = []
    for (const raw of exchange.cookies(cookies.token.name)) {
      const signed = readSignedValue(raw, keys, covered(cookies.token))
      if (!signed || isStoredForm(signed.value)) continue
      // Each token is looked up once, however often it is sent.
      if (!found.some(({ token }) => token === signed.value)) found.push({ token: signed.value, key: signed.keyIndex })
    }
    return found
  }

  function remembered(exchange: Exchange): boolean {
    const { dontRemember } = cookies
    return !exchange
      .cookies(dontRemember.name)
      .some((raw) => readSignedValue(raw, keys, covered(dontRemember))?.value === 'true')
  }

  /** The row that holds a token in this form, with its user. */
  const look = (stored: string) => store.join(tables.session, { token: stored }, tables.user, onUser)

  /** The row that still holds a token in clear: it is brought into the stored form. */
  async function lookInClear(token: string): ReturnType<typeof look> {
    if (!mayRestInClear(token)) return null
    const found = await look(token)
    if (found) await store.update(tables.session, { id: found[0].id, token }, { token: atRest(token) })
    return found
  }

  async function setCacheCookie(exchange: Exchange, pair: CurrentSession, remember: boolean): Promise<void> {
    const cache = settings.cookieCache
    if (!cache) return
    const shown = { session: options.output.session(pair.session), user: options.output.user(pair.user) }
    const value = await writeCache(
      shown,
      cache,
      signingKey,
      clock(),
      remember ? cache.maxAge : Math.min(60, cache.maxAge),
    )
    setLongCookie(exchange, cookies.data, value, { maxAge: remember ? cache.maxAge : undefined })
  }

  async function setCookies(exchange: Exchange, current: CurrentSession, remember: boolean): Promise<void> {
    const { token, dontRemember } = cookies
    const left = Math.max(0, Math.ceil((absoluteEnd(current.session) - clock()) / 1000))
    exchange.setCookie(token, signCookieValue(current.session.token, signingKey, covered(token)), {
      maxAge: remember ? Math.min(settings.expiresIn, left) : undefined,
    })
    if (!remember) {
      exchange.setCookie(dontRemember, signCookieValue('true', signingKey, covered(dontRemember)), {
        maxAge: undefined,
      })
    }
    await setCacheCookie(exchange, current, remember)
  }

  function expireCookies(exchange: Exchange): void {
    exchange.expireCookie(cookies.token)
    expireLongCookie(exchange, cookies.data)
    exchange.expireCookie(cookies.dontRemember)
  }

  async function readAnew(exchange: Exchange, reading: ReadOptions): Promise<CurrentSession | null> {
    const tokens = presented(exchange)
    if (tokens.length === 0) return null
    const { cookieCache } = settings
    const cached = cookieCache && reading.cache !== false ? await readCached(exchange, tokens, cookieCache) : null
    if (cached) return cached
    for (const { token, key } of tokens) {
      const found = (await look(atRest(token))) ?? (await lookInClear(token))
      if (!found) continue
      const settled = settle(exchange, token, key, found[0], found[1], reading)
      const current = settled instanceof Promise ? await settled : settled
      if (current) return current
    }
    expireCookies(exchange)
    return null
  }

  async function readCached(
    exchange: Exchange,
    tokens: readonly { readonly token: string }[],
    cache: CookieCacheSettings,
  ): Promise<CurrentSession | null> {
    const values = longCookieValues(exchange, cookies.data)
    const pair = await readCache(values, tokens, cache, keys, clock(), ({ session, user }) => ({
      session: reviveSession(session) as unknown as SessionRow,
      user: reviveUser(user) as unknown as UserRow,
    }))
    if (pair) return { ...pair, cached: true, needsRefresh: false }
    // A copy that does not count only costs the next read the same work again.
    if (values.length > 0) expireLongCookie(exchange, cookies.data)
    return null
  }

  /** What a row that was found means: live, to be refreshed, or over. A promise only where there is more to do. */
  function settle(
    exchange: Exchange,
    token: string,
    key: number,
    row: SessionRow,
    user: UserRow | null,
    reading: ReadOptions,
  ): CurrentSession | null | Promise<CurrentSession | null> {
    const now = clock()
    const mayWrite = !settings.deferSessionRefresh || reading.deferred === true
    if (user === null || row.expiresAt.getTime() <= now || absoluteEnd(row) <= now) {
      if (!mayWrite) return null
      const removed = records(exchange).remove(tables.session, { id: row.id })
      return removed.then(() => null)
    }
    if (!remembered(exchange)) {
      const kept = fromStore(row, token, user, false)
      return key > 0 ? setCookies(exchange, kept, false).then(() => kept) : kept
    }
    const end =
      settings.disableSessionRefresh || reading.refresh === false ? row.expiresAt.getTime() : refreshedEnd(row, now)
    const due = end > row.expiresAt.getTime()
    if (due && mayWrite) return refresh(exchange, row, token, user, end)
    const kept = fromStore(row, token, user, due)
    if (key > 0) return setCookies(exchange, kept, true).then(() => kept)
    if (!settings.cookieCache || reading.refresh === false) return kept
    return setCacheCookie(exchange, kept, true).then(() => kept)
  }

  /** Moves the end, once: whoever loses the race reads what the winner wrote. */
  async function refresh(
    exchange: Exchange,
    row: SessionRow,
    token: string,
    user: UserRow,
    end: number,
  ): Promise<CurrentSession | null> {
    const moved = await records(exchange).update(
      tables.session,
      { id: row.id, expiresAt: row.expiresAt },
      { expiresAt: new Date(end), updatedAt: new Date(clock()) },
    )
    const fresh = moved ?? (await store.find(tables.session, { id: row.id }))
    if (!fresh) return null
    const pair = fromStore(fresh, token, user, false)
    await setCookies(exchange, pair, true)
    return pair
  }

  return {
    async open(user, { method, exchange, remember = true, callbackURL }) {
      await askGates(gates, { user, method, remember, callbackURL, exchange, store })
      const now = clock()
      const lifetime = remember ? settings.expiresIn : dayInSeconds
      const absolute = settings.absoluteExpiresIn === false ? null : now + settings.absoluteExpiresIn * 1000
      const session = await records(exchange).create(
        tables.session,
        {
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
        },
        (data) => ({ ...data, token: atRest(data.token ?? '') }),
      )
      if (!session) return null
      const current: CurrentSession = { session, user, cached: false, needsRefresh: false }
      await endPresented(exchange)
      await setCookies(exchange, current, remember)
      // A cookie that says «do not remember» must not outlive the session it was about.
      if (remember && exchange.cookies(cookies.dontRemember.name).length > 0)
        exchange.expireCookie(cookies.dontRemember)
      exchange.opened = current
      readFromNowOn(exchange, current)
      tell(exchange, 'session.opened', {
        user,
        session: { ...session, token: hashedForm(session.token) },
        method,
      })
      return current
    },

    read(exchange, reading = {}) {
      const slot = reading.cache === false ? 'storedRead' : 'cachedRead'
      const earlier = exchange.storedRead ?? exchange[slot]
      // An earlier read, by a hook, did not write where refreshes are deferred to this call.
      if (earlier && !reading.deferred) return earlier
      const read = readAnew(exchange, reading)
      exchange[slot] = read
      return read
    },

    async reissue(exchange, current) {
      await setCookies(exchange, current, remembered(exchange))
      readFromNowOn(exchange, current)
    },

    async list(userId, own) {
      const rows = await store.list(
        tables.session,
        { userId, expiresAt: { gt: new Date(clock()) } },
        { limit: 1000, orderBy: { field: 'createdAt', direction: 'asc' } },
      )
      return rows
        .filter((row) => absoluteEnd(row) > clock())
        .map((row) => ({ ...row, token: row.id === own.session.id ? own.session.token : handleOf(row.token) }))
    },

    async end(exchange, userId, tokenOrHandle) {
      const stored = isStoredForm(tokenOrHandle) ? tokenOrHandle : atRest(tokenOrHandle)
      const removed = await records(exchange).remove(tables.session, { userId, token: stored })
      const ended =
        removed + (removed === 0 && settings.storeToken === 'hashed' ? await endInClear(exchange, userId, stored) : 0)
      if (ended > 0) tell(exchange, 'session.ended', { userId, which: 'one', handle: hashedForm(stored) })
      if (presented(exchange).some(({ token }) => handleOf(token) === stored || token === stored)) {
        expireCookies(exchange)
        readFromNowOn(exchange, null)
      }
    },

    async endAll(exchange, userId) {
      await records(exchange).remove(tables.session, { userId })
      tell(exchange, 'session.ended', { userId, which: 'all', handle: undefined })
      expireCookies(exchange)
      readFromNowOn(exchange, null)
    },

    async rotate(exchange, current) {
      const token = makeToken(random)
      const now = new Date(clock())
      const end = absoluteEnd(current.session)
      const moved = await records(exchange).update(
        tables.session,
        { id: current.session.id, token: atRest(current.session.token) },
        {
          token: atRest(token),
          createdAt: now,
          updatedAt: now,
          absoluteExpiresAt: Number.isFinite(end) ? new Date(end) : null,
        },
      )
      if (!moved) {
        expireCookies(exchange)
        readFromNowOn(exchange, null)
        return null
      }
      const rotated = { ...current, session: { ...moved, token } }
      await setCookies(exchange, rotated, remembered(exchange))
      readFromNowOn(exchange, rotated)
      return rotated
    },

    async endOthers(rows, current) {
      await rows.remove(tables.session, { userId: current.user.id, id: { ne: current.session.id } })
    },

    async signOut(exchange) {
      await endPresented(exchange)
      expireCookies(exchange)
      readFromNowOn(exchange, null)
    },

    expireCookies,
  }

  /** What later reads in this call find: the cookies that came with it no longer tell. */
  function readFromNowOn(exchange: Exchange, current: CurrentSession | null): void {
    exchange[current?.cached ? 'cachedRead' : 'storedRead'] = Promise.resolve(current)
  }

  /** Ends a session whose row still holds the token in clear: only its hash is known to the caller. */
  async function endInClear(exchange: Exchange, userId: string, handle: string): Promise<number> {
    const rows = await store.list(tables.session, { userId, token: { notStartsWith: 'h1.' } })
    const row = rows.find(({ token }) => handleOf(token) === handle)
    return row ? records(exchange).remove(tables.session, { id: row.id }) : 0
  }

  async function endPresented(exchange: Exchange): Promise<void> {
    for (const { token } of presented(exchange)) {
      const { remove } = records(exchange)
      let removed = await remove(tables.session, { token: atRest(token) })
      if (removed === 0 && mayRestInClear(token)) removed = await remove(tables.session, { token })
      if (removed > 0) tell(exchange, 'session.ended', { userId: undefined, which: 'own', handle: hashedForm(token) })
    }
  }
}

const fromStore = (row: SessionRow, token: string, user: UserRow, needsRefresh: boolean): CurrentSession => ({
  session: { ...row, token },
  user,
  cached: false,
  needsRefresh,
})

/** A header as it may be stored and logged: no control characters, at most 512 units; empty when absent. */
function printable(header: string | null): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return (header ?? '').slice(0, 512).replace(/[\u0000-\u001f\u007f]/g, ' ')
}
