/**
 * The lazy session of a host's request. Nothing is read until somebody asks, nothing is read twice, and the cookies a
 * read wants set go out with the host's own response. Requests are remembered in a `WeakMap`, never in async storage.
 */
import type { Mountable } from '../contract/auth.ts'
import type { Model, SessionPair } from '../contract/model.ts'
import type { HeaderSource } from '../domain/exchange.ts'
import { notMounted, severalMounted } from './mount.ts'

/** What hangs on a native request. */
export interface RequestAuth<M extends Model = Model> {
  /** The session and its user; null where the request has none. Rejects when the store fails. */
  readonly session: () => Promise<SessionPair<M> | null>
  /** The user alone; the same one read. */
  readonly user: () => Promise<M['user'] | null>
}

/** What differs between hosts. `C` is the native request or context. */
export interface Host<C extends object> {
  readonly headers: (ctx: C) => HeaderSource
  /** The peer's address by the host's own rules of trust. */
  readonly remoteAddress: (ctx: C) => string | undefined
  /** Appends a Set-Cookie line to the response under way; does nothing once headers are out. */
  readonly setCookie: (ctx: C, line: string) => void
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
  readonly getSession: GetSession<C>
  readonly getUser: GetUser<C>
}

interface Entry {
  readonly auth: object
  readonly read: RequestAuth
  mounted: boolean
}

/** The lazy sessions of one kind of host: made once per adapter. */
export function sessionsOf<C extends object>(host: Host<C>): Sessions<C> {
  const entries = new WeakMap<C, Entry[]>()
  const find = (ctx: C, auth: object) => entries.get(ctx)?.find((entry) => entry.auth === auth)

  const add = (ctx: C, auth: Mountable, from: Host<C>): Entry => {
    const entry = { auth, read: lazily(ctx, auth, from), mounted: false }
    const others = entries.get(ctx)
    if (others) others.push(entry)
    else entries.set(ctx, [entry])
    return entry
  }

  const only = (ctx: C): Entry => {
    const [first, second] = entries.get(ctx)?.filter((entry) => entry.mounted) ?? []
    if (!first) throw notMounted()
    if (second) throw severalMounted()
    return first
  }

  const pick = (ctx: C, auth: Mountable | undefined) =>
    (auth ? (find(ctx, auth) ?? add(ctx, auth, host)) : only(ctx)).read

  // An entry is found by the identity of its auth, so its model is that auth's: what the casts below say.
  return {
    mount<M extends Model>(ctx: C, auth: Mountable<M>, from: Host<C> = host) {
      const entry = find(ctx, auth) ?? add(ctx, auth, from)
      entry.mounted = true
      return entry.read as RequestAuth<M>
    },
    mounted<M extends Model>(ctx: C, auth: Mountable<M>) {
      const entry = find(ctx, auth)
      if (!entry?.mounted) throw notMounted()
      return entry.read as RequestAuth<M>
    },
    getSession: async <M extends Model>(ctx: C, auth?: Mountable<M>) =>
      (await pick(ctx, auth).session()) as SessionPair<M> | null,
    getUser: async <M extends Model>(ctx: C, auth?: Mountable<M>) => (await pick(ctx, auth).user()) as M['user'] | null,
  }
}

function lazily<C extends object>(ctx: C, auth: Mountable, host: Host<C>): RequestAuth {
  let reading: Promise<SessionPair | null> | undefined
  const info = {
    // A getter: working out the address behind proxies costs, and most reads do not ask.
    get remoteAddress() {
      return host.remoteAddress(ctx)
    },
  }
  const read = async () => {
    const { pair, setCookies } = await auth.readSession(host.headers(ctx), info)
    for (const line of setCookies) host.setCookie(ctx, line)
    return pair
  }
  const session = () => {
    reading ??= read()
    return reading
  }
  return { session, user: async () => (await session())?.user ?? null }
}
