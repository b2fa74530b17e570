/** Keystile for Express: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each request. */
import {
  checkMount,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type Guard,
  type GuardArgs,
  gateOf,
  guardArgs,
  hang,
  isKnown,
  isOwn,
  type Model,
  type Mountable,
  pathOf,
  type Read,
  refusalIn,
  type SchemeList,
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { headersOf, refuse, serve, setHeader, urlOf } from '@keystile/node'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

export type { GetSession, GetUser, GuardOptions, RequestAuth, RequestAuthOf } from '@keystile/core/adapter'

/** `name` is that of the request's property. */
export type ExpressOptions = GateOptions

/** What is guarded: a route's handler that gets `Who` as its third argument. */
export type ExpressHandler<Who> = (req: Request, res: Response, who: Who, next: NextFunction) => unknown

export type ExpressGuard<Who> = Guard<ExpressHandler<Who>, RequestHandler>

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export type ExpressAuthGuard = <const L extends SchemeList>(
  schemes: L,
  ...args: GuardArgs<ExpressHandler<FoundBy<L>>>
) => RequestHandler

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileExpress<M extends Model = Model>
  extends RequestHandler,
    Gate<Request, M, ExpressGuard<SessionPair<M>>, ExpressGuard<M['user']>, ExpressAuthGuard> {}

const sessions = sessionsOf<Request>({
  raw: (req) => req,
  method: (req) => req.method,
  url: (req) => urlOf(req, viewOf(req)),
  headers: headersOf,
  remoteAddress: (req) => req.ip,
  setHeader: (req, name, value) => req.res && setHeader(req.res, name, value),
})

export const getSession: GetSession<Request> = sessions.getSession
export const getUser: GetUser<Request> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on all others. */
export function keystile<M extends Model>(auth: Mountable<M>, options: ExpressOptions = {}): KeystileExpress<M> {
  const { name = 'auth', cors } = options
  const middleware: RequestHandler = (req, res, next) => {
    checkMount(req.baseUrl, auth.basePath)
    if (isOwn(auth, pathOf(req.originalUrl))) {
      return serve(auth, req, res, { ...viewOf(req), remoteAddress: req.ip, cors }).catch(next)
    }
    hang(req, name, sessions.mount(req, auth))
    return next()
  }
  return gateOf(sessions, auth, middleware, guard<SessionPair<M>>, guard<M['user']>, guard<never>)
}

function guard<Who>(read: Read<Request, Who>): ExpressGuard<Who> {
  return (...args: GuardArgs<ExpressHandler<Who>>): RequestHandler => {
    const { handler, refusal } = guardArgs(args)
    const run = async (req: Request, res: Response, next: NextFunction) => {
      const verdict = await read(req, refusal)
      if (!isKnown(verdict)) return refuse(res, refusalIn(verdict, refusal))
      return handler ? handler(req, res, verdict.who, next) : next()
    }
    // Express 4 does not look at promises. A failed read never reaches the handler.
    return (req, res, next) => run(req, res, next).catch(next)
  }
}

const viewOf = (req: Request) => ({ protocol: req.protocol, host: hostOf(req) })

/** Host and port, by the app's trust in proxies: `req.host` of Express 4 leaves the port out. */
function hostOf(req: Request): string | undefined {
  const trusts = req.app.get('trust proxy fn')(req.socket.remoteAddress, 0)
  const forwarded = trusts && req.get('x-forwarded-host')?.split(',')[0]?.trim()
  return forwarded || req.get('host')
}
