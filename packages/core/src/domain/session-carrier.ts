/** How a session travels with its browser: the signed token, the copy in the cookie cache, and whether to remember. */
import { type HmacKey, timingSafeEqual } from '#crypto'
import { readSignedValue, signCookieValue } from '../lib/cookies.ts'
import type { Clock } from '../lib/environment.ts'
import { remember } from '../lib/remember.ts'
import type { Table } from '../store/table.ts'
import type { SessionCookies } from './cookies.ts'
import type { AuthCookie, CurrentSession, Exchange } from './exchange.ts'
import { expireLongCookie, longCookieValues, setLongCookie } from './long-cookies.ts'
import type { SessionRow, UserRow } from './model.ts'
import type { Output } from './output.ts'
import { dateReviver, readCache, writeCache } from './session-cache.ts'
import { isStoredForm } from './session-token.ts'
import type { CookieCacheSettings, SessionSettings } from './settings.ts'

export interface SessionCarrierOptions {
  readonly settings: SessionSettings
  readonly tables: { readonly user: Table<UserRow>; readonly session: Table<SessionRow> }
  readonly cookies: SessionCookies
  /** The first signs; all verify. */
  readonly keys: readonly HmacKey[]
  readonly output: { readonly session: Output<SessionRow>; readonly user: Output<UserRow> }
  readonly clock: Clock
  /** The end of a session that no refresh passes, in milliseconds. */
  readonly absoluteEnd: (session: SessionRow) => number
}

/** A token whose signature holds; `key` tells which secret signed. */
export interface Presented {
  readonly token: string
  readonly key: number
}

export interface SessionCarrier {
  /** The tokens of the caller's cookies whose signature holds, in order, each once. */
  presented(exchange: Exchange): readonly Presented[]
  /** Whether the caller's session is to outlive the browser's. */
  remembered(exchange: Exchange): boolean
  /** Sets all cookies of a session or, where the app's part in it fails, none. */
  set(exchange: Exchange, current: CurrentSession, remember: boolean): Promise<void>
  /** Expires whatever is set. */
  expire(exchange: Exchange): void
  /** Sets the copy of a remembered session anew. */
  setCopy(exchange: Exchange, current: CurrentSession, cache: CookieCacheSettings): Promise<void>
  /** The session of one of `tokens` from its copy, or `null`. */
  readCopy(exchange: Exchange, tokens: readonly Presented[], cache: CookieCacheSettings): Promise<CurrentSession | null>
}

/** How many cookies that were checked are known, and of how many characters. */
const mostChecked = 500
const longestChecked = 256

export function sessionCarrier(options: SessionCarrierOptions): SessionCarrier {
  const { settings, tables, cookies, keys, clock, absoluteEnd } = options
  const [signingKey] = keys as readonly [HmacKey, ...HmacKey[]]
  const reviveSession = dateReviver(tables.session)
  const reviveUser = dateReviver(tables.user)

  /** The name that goes under a cookie's signature, where names do. */
  const covered = (cookie: AuthCookie) => (settings.signCookieNames ? cookie.name : undefined)

  /**
   * Cookies whose signature held, by their whole value: the same one comes with every request of a browser, and what is
   * not the same to the last character is checked as ever. Whether the session still stands, the store says each time.
   */
  const checked = new Map<string, Presented>()

  function presentedIn(raw: string): Presented | null {
    const before = checked.get(raw)
    if (before) return before
    const signed = readSignedValue(raw, keys, covered(cookies.token))
    if (!signed || isStoredForm(signed.value)) return null
    const presented = { token: signed.value, key: signed.keyIndex }
    return raw.length > longestChecked ? presented : remember(checked, raw, presented, mostChecked)
  }

  function presented(exchange: Exchange): Presented[] {
    const found: Presented[] = []
    for (const raw of exchange.cookies(cookies.token.name)) {
      const one = presentedIn(raw)
      // Each token is looked up once, however often it is sent.
      if (one && !found.some(({ token }) => timingSafeEqual(token, one.token))) found.push(one)
    }
    return found
  }

  function remembered(exchange: Exchange): boolean {
    const { dontRemember } = cookies
    return !exchange
      .cookies(dontRemember.name)
      .some((raw) => readSignedValue(raw, keys, covered(dontRemember))?.value === 'true')
  }

  async function cacheValue(pair: CurrentSession, cache: CookieCacheSettings, remember: boolean): Promise<string> {
    const shown = { session: options.output.session(pair.session), user: options.output.user(pair.user) }
    return writeCache(shown, cache, signingKey, clock(), remember ? cache.maxAge : Math.min(60, cache.maxAge))
  }

  function setCacheCookie(exchange: Exchange, value: string, cache: CookieCacheSettings, remember: boolean): void {
    setLongCookie(exchange, cookies.data, value, { maxAge: remember ? cache.maxAge : undefined })
  }

  async function set(exchange: Exchange, current: CurrentSession, remember: boolean): Promise<void> {
    const { token, dontRemember } = cookies
    const { cookieCache } = settings
    const cached = cookieCache && (await cacheValue(current, cookieCache, remember))
    const left = Math.max(0, Math.ceil((absoluteEnd(current.session) - clock()) / 1000))
    exchange.setCookie(token, signCookieValue(current.session.token, signingKey, covered(token)), {
      maxAge: remember ? Math.min(settings.expiresIn, left) : undefined,
    })
    if (!remember) {
      exchange.setCookie(dontRemember, signCookieValue('true', signingKey, covered(dontRemember)), {
        maxAge: undefined,
      })
    }
    if (cookieCache && cached !== undefined) setCacheCookie(exchange, cached, cookieCache, remember)
  }

  function expire(exchange: Exchange): void {
    exchange.expireCookie(cookies.token)
    expireLongCookie(exchange, cookies.data)
    exchange.expireCookie(cookies.dontRemember)
  }

  async function readCopy(
    exchange: Exchange,
    tokens: readonly Presented[],
    cache: CookieCacheSettings,
  ): Promise<CurrentSession | null> {
    const values = longCookieValues(exchange, cookies.data)
    const pair = await readCache(values, tokens, cache, keys, clock(), ({ session, user }) => ({
      session: reviveSession(session) as unknown as SessionRow,
      user: reviveUser(user) as unknown as UserRow,
    }))
    if (pair) return { session: pair.session, user: pair.user, cached: true, needsRefresh: false }
    // A copy that does not count only costs the next read the same work again.
    if (values.length > 0) expireLongCookie(exchange, cookies.data)
    return null
  }

  return {
    presented,
    remembered,
    set,
    expire,
    async setCopy(exchange, current, cache) {
      setCacheCookie(exchange, await cacheValue(current, cache, true), cache, true)
    },
    readCopy,
  }
}
