/**
 * Sessions and users of another system on a host's requests, such as Django's: opened when somebody first asks, and
 * asked once more when the response is due, for what is to be saved and for the headers that go out.
 */
import type { HeaderSource } from '../domain/exchange.ts'
import { mountFailure } from './failure.ts'
import type { Read, Verdict } from './guard.ts'
import { keptOn } from './kept.ts'
import { notMounted } from './mount.ts'
import type { Host } from './sessions.ts'

/** A request as the other system sees it. */
export interface ForeignSource {
  /** In capitals. */
  readonly method: string
  /** The absolute URL, by the host's own rules of trust. */
  readonly url: string
  readonly headers: HeaderSource
}

/** What the other system knows of one request. */
export interface ForeignRequest<Session = unknown, User extends object = object> {
  session(): Promise<Session>
  user(): Promise<User | null>
  /** Saves what has changed, as far as the status lets it. Resolves with the headers that go out. */
  finish(status: number): Promise<readonly (readonly [name: string, value: string])[]>
}

export interface ForeignSystem<R extends ForeignRequest> {
  open(source: ForeignSource): R
}

export type SessionOf<R extends ForeignRequest> = Awaited<ReturnType<R['session']>>
export type UserOf<R extends ForeignRequest> = NonNullable<Awaited<ReturnType<R['user']>>>

/** The ways to ask what hangs on a request; all throw `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
export interface ForeignGate<C extends object, R extends ForeignRequest, UserGuard> {
  readonly getSession: (ctx: C) => Promise<SessionOf<R>>
  /** The user, or null. */
  readonly getUser: (ctx: C) => Promise<UserOf<R> | null>
  /** 401 (or a redirect) without a user; the handler is not called then, nor when the read fails. */
  readonly requireUser: UserGuard
}

/** The requests of one host that have something of the other system on them. */
export interface ForeignRequests<C extends object, R extends ForeignRequest> {
  /** The middleware's part. `opened` is called once, before anything is read. */
  mount(ctx: C, opened?: (() => void) | undefined): void
  /** What hangs on this request. Throws `KEYSTILE_NOT_MOUNTED`. */
  on(ctx: C): R
  /** Headers of the response; none where nobody asked. */
  finish: (ctx: C, status: number) => Promise<readonly (readonly [name: string, value: string])[]>
}

export function foreignRequests<C extends object, R extends ForeignRequest>(
  system: ForeignSystem<R>,
  host: Pick<Host<C>, 'method' | 'url' | 'headers' | 'keeper'>,
): ForeignRequests<C, R> {
  const slots = keptOn<C, { readonly ctx: C; request?: R; readonly opened: (() => void) | undefined }>(host)
  return {
    mount(ctx, opened) {
      slots.set(ctx, { ctx, opened })
    },
    on(ctx) {
      const slot = slots.get(ctx)
      if (!slot) throw mountFailure(notMounted(), undefined)
      if (!slot.request) {
        slot.request = system.open({ method: host.method(ctx), url: host.url(ctx), headers: host.headers(ctx) })
        slot.opened?.()
      }
      return slot.request
    },
    async finish(ctx, status) {
      return (await slots.get(ctx)?.request?.finish(status)) ?? []
    },
  }
}

/** Makes a framework's middleware the gate of another system. */
export function foreignGate<C extends object, R extends ForeignRequest, Middleware extends object, UserGuard>(
  requests: ForeignRequests<C, R>,
  middleware: Middleware,
  guard: (read: Read<C, UserOf<R>>) => UserGuard,
): Middleware & ForeignGate<C, R, UserGuard> {
  const getUser = async (ctx: C) => (await requests.on(ctx).user()) as UserOf<R> | null
  return Object.assign(middleware, {
    getSession: (async (ctx) => requests.on(ctx).session()) as ForeignGate<C, R, UserGuard>['getSession'],
    getUser,
    requireUser: guard(async (ctx, unknown): Promise<Verdict<UserOf<R>>> => {
      const user = await getUser(ctx)
      return user ? { who: user } : { refusal: unknown }
    }),
  })
}
