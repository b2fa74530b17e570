/** Keystile for Hono: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each context. */
import {
  checkMount,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type GuardArgs,
  type GuardOptions,
  gateOf,
  guardArgs,
  type Host,
  isKnown,
  isOwn,
  type Model,
  type Mountable,
  nameTaken,
  pathOf,
  type Read,
  type RequestAuth,
  refusalIn,
  type SchemeList,
  type SessionPair,
  sessionsOf,
  staticPrefix,
} from '@keystile/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { routePath } from 'hono/route'
import { answer, refuse, setHeader } from './response.ts'

export type { GetSession, GetUser, GuardOptions, RequestAuth, RequestAuthOf } from '@keystile/core/adapter'

/** `name` is that of the context's variable. */
export interface HonoOptions<Name extends string = 'auth'> extends GateOptions<Name> {
  /** The peer's address. Default: the socket's under `@hono/node-server`, Bun and Deno; unknown elsewhere. */
  readonly remoteAddress?: ((c: Context) => string | undefined) | undefined
}

/** A guard: middleware, or around a route's handler, which then gets `Who` as its second argument. */
export interface HonoGuard<Who> {
  (options?: GuardOptions | undefined): MiddlewareHandler
  <R>(
    handler: (c: Context, who: Who, next: Next) => R,
    options?: GuardOptions | undefined,
  ): (c: Context, next: Next) => Promise<Awaited<R>>
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

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileHono<M extends Model = Model, Name extends string = 'auth'>
  extends MiddlewareHandler<{ Variables: Record<Name, RequestAuth<M>> }>,
    Gate<Context, M, HonoGuard<SessionPair<M>>, HonoGuard<M['user']>, HonoAuthGuard> {}

const host: Host<Context> = {
  raw: (c) => c.req.raw,
  method: (c) => c.req.method,
  url: (c) => c.req.raw.url,
  headers: (c) => c.req.raw.headers,
  // Of node-server, of Bun, of Deno.
  remoteAddress: ({ env, req }) =>
    env?.incoming?.socket?.remoteAddress ?? env?.requestIP?.(req.raw)?.address ?? env?.remoteAddr?.hostname,
  setHeader,
}
const sessions = sessionsOf(host)

export const getSession: GetSession<Context> = sessions.getSession
export const getUser: GetUser<Context> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on the context of all others. */
export function keystile<M extends Model, const Name extends string = 'auth'>(
  auth: Mountable<M>,
  options: HonoOptions<Name> = {},
): KeystileHono<M, Name> {
  const { name = 'auth', remoteAddress = host.remoteAddress, cors = false } = options
  const middleware = async (c: Context, next: Next): Promise<Response | undefined> => {
    checkMount(staticPrefix(routePath(c)), auth.basePath)
    if (isOwn(auth, pathOf(c.req.raw.url))) return answer(c, auth, { remoteAddress: remoteAddress(c), cors })
    if (c.get(name) !== undefined) throw nameTaken(name)
    const later: [name: string, value: string][] = []
    const setLater = (_: Context, name: string, value: string) => void later.push([name, value])
    c.set(name, sessions.mount(c, auth, { ...host, remoteAddress, setHeader: setLater }))
    await next()
    // Now, not earlier: a route that returns a Response of its own would lose what was set on the context before.
    for (const [name, value] of later) setHeader(c, name, value)
    return undefined
  }
  return gateOf(sessions, auth, middleware, guard<SessionPair<M>>, guard<M['user']>, guard<never>)
}

function guard<Who>(read: Read<Context, Who>): HonoGuard<Who> {
  return <R>(...args: GuardArgs<(c: Context, who: Who, next: Next) => R>) => {
    const { handler, refusal } = guardArgs(args)
    // Typed by what the handler answers: a refusal is the same 401 or redirect on every route.
    return async (c: Context, next: Next): Promise<Awaited<R>> => {
      const verdict = await read(c, refusal)
      if (!isKnown(verdict)) return refuse(c, refusalIn(verdict, refusal)) as Awaited<R>
      return (await (handler ? handler(c, verdict.who, next) : next())) as Awaited<R>
    }
  }
}
