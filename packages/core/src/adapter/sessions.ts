/**
 * The lazy session of a host's request. Nothing is read until somebody asks, nothing is read twice, and the cookies a
 * read wants set go out with the host's own response. What was read is remembered on the request, never in async storage.
 */
import type { Mountable, RequestInfo } from '../contract/auth.ts'
import type { Model, SessionPair } from '../contract/model.ts'
import type { HeaderSource } from '../domain/exchange.ts'
import { mountFailure, readFailure } from './failure.ts'
import { type Keeping, keptOn } from './kept.ts'
import { notMounted, severalMounted } from './mount.ts'

/** What hangs on a native request. */
export interface RequestAuth<M extends Model = Model> {
  /** The session and its user; null where the request has none. Rejects with a `ReadFailure` when the store fails. */
  readonly session: () => Promise<SessionPair<M> | null>
  /** The user alone; the same one read. */
  readonly user: () => Promise<M['user'] | null>
}

/** The lazy session of an auth instance, for a framework's own types: `RequestAuthOf<typeof auth>`. */
export type RequestAuthOf<A extends Mountable> = RequestAuth<A['~model']>

/** What differs between hosts. `C` is the native request or context. */
export interface Host<C extends object> extends Keeping<C> {
  /** The request that is behind a context, or the context itself. */
  readonly raw: (ctx: C) => object
  /** In capitals. */
  readonly method: (ctx: C) => string
  /** The absolute URL, by the host's own rules of trust; its path as it was sent. */
  readonly url: (ctx: C) => string
  readonly headers: (ctx: C) => HeaderSource
  /** The peer's address by the host's own rules of trust. */
  readonly remoteAddress: (ctx: C) => string | undefined
  /** Of the response under way: cookies are appended, `Vary` is joined. Does nothing once headers are out. */
  readonly setHeader: (ctx: C, name: string, value: string) => void
}

/** The session and its user, or null. Without `auth`: throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
export interface GetSession<C extends object> {
  (ctx: C): Promise<SessionPair | null>
  <M extends Model>(ctx: C, auth: Mountable<M>): Promise<SessionPair<M> | null>
}

/** The user, or null. Without `auth`: throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
export interface GetUser<C extends object> {
  (ctx: C): Promise<Model['user'] | null>
  <M extends Model>(ctx: C, auth: Mountable<M>): Promise<M['user'] | null>
}

export interface Sessions<C extends object> {
  /** The middleware's part: makes the session of `auth` known on this request. `host` where one request needs its own. */
  mount<M extends Model>(ctx: C, auth: Mountable<M>, host?: Host<C> | undefined): RequestAuth<M>
  /** What `mount` made for this request. Throws `KEYSTILE_NOT_MOUNTED`. */
  mounted<M extends Model>(ctx: C, auth: Mountable<M>): RequestAuth<M>
  /** The session of what is mounted, and its user. Throws `KEYSTILE_NOT_MOUNTED`. */
  read<M extends Model>(ctx: C, auth: Mountable<M>): Promise<SessionPair<M> | null>
  /** The host that this request was mounted with. Throws `KEYSTILE_NOT_MOUNTED`. */
  hostOf(ctx: C, auth: Mountable): Host<C>
  readonly getSession: GetSession<C>
  readonly getUser: GetUser<C>
}

/** What is known of a request for one auth instance; `next` is that of another. */
interface Entry<C extends object> {
  readonly ctx: C
  readonly auth: Mountable
  readonly host: Host<C>
  readonly next: Entry<C> | undefined
  mounted: boolean
  reading: Promise<SessionPair | null> | undefined
  lazy: LazyAuth<C> | undefined
}

