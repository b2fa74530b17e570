/** Keystile for Koa: `app.use(keystile(auth))` mounts the handler and puts a lazy session on each context's state. */
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
  hang,
  isOwn,
  type Model,
  type Mountable,
  pathOf,
  type RequestAuth,
  type SchemeList,
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { ask, statusOf } from '@keystile/node'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import { django } from './django.ts'
import { guard, type KoaGuard, type KoaHandler, type KoaMiddleware } from './guard.ts'
import { host, viewOf } from './host.ts'
import { write } from './response.ts'

export {
  type GetSession,
  type GetUser,
  type GuardOptions,
  ReadFailure,
  type RequestAuth,
  type RequestAuthOf,
} from '@keystile/core/adapter'
export type { DjangoKoa } from './django.ts'
export type { KoaGuard, KoaHandler, KoaMiddleware } from './guard.ts'

/** `name` is that of the property of `ctx.state`. */
export type KoaOptions<Name extends string = 'auth'> = GateOptions<Name>

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export type KoaAuthGuard = <const L extends SchemeList>(
  schemes: L,
  ...args: GuardArgs<KoaHandler<FoundBy<L>>>
) => KoaMiddleware

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileKoa<M extends Model = Model, Name extends string = 'auth'>
  extends Middleware<Record<Name, RequestAuth<M>>>,
    Gate<Context, M, KoaGuard<SessionPair<M>>, KoaGuard<M['user']>, KoaAuthGuard, Pick<Koa, 'callback'>> {}

const sessions = sessionsOf(host)

export const getSession: GetSession<Context> = sessions.getSession
export const getUser: GetUser<Context> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on the state of all others. */
export function keystile<M extends Model, const Name extends string = 'auth'>(
  auth: Mountable<M>,
  options: KoaOptions<Name> = {},
): KeystileKoa<M, Name> {
  checkOptions<KoaOptions<string>>(options, gateKinds, 'keystile()')
  const { name = 'auth', cors } = options
  const middleware: KoaMiddleware = async (ctx, next) => {
    checkReached(mountOf(ctx), auth)
    if (isOwn(auth, pathOf(ctx.originalUrl))) {
      const { body, rawBody } = ctx.request as { body?: unknown; rawBody?: unknown }
      const from = { ...viewOf(ctx), remoteAddress: ctx.ip, cors, body, rawBody }
      const answer = await ask(auth, ctx.req, ctx.res, from)
      return answer && write(ctx, answer)
    }
    hang(ctx.state, name, sessions.mount(ctx, auth), auth)
    return next()
  }
  return gateOf(sessions, auth, middleware, guard<SessionPair<M>>, guard<M['user']>, guard<never>, send)
}

const send = (app: Pick<Koa, 'callback'>, url: URL, signal: AbortSignal) => statusOf(app.callback(), url, signal)

/** What koa-mount has taken off the path. */
function mountOf({ mountPath, originalUrl, path }: Context): string {
  const original = pathOf(originalUrl)
  return mountPath && original.endsWith(path) ? original.slice(0, -path.length) : ''
}

/** The same for Django's sessions and users: `keystile.django(django)`. */
keystile.django = django
