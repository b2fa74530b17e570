/** Keystile for Express: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each request. */
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
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { appendCookie, headersOf, refuse, serve } from '@keystile/node'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

export type { GetSession, GetUser, GuardOptions, RequestAuth } from '@keystile/core/adapter'

export interface ExpressOptions {
  /** The property of the request that holds the lazy session. Default: `auth`, as in `req.auth.session()`. */
  readonly name?: string | undefined
  /** Answer preflights, and let `trustedOrigins` read the auth's answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
}

/** A guard: middleware, or around a route's handler, which then gets `Who` as its third argument. */
export interface ExpressGuard<Who> {
  (options?: GuardOptions | undefined): RequestHandler
  (handler: ExpressHandler<Who>, options?: GuardOptions | undefined): RequestHandler
}

export type ExpressHandler<Who> = (req: Request, res: Response, who: Who, next: NextFunction) => unknown

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileExpress<M extends Model = Model> extends RequestHandler {
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
  readonly getSession: (req: Request) => Promise<SessionPair<M> | null>
  readonly getUser: (req: Request) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: ExpressGuard<SessionPair<M>>
  /** The same, with the user alone for the handler. */
  readonly requireUser: ExpressGuard<M['user']>
}

const sessions = sessionsOf<Request>({
  headers: headersOf,
  remoteAddress: (req) => req.ip,
  setCookie: (req, line) => req.res && appendCookie(req.res, line),
})

export const getSession: GetSession<Request> = sessions.getSession
export const getUser: GetUser<Request> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on all others. */
export function keystile<M extends Model>(auth: Mountable<M>, options: ExpressOptions = {}): KeystileExpress<M> {
  checkAuth(auth)
  const { name = 'auth', cors } = options

  const gate: RequestHandler = (req, res, next) => {
    checkMount(req.baseUrl, auth.basePath)
    if (isUnder(auth.basePath, pathOf(req.originalUrl))) {
      const from = { protocol: req.protocol, host: hostOf(req), remoteAddress: req.ip, cors }
      return serve(auth, req, res, from).catch(next)
    }
    if (Reflect.get(req, name) !== undefined) throw nameTaken(name)
    Reflect.set(req, name, sessions.mount(req, auth))
    return next()
  }

  const getSession = async (req: Request) => sessions.mounted(req, auth).session()
  const getUser = async (req: Request) => sessions.mounted(req, auth).user()
  return Object.assign(gate, { getSession, getUser, requireSession: guard(getSession), requireUser: guard(getUser) })
}

function guard<Who>(read: (req: Request) => Promise<Who | null>): ExpressGuard<Who> {
  return (first?: ExpressHandler<Who> | GuardOptions, second?: GuardOptions): RequestHandler => {
    const { handler, refusal } = guardArgs(first, second)
    const run: RequestHandler = async (req, res, next) => {
      const who = await read(req)
      if (who === null) return refuse(res, refusal)
      return handler ? handler(req, res, who, next) : next()
    }
    // Express 4 does not look at promises. A failed read never reaches the handler.
    return (req, res, next) => Promise.resolve(run(req, res, next)).catch(next)
  }
}

/** Host and port, by the app's trust in proxies: `req.host` of Express 4 leaves the port out. */
function hostOf(req: Request): string | undefined {
  const trusts = req.app.get('trust proxy fn')(req.socket.remoteAddress, 0)
  const forwarded = trusts && req.get('x-forwarded-host')?.split(',')[0]?.trim()
  return forwarded || req.get('host')
}
