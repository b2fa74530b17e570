/** Keystile for Hono: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each context. */
import {
  bodyAlreadyRead,
  checkAuth,
  checkMount,
  type GetSession,
  type GetUser,
  type GuardOptions,
  guardArgs,
  type Host,
  isUnder,
  joinVary,
  type Model,
  type Mountable,
  nameTaken,
  pathOf,
  type Refusal,
  type RequestAuth,
  type RequestInfo,
  type SessionPair,
  sessionsOf,
  staticPrefix,
} from '@keystile/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { routePath } from 'hono/route'
import { requestOf } from './request.ts'

export type { GetSession, GetUser, GuardOptions, RequestAuth } from '@keystile/core/adapter'

export interface HonoOptions<Name extends string = 'auth'> {
  /** The variable that holds the lazy session. Default: `auth`, as in `c.var.auth.session()`. */
  readonly name?: Name | undefined
  /** Answer preflights, and let `trustedOrigins` read the auth's answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
  /** The peer's address. Default: the socket's under `@hono/node-server`, unknown elsewhere. */
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

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileHono<M extends Model = Model, Name extends string = 'auth'>
  extends MiddlewareHandler<{ Variables: Record<Name, RequestAuth<M>> }> {
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
  readonly getSession: (c: Context) => Promise<SessionPair<M> | null>
  readonly getUser: (c: Context) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: HonoGuard<SessionPair<M>>
  /** The same, with the user alone for the handler. */
  readonly requireUser: HonoGuard<M['user']>
}

const host: Host<Context> = {
  headers: (c) => c.req.raw.headers,
  remoteAddress: (c) => c.env?.incoming?.socket?.remoteAddress,
  setCookie: (c, line) => c.header('set-cookie', line, { append: true }),
}
const sessions = sessionsOf(host)

export const getSession: GetSession<Context> = sessions.getSession
export const getUser: GetUser<Context> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on the context of all others. */
export function keystile<M extends Model, const Name extends string = 'auth'>(
  auth: Mountable<M>,
  options: HonoOptions<Name> = {},
): KeystileHono<M, Name> {
  checkAuth(auth)
  const { name = 'auth', remoteAddress = host.remoteAddress, cors = false } = options

  const gate = async (c: Context, next: Next): Promise<Response | undefined> => {
    checkMount(staticPrefix(routePath(c)), auth.basePath)
    if (isUnder(auth.basePath, pathOf(c.req.raw.url))) return answer(c, auth, { remoteAddress: remoteAddress(c), cors })
    if (c.get(name) !== undefined) throw nameTaken(name)
    const lines: string[] = []
    c.set(name, sessions.mount(c, auth, { ...host, remoteAddress, setCookie: (_, line) => lines.push(line) }))
    await next()
    // Now, not earlier: a route that returns a Response of its own would lose cookies set on the context before.
    for (const line of lines) c.header('set-cookie', line, { append: true })
    return undefined
  }

  const getSession = async (c: Context) => sessions.mounted(c, auth).session()
  const getUser = async (c: Context) => sessions.mounted(c, auth).user()
  return Object.assign(gate, { getSession, getUser, requireSession: guard(getSession), requireUser: guard(getUser) })
}

async function answer(c: Context, auth: Mountable, info: RequestInfo): Promise<Response | undefined> {
  const request = await requestOf(c)
  if (!request) return refuse(c, bodyAlreadyRead)
  // Where the host's own CORS middleware has let the origin in, ours has nothing to add.
  const cors = info.cors && !c.res.headers.has('access-control-allow-origin')
  const response = await auth.handler(request, { ...info, cors })
  const head = request.method === 'HEAD'
  if (head) await response.body?.cancel()
  // Given two responses, Hono keeps the cookies of the first alone: joined before, the host's and ours both go out.
  const vary = response.headers.get('vary')
  const varied = vary && joinVary(c.res.headers.get('vary'), vary)
  const joined = c.newResponse(head ? null : response.body, response)
  if (varied) joined.headers.set('vary', varied)
  // node-server gives what is left of a large body half a second, and cuts off the next request behind it.
  if (response.status === 413 && c.env?.incoming) joined.headers.set('connection', 'close')
  c.res = undefined
  c.res = joined
  return undefined
}

const refuse = (c: Context, { body, status, headers }: Refusal): Response => c.body(body, status, { ...headers })

function guard<Who>(read: (c: Context) => Promise<Who | null>): HonoGuard<Who> {
  return <R>(first?: ((c: Context, who: Who, next: Next) => R) | GuardOptions, second?: GuardOptions) => {
    const { handler, refusal } = guardArgs(first, second)
    // Typed by what the handler answers: a refusal is the same 401 or redirect on every route.
    return async (c: Context, next: Next): Promise<Awaited<R>> => {
      const who = await read(c)
      if (who === null) return refuse(c, refusal) as Awaited<R>
      return (await (handler ? handler(c, who, next) : next())) as Awaited<R>
    }
  }
}
