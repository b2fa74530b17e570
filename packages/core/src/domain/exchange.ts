/**
 * One call under way: what came in that the rules look at, and what is to go out beside the answer's body. The rules
 * know no Request and no Response.
 */
import { type CookieAttributes, cookieValues, serializeCookie } from '../lib/cookies.ts'
import type { SessionRow, UserRow } from './model.ts'

/** What is read of a request's headers: a `Headers`, or an adapter's view of its own. */
export interface HeaderSource {
  get(name: string): string | null
  /** Names, where it can tell them. */
  keys?(): Iterable<string>
}

/** A cookie of ours: its wire name and attributes, made once. */
export interface AuthCookie {
  readonly name: string
  readonly attributes: CookieAttributes
}

/** The session of a call. `session.token` is the raw token. */
export interface CurrentSession {
  readonly session: SessionRow
  readonly user: UserRow
  /** Read from the cookie cache, not from the store. */
  readonly cached: boolean
  /** A refresh is due and was left to a POST (`deferSessionRefresh`). */
  readonly needsRefresh: boolean
}

const noHeaders: HeaderSource = { get: () => null }

export interface Incoming {
  readonly headers?: HeaderSource | undefined
  readonly request?: Request | undefined
  /** The address of the peer's socket, from the adapter; a getter is asked when somebody wants to know. */
  readonly info?: { readonly remoteAddress?: string | undefined } | undefined
  /** Scheme and host the caller used, e.g. `https://app.example.com`; undefined where nothing tells. */
  readonly origin?: string | undefined
}

export class Exchange {
  readonly headers: HeaderSource
  readonly request: Request | undefined
  /** Scheme and host of the public URL; set by the caller once it is known. */
  origin: string | undefined
  /** Status of the answer, where it is not the default. */
  status: number | undefined
  /** The session opened in this call, once every gate has passed and the row exists. */
  opened: CurrentSession | undefined
  /** The session read in this call, from the cookie cache or the store, so that no call reads twice. */
  cachedRead: Promise<CurrentSession | null> | undefined
  storedRead: Promise<CurrentSession | null> | undefined
  readonly #info: Incoming['info']
  #cookieHeader: string | null | undefined
  #cookies: Map<string, string> | undefined
  #outgoing: [string, string][] | undefined
  #closing: ((status: number) => Promise<void>)[] | undefined

  constructor(incoming: Incoming) {
    this.headers = incoming.headers ?? noHeaders
    this.request = incoming.request
    this.#info = incoming.info
    this.origin = incoming.origin
  }

  /** The address of the peer's socket, where the adapter knows it. */
  get remoteAddress(): string | undefined {
    return this.#info?.remoteAddress
  }

  /** Every value sent under a cookie's name, in order. */
  cookies(name: string): string[] {
    if (this.#cookieHeader === undefined) this.#cookieHeader = this.headers.get('cookie')
    return cookieValues(this.#cookieHeader, name)
  }

  /** Sets a cookie on the answer; the last one set under a name is the one that goes out. */
  setCookie(cookie: AuthCookie, value: string, attributes?: CookieAttributes): void {
    this.#cookies ??= new Map()
    this.#cookies.delete(cookie.name)
    this.#cookies.set(
      cookie.name,
      serializeCookie(cookie.name, value, attributes ? { ...cookie.attributes, ...attributes } : cookie.attributes),
    )
  }

  expireCookie(cookie: AuthCookie): void {
    this.setCookie(cookie, '', { maxAge: 0 })
  }

  /** Whether the answer sets a cookie of this name. */
  sets(name: string): boolean {
    return this.#cookies?.has(name) ?? false
  }

  /** Sets a header on the answer, replacing an earlier one of that name, in whatever case. */
  setHeader(name: string, value: string): void {
    const key = name.toLowerCase()
    this.#outgoing = (this.#outgoing ?? []).filter(([other]) => other !== key)
    this.#outgoing.push([key, value])
  }

  /** Work that waits for the answer's status: what it throws is the answer instead. */
  beforeAnswer(work: (status: number) => Promise<void>): void {
    this.#closing ??= []
    this.#closing.push(work)
  }

  /** Does, once, what waits for the status; undefined where nothing does. */
  conclude(status: number): Promise<void> | undefined {
    const works = this.#closing
    if (!works) return undefined
    this.#closing = undefined
    return works.reduce((done, work) => done.then(() => work(status)), Promise.resolve())
  }

  /** Sets a cookie that comes as a whole line, as systems beside ours write theirs. */
  setCookieLine(line: string): void {
    const name = line.slice(0, line.indexOf('='))
    this.#cookies ??= new Map()
    this.#cookies.delete(name)
    this.#cookies.set(name, line)
  }

  get setCookies(): readonly string[] {
    return this.#cookies ? [...this.#cookies.values()] : []
  }

  /** Headers to go out, cookies not among them; undefined when there are none. */
  get outgoing(): readonly [string, string][] | undefined {
    return this.#outgoing
  }
}
