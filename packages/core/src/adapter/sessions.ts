/**
 * The lazy session of a host's request. Nothing is read until somebody asks, nothing is read twice, and the cookies a
 * read wants set go out with the host's own response. Requests are remembered in a `WeakMap`, never in async storage.
 */
import type { Mountable, RequestInfo } from '../contract/auth.ts'
import type { Model, SessionPair } from '../contract/model.ts'
import type { HeaderSource } from '../domain/exchange.ts'
import { mountFailure, readFailure } from './failure.ts'
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
export interface Host<C extends object> {
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
  /** The host that this request was mounted with. Throws `KEYSTILE_NOT_MOUNTED`. */
  hostOf(ctx: C, auth: Mountable): Host<C>
  readonly getSession: GetSession<C>
  readonly getUser: GetUser<C>
}

interface Entry<C extends object> {
  readonly auth: object
  readonly host: Host<C>
  readonly read: RequestAuth
  mounted: boolean
}

/** The lazy sessions of one kind of host: made once per adapter. */
export function sessionsOf<C extends object>(host: Host<C>): Sessions<C> {
  const entries = new WeakMap<C, Entry<C>[]>()
  const find = (ctx: C, auth: object) => entries.get(ctx)?.find((entry) => entry.auth === auth)

  const add = (ctx: C, auth: Mountable, from: Host<C>): Entry<C> => {
    const entry = { auth, host: from, read: lazily(ctx, auth, from), mounted: false }
    const others = entries.get(ctx)
    if (others) others.push(entry)
    else entries.set(ctx, [entry])
    return entry
  }

  const only = (ctx: C): Entry<C> => {
    const [first, second] = entries.get(ctx)?.filter((entry) => entry.mounted) ?? []
    if (!first) throw mountFailure(notMounted(), undefined)
    if (second) throw mountFailure(severalMounted(), undefined)
    return first
  }

  const pick = (ctx: C, auth: Mountable | undefined) =>
    (auth ? (find(ctx, auth) ?? add(ctx, auth, host)) : only(ctx)).read

  const mountedEntry = (ctx: C, auth: Mountable): Entry<C> => {
    const entry = find(ctx, auth)
    if (!entry?.mounted) throw mountFailure(notMounted(auth.basePath), auth)
    return entry
  }

  // An entry is found by the identity of its auth, so its model is that auth's: what the casts below say.
  return {
    mount<M extends Model>(ctx: C, auth: Mountable<M>, from: Host<C> = host) {
      const entry = find(ctx, auth) ?? add(ctx, auth, from)
      entry.mounted = true
      return entry.read as RequestAuth<M>
    },
    mounted: <M extends Model>(ctx: C, auth: Mountable<M>) => mountedEntry(ctx, auth).read as RequestAuth<M>,
    hostOf: (ctx, auth) => mountedEntry(ctx, auth).host,
    getSession: async <M extends Model>(ctx: C, auth?: Mountable<M>) =>
      (await pick(ctx, auth).session()) as SessionPair<M> | null,
    getUser: async <M extends Model>(ctx: C, auth?: Mountable<M>) => (await pick(ctx, auth).user()) as M['user'] | null,
  }
}

function lazily<C extends object>(ctx: C, auth: Mountable, host: Host<C>): RequestAuth {
  let reading: Promise<SessionPair | null> | undefined
  const read = async () => {
    const { pair, setCookies } = await auth.readSession(host.headers(ctx), peerOf(ctx, host))
    for (const line of setCookies) host.setHeader(ctx, 'set-cookie', line)
    return pair
  }
  const session = () => {
    reading ??= read().catch((error) => {
      throw readFailure(error, auth)
    })
    return reading
  }
  return { session, user: async () => (await session())?.user ?? null }
}

/** Whom a request comes from. */
export function peerOf<C extends object>(ctx: C, host: Host<C>): RequestInfo {
  return {
    // A getter: working out the address behind proxies costs, and most reads do not ask.
    get remoteAddress() {
      return host.remoteAddress(ctx)
    },
  }
}
