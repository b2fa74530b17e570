/** Keystile for Express: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each request. */
import {
  checkOptions,
  checkReached,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type GuardArgs,
  gateKinds,
  gateOf,
  isOwn,
  type Model,
  type Mountable,
  pathOf,
  type SchemeList,
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { serve, statusOf } from '@keystile/node'
import type { Application, Request, RequestHandler } from 'express'
import { django } from './django.ts'
import { type ExpressGuard, type ExpressHandler, guard } from './guard.ts'
import { host, viewOf } from './host.ts'
import { hang } from './property.ts'

export {
  type GetSession,
  type GetUser,
  type GuardOptions,
  ReadFailure,
  type RequestAuth,
  type RequestAuthOf,
} from '@keystile/core/adapter'
export type { DjangoExpress } from './django.ts'
export type { ExpressGuard, ExpressHandler } from './guard.ts'

/** `name` is that of the request's property. */
export type ExpressOptions = GateOptions

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export type ExpressAuthGuard = <const L extends SchemeList>(
  schemes: L,
  ...args: GuardArgs<ExpressHandler<FoundBy<L>>>
) => RequestHandler

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileExpress<M extends Model = Model>
  extends RequestHandler,
    Gate<Request, M, ExpressGuard<SessionPair<M>>, ExpressGuard<M['user']>, ExpressAuthGuard, Application> {}

const sessions = sessionsOf(host)

export const getSession: GetSession<Request> = sessions.getSession
export const getUser: GetUser<Request> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on all others. */
export function keystile<M extends Model>(auth: Mountable<M>, options: ExpressOptions = {}): KeystileExpress<M> {
  checkOptions<ExpressOptions>(options, gateKinds, 'keystile()')
  const { name = 'auth', cors } = options
  const open = (req: Request) => sessions.mounted(req, auth)
  const middleware: RequestHandler = (req, res, next) => {
    checkReached(req.baseUrl, auth)
    if (isOwn(auth, pathOf(req.originalUrl))) {
      return serve(auth, req, res, { ...viewOf(req), remoteAddress: req.ip, cors }).catch(next)
    }
    sessions.mount(req, auth)
    hang(req, name, open, auth)
    return next()
  }
  return gateOf(sessions, auth, middleware, guard<SessionPair<M>>, guard<M['user']>, guard<never>, statusOf)
}

/** The same for Django's sessions and users: `keystile.django(django)`. */
keystile.django = django