/** The lazy sessions of one kind of host: made once per adapter. */
export function sessionsOf<C extends object>(host: Host<C>): Sessions<C> {
  const entries = keptOn<C, Entry<C>>(host)

  function find(newest: Entry<C> | undefined, auth: object): Entry<C> | undefined {
    let entry = newest
    while (entry && entry.auth !== auth) entry = entry.next
    return entry
  }

  /** Found, or made. */
  function entryOf(ctx: C, auth: Mountable, host: Host<C>): Entry<C> {
    const newest = entries.get(ctx)
    const found = find(newest, auth)
    if (found) return found
    const entry = { ctx, auth, host, next: newest, mounted: false, reading: undefined, lazy: undefined }
    entries.set(ctx, entry)
    return entry
  }

  function only(ctx: C): Entry<C> {
    let found: Entry<C> | undefined
    for (let entry = entries.get(ctx); entry; entry = entry.next) {
      if (entry.mounted && found) throw mountFailure(severalMounted(), undefined)
      if (entry.mounted) found = entry
    }
    if (!found) throw mountFailure(notMounted(), undefined)
    return found
  }

  const pick = (ctx: C, auth: Mountable | undefined) => (auth ? entryOf(ctx, auth, host) : only(ctx))

  const mountedEntry = (ctx: C, auth: Mountable): Entry<C> => {
    const entry = find(entries.get(ctx), auth)
    if (!entry?.mounted) throw mountFailure(notMounted(auth.basePath), auth)
    return entry
  }

  // An entry is found by the identity of its auth, so its model is that auth's: what the casts below say.
  return {
    mount<M extends Model>(ctx: C, auth: Mountable<M>, from: Host<C> = host) {
      const entry = entryOf(ctx, auth, from)
      entry.mounted = true
      return lazyOf(entry) as RequestAuth<M>
    },
    mounted: <M extends Model>(ctx: C, auth: Mountable<M>) => lazyOf(mountedEntry(ctx, auth)) as RequestAuth<M>,
    read: <M extends Model>(ctx: C, auth: Mountable<M>) =>
      sessionOf(mountedEntry(ctx, auth)) as Promise<SessionPair<M> | null>,
    hostOf: (ctx, auth) => mountedEntry(ctx, auth).host,
    getSession: async <M extends Model>(ctx: C, auth?: Mountable<M>) =>
      (await sessionOf(pick(ctx, auth))) as SessionPair<M> | null,
    getUser: async <M extends Model>(ctx: C, auth?: Mountable<M>) =>
      (await userOf(pick(ctx, auth))) as M['user'] | null,
  }
}

function lazyOf<C extends object>(entry: Entry<C>): RequestAuth {
  entry.lazy ??= new LazyAuth(entry)
  return entry.lazy
}

function sessionOf<C extends object>(entry: Entry<C>): Promise<SessionPair | null> {
  entry.reading ??= read(entry)
  return entry.reading
}

const userOf = async <C extends object>(entry: Entry<C>) => (await sessionOf(entry))?.user ?? null

async function read<C extends object>({ ctx, auth, host }: Entry<C>): Promise<SessionPair | null> {
  try {
    const { pair, setCookies } = await auth.readSession(host.headers(ctx), peerOf(ctx, host))
    for (const line of setCookies) host.setHeader(ctx, 'set-cookie', line)
    return pair
  } catch (error) {
    throw readFailure(error, auth)
  }
}

/** A class of getters: most requests ask neither, and whoever takes one off may call it by itself. */
class LazyAuth<C extends object> implements RequestAuth {
  readonly #entry: Entry<C>

  constructor(entry: Entry<C>) {
    this.#entry = entry
  }

  get session(): RequestAuth['session'] {
    return () => sessionOf(this.#entry)
  }

  get user(): RequestAuth['user'] {
    return () => userOf(this.#entry)
  }
}

/** Whom a request comes from. */
export const peerOf = <C extends object>(ctx: C, host: Host<C>): RequestInfo => new Peer(ctx, host)

/**
 * A getter: working out the address behind proxies costs, and most reads do not ask. Of a class: V8 keeps a getter of an
 * object literal, and so the request that it sees, until the next full collection.
 */
class Peer<C extends object> implements RequestInfo {
  readonly #ctx: C
  readonly #host: Host<C>

  constructor(ctx: C, host: Host<C>) {
    this.#ctx = ctx
    this.#host = host
  }

  get remoteAddress(): string | undefined {
    return this.#host.remoteAddress(this.#ctx)
  }
}
