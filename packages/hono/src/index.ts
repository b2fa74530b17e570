/** Keystile for Hono: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each context. */
import {
  checkOptions,
  checkReached,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type GuardOptions,
  gateKinds,
  gateOf,
  isOwn,
  kinds,
  type Model,
  type Mountable,
  mountFailure,
  nameTaken,
  pathOf,
  type RequestAuth,
  type SchemeList,
  type SessionPair,
  sessionsOf,
  slotOf,
  staticPrefix,
} from '@keystile/core/adapter'
import type { Context, Hono, MiddlewareHandler, Next } from 'hono'
import { routePath } from 'hono/route'
import { django } from './django.ts'
import { guard, type HonoGuard } from './guard.ts'
import { host } from './host.ts'
import { answer, setHeader } from './response.ts'

export {
  type GetSession,
  type GetUser,
  type GuardOptions,
  ReadFailure,
  type RequestAuth,
  type RequestAuthOf,
} from '@keystile/core/adapter'
export type { DjangoHono } from './django.ts'
export type { HonoGuard } from './guard.ts'

/** `name` is that of the context's variable. */
export interface HonoOptions<Name extends string = 'auth'> extends GateOptions<Name> {
  /** The peer's address. Default: the socket's under `@hono/node-server`, Bun and Deno; unknown elsewhere. */
  readonly remoteAddress?: ((c: Context) => string | undefined) | undefined
}

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export interface HonoAuthGuard {
  (schemes: SchemeList, options?: GuardOptions | undefined): MiddlewareHandler
  <const L extends SchemeList, R>(
    schemes: L,
    handler: (c: Context, who: FoundBy<L>, next: Next) => R,
    options?: GuardOptions | undefined,
  ): (c: Context, next: Next) => Promise<Awaited<R>>
}

/** A Hono of any environment. */
interface Fetched extends Pick<Hono, 'routes'> {
  fetch(request: Request, env: object, context: Parameters<Hono['fetch']>[2]): Response | Promise<Response>
}

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileHono<M extends Model = Model, Name extends string = 'auth'>
  extends MiddlewareHandler<{ Variables: Record<Name, RequestAuth<M>> }>,
    Gate<Context, M, HonoGuard<SessionPair<M>>, HonoGuard<M['user']>, HonoAuthGuard, Fetched> {}

const sessions = sessionsOf(host)

export const getSession: GetSession<Context> = sessions.getSession
export const getUser: GetUser<Context> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on the context of all others. */
export function keystile<M extends Model, const Name extends string = 'auth'>(
  auth: Mountable<M>,
  options: HonoOptions<Name> = {},
): KeystileHono<M, Name> {
  checkOptions<HonoOptions<string>>(options, { ...gateKinds, remoteAddress: kinds.call }, 'keystile()')
  const { name = 'auth', remoteAddress = host.remoteAddress, cors = false } = options
  const waiting = slotOf<Context, [name: string, value: string][]>()
  const later = {
    ...host,
    remoteAddress,
    setHeader(c: Context, name: string, value: string) {
      waiting.set(c, [...(waiting.get(c) ?? []), [name, value]])
    },
  }
  const middleware = async (c: Context, next: Next): Promise<Response | undefined> => {
    checkReached(staticPrefix(routePath(c)), auth)
    if (isOwn(auth, pathOf(c.req.raw.url))) return answer(c, auth, { remoteAddress: remoteAddress(c), cors })
    if (c.get(name) !== undefined) throw mountFailure(nameTaken(name), auth)
    c.set(name, sessions.mount(c, auth, later))
    await next()
    // Now, not earlier: a route that returns a Response of its own would lose what was set on the context before.
    for (const [name, value] of waiting.get(c) ?? []) setHeader(c, name, value)
    return undefined
  }
  return gateOf(sessions, auth, middleware, guard<SessionPair<M>>, guard<M['user']>, guard<never>, send)
}

/** As a server of Node would call it: no other runtime's environment can be made up. */
async function send(app: Fetched, url: URL, signal: AbortSignal): Promise<number> {
  const { status, body } = await app.fetch(new Request(url, { signal }), local, nowhere)
  body?.cancel().catch(() => {})
  return status
}
const nowhere = { waitUntil() {}, passThroughOnException() {}, props: {} }
const local = { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 0, remoteFamily: 'IPv4' } } }

/** The same for Django's sessions and users: `keystile.django(django)`. */
keystile.django = django
