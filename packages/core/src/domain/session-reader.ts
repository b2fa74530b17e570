/** From what a caller presents to their session: found, brought up to date, refreshed when due, removed when over. */
import type { Clock } from '../lib/environment.ts'
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import type { CurrentSession, Exchange } from './exchange.ts'
import type { SessionRow, UserRow } from './model.ts'
import type { RecordsOf } from './records.ts'
import type { SessionCarrier } from './session-carrier.ts'
import type { SessionEnds } from './session-ends.ts'
import { isStoredForm, type TokenForms } from './session-token.ts'
import type { SessionSettings } from './settings.ts'

export interface ReadOptions {
  /** Take a cached copy where there is one; default true. */
  readonly cache?: boolean | undefined
  /** Extend the session when due; default true. */
  readonly refresh?: boolean | undefined
  /** This call may write although refreshes are deferred to one like it. */
  readonly deferred?: boolean | undefined
}

export interface SessionReaderOptions {
  readonly settings: SessionSettings
  readonly tables: { readonly user: Table<UserRow>; readonly session: Table<SessionRow> }
  readonly store: Store
  readonly records: RecordsOf
  readonly carrier: SessionCarrier
  readonly forms: TokenForms
  readonly ends: SessionEnds
  readonly clock: Clock
}

export interface SessionReader {
  /** The session of the caller's cookies, or `null`: then they are expired. */
  fromCookies(exchange: Exchange, reading: ReadOptions): Promise<CurrentSession | null>
  /** The session of a token that came otherwise, or `null`; no cookie is set. */
  fromToken(exchange: Exchange, token: string): Promise<CurrentSession | null>
}

const dayInSeconds = 86400

export function sessionReader(options: SessionReaderOptions): SessionReader {
  const { settings, tables, store, records, carrier, clock } = options
  const { atRest, mayRestInClear, resting } = options.forms
  const { isLive, refreshedEnd } = options.ends
  const onUser = { left: 'userId', right: 'id' }

  /** The row that holds a token, with its user. */
  const look = (token: string) => store.join(tables.session, { token: resting(token) }, tables.user, onUser)

  const isInClear = (row: SessionRow, token: string) => mayRestInClear(token) && !isStoredForm(row.token)

  /** Brings a row that still holds its token in clear into the stored form. */
  async function sealed(row: SessionRow, token: string): Promise<SessionRow> {
    const stored = atRest(token)
    await store.update(tables.session, { id: row.id, token }, { token: stored })
    return { ...row, token: stored }
  }

  async function fromCookies(exchange: Exchange, reading: ReadOptions): Promise<CurrentSession | null> {
    const tokens = carrier.presented(exchange)
    if (tokens.length === 0) return null
    const { cookieCache } = settings
    const cached = cookieCache && reading.cache !== false ? await carrier.readCopy(exchange, tokens, cookieCache) : null
    if (cached) return cached
    for (const { token, key } of tokens) {
      const found = await look(token)
      if (!found) continue
      const [there, user] = found
      const row = isInClear(there, token) ? await sealed(there, token) : there
      const settled = settle(exchange, token, key, row, user, reading)
      const current = settled instanceof Promise ? await settled : settled
      if (current) return current
    }
    carrier.expire(exchange)
    return null
  }

  /**
   * What a row that was found means: live, to be refreshed, or over. A promise only where there is more to do. `key` tells
   * which secret signed its cookie; undefined where it came in none, and none is set.
   */
  function settle(
    exchange: Exchange,
    token: string,
    key: number | undefined,
    row: SessionRow,
    user: UserRow | null,
    reading: ReadOptions,
  ): CurrentSession | null | Promise<CurrentSession | null> {
    const now = clock()
    const mayWrite = !settings.deferSessionRefresh || reading.deferred === true
    if (user === null || !isLive(row, now)) {
      if (!mayWrite) return null
      const removed = records(exchange).remove(tables.session, { id: row.id })
      return removed.then(() => null)
    }
    if (key === undefined ? !isLasting(row) : !carrier.remembered(exchange)) {
      const kept = fromStore(row, token, user, false)
      return key ? carrier.set(exchange, kept, false).then(() => kept) : kept
    }
    const end =
      settings.disableSessionRefresh || reading.refresh === false ? row.expiresAt.getTime() : refreshedEnd(row, now)
    const due = end > row.expiresAt.getTime()
    if (due && mayWrite) return refresh(exchange, row, token, user, end, key !== undefined)
    const kept = fromStore(row, token, user, due)
    if (key === undefined) return kept
    if (key > 0) return carrier.set(exchange, kept, true).then(() => kept)
    const { cookieCache } = settings
    if (!cookieCache || reading.refresh === false) return kept
    return carrier.setCopy(exchange, kept, cookieCache).then(() => kept)
  }

  /** A session of a day was not to be remembered: only its cookies say so, and here there are none. */
  const isLasting = ({ expiresAt, updatedAt }: SessionRow) =>
    expiresAt.getTime() - updatedAt.getTime() > Math.min(dayInSeconds, settings.expiresIn - 1) * 1000

  /** Moves the end, once, of a row that still has this token: whoever loses the race reads what the winner wrote. */
  async function refresh(
    exchange: Exchange,
    row: SessionRow,
    token: string,
    user: UserRow,
    end: number,
    inCookie: boolean,
  ): Promise<CurrentSession | null> {
    const moved = await records(exchange).update(
      tables.session,
      { id: row.id, token: row.token, expiresAt: row.expiresAt },
      { expiresAt: new Date(end), updatedAt: new Date(clock()) },
    )
    const fresh = moved ?? (await store.find(tables.session, { id: row.id, token: row.token }))
    if (!fresh) return null
    const pair = fromStore(fresh, token, user, false)
    if (inCookie) await carrier.set(exchange, pair, true)
    return pair
  }

  return {
    fromCookies,
    async fromToken(exchange, token) {
      const found = isStoredForm(token) ? null : await look(token)
      if (!found) return null
      const [there, user] = found
      const row = isInClear(there, token) ? await sealed(there, token) : there
      return settle(exchange, token, undefined, row, user, {})
    },
  }
}

const fromStore = (row: SessionRow, token: string, user: UserRow, needsRefresh: boolean): CurrentSession => ({
  session: { ...row, token },
  user,
  cached: false,
  needsRefresh,
})
