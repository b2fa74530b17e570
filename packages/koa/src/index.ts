/** Keystile for Koa: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each context's state. */
import { Readable } from 'node:stream'
import {
  checkAuth,
  checkMount,
  type GetSession,
  type GetUser,
  type GuardOptions,
  guardArgs,
  isUnder,
  type Model,
  type Mountable,
  nameTaken,
  pathOf,
  type Refusal,
  type RequestAuth,
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { type Answer, appendCookie, ask, headersOf } from '@keystile/node'
import type { Context, Middleware, Next } from 'koa'

export type { GetSession, GetUser, GuardOptions, RequestAuth } from '@keystile/core/adapter'

export interface KoaOptions<Name extends string = 'auth'> {
  /** The property of `ctx.state` that holds the lazy session. Default: `auth`, as in `ctx.state.auth.session()`. */
  readonly name?: Name | undefined
  /** Answer preflights, and let `trustedOrigins` read the auth's answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
}

/** A guard: middleware, or around a route's handler, which then gets `Who` as its second argument. */
export interface KoaGuard<Who> {
  (options?: GuardOptions | undefined): KoaMiddleware
  (handler: (ctx: Context, who: Who, next: Next) => unknown, options?: GuardOptions | undefined): KoaMiddleware
}

export type KoaMiddleware = (ctx: Context, next: Next) => Promise<unknown>

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileKoa<M extends Model = Model, Name extends string = 'auth'>
  extends Middleware<Record<Name, RequestAuth<M>>> {
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
  readonly getSession: (ctx: Context) => Promise<SessionPair<M> | null>
  readonly getUser: (ctx: Context) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: KoaGuard<SessionPair<M>>
  /** The same, with the user alone for the handler. */
  readonly requireUser: KoaGuard<M['user']>
}

const sessions = sessionsOf<Context>({
  headers: (ctx) => headersOf(ctx.req),
  remoteAddress: (ctx) => ctx.ip,
  setCookie: (ctx, line) => appendCookie(ctx.res, line),
})

export const getSession: GetSession<Context> = sessions.getSession
export const getUser: GetUser<Context> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on the state of all others. */
export function keystile<M extends Model, const Name extends string = 'auth'>(
  auth: Mountable<M>,
  options: KoaOptions<Name> = {},
): KeystileKoa<M, Name> {
  checkAuth(auth)
  const { name = 'auth', cors } = options

  const gate: KoaMiddleware = async (ctx, next) => {
    checkMount(mountOf(ctx), auth.basePath)
    if (isUnder(auth.basePath, pathOf(ctx.originalUrl))) {
      const { body, rawBody } = ctx.request as { body?: unknown; rawBody?: unknown }
      const { protocol, host, ip: remoteAddress, originalUrl: url } = ctx
      const answer = await ask(auth, ctx.req, ctx.res, { protocol, host, remoteAddress, cors, url, body, rawBody })
      return answer && write(ctx, answer)
    }
    if (ctx.state[name] !== undefined) throw nameTaken(name)
    ctx.state[name] = sessions.mount(ctx, auth)
    return next()
  }

  const getSession = async (ctx: Context) => sessions.mounted(ctx, auth).session()
  const getUser = async (ctx: Context) => sessions.mounted(ctx, auth).user()
  return Object.assign(gate, { getSession, getUser, requireSession: guard(getSession), requireUser: guard(getUser) })
}

/** What koa-mount has taken off the path. */
function mountOf({ mountPath, originalUrl, path }: Context): string {
  const original = pathOf(originalUrl)
  return mountPath && original.endsWith(path) ? original.slice(0, -path.length) : ''
}

/** Onto Koa's own response, so that middleware around ours sees it, and may add to it. */
function write(ctx: Context, { status, statusText, headers, content }: Answer): void {
  ctx.body = content instanceof ReadableStream ? streamOf(ctx, content) : content
  ctx.status = status
  if (statusText && ctx.req.httpVersionMajor < 2) ctx.message = statusText
  // Koa guesses a type where there is none.
  ctx.remove('content-type')
  for (const [name, value] of headers) {
    if (name === 'set-cookie') ctx.append(name, value)
    else if (name === 'vary') ctx.vary(value)
    else ctx.set(name, value)
  }
}

function streamOf({ res }: Context, body: ReadableStream<Uint8Array>): Readable {
  const stream = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
  // Koa 2 would leave the client waiting for the rest.
  return stream.on('error', () => res.headersSent && res.destroy())
}

function refuse(ctx: Context, { status, headers, body }: Refusal): void {
  ctx.status = status
  ctx.body = body
  ctx.remove('content-type')
  ctx.set(headers)
}

function guard<Who>(read: (ctx: Context) => Promise<Who | null>): KoaGuard<Who> {
  return (first?: ((ctx: Context, who: Who, next: Next) => unknown) | GuardOptions, second?: GuardOptions) => {
    const { handler, refusal } = guardArgs(first, second)
    return async (ctx, next) => {
      const who = await read(ctx)
      if (who === null) return refuse(ctx, refusal)
      return handler ? handler(ctx, who, next) : next()
    }
  }
}
