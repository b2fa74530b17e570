/** Keystile for Fastify: `app.register(keystile(auth))` mounts the handler and puts a lazy session on each request. */
import {
  checkMount,
  checkOptions,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type GuardOptions,
  gateKinds,
  gateOf,
  type Model,
  type Mountable,
  nameTaken,
  type SchemeList,
  type SessionPair,
  sessionsOf,
  staticPrefix,
} from '@keystile/core/adapter'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { django } from './django.ts'
import { type FastifyGuard, guard } from './guard.ts'
import { host, replies } from './host.ts'
import { asPlugin } from './plugin.ts'
import { addRoutes } from './routes.ts'

export {
  type GetSession,
  type GetUser,
  type GuardOptions,
  ReadFailure,
  type RequestAuth,
  type RequestAuthOf,
} from '@keystile/core/adapter'
export type { DjangoFastify } from './django.ts'
export type { FastifyGuard } from './guard.ts'

/** `name` is that of the request's decorator. */
export type FastifyOptions = GateOptions

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export interface FastifyAuthGuard {
  (schemes: SchemeList, options?: GuardOptions | undefined): onRequestHookHandler
  <const L extends SchemeList, R extends FastifyRequest>(
    schemes: L,
    handler: (request: R, reply: FastifyReply, who: FoundBy<L>) => unknown,
    options?: GuardOptions | undefined,
  ): (request: R, reply: FastifyReply) => Promise<unknown>
}

/** A plugin as Fastify calls it. */
export type FastifyMount = (app: FastifyInstance, options: { readonly prefix?: string | undefined }) => Promise<void>

/** The plugin of one auth instance, and what is typed by it. */
export interface KeystileFastify<M extends Model = Model>
  extends FastifyMount,
    Gate<FastifyRequest, M, FastifyGuard<SessionPair<M>>, FastifyGuard<M['user']>, FastifyAuthGuard> {}

const sessions = sessionsOf(host)

export const getSession: GetSession<FastifyRequest> = sessions.getSession
export const getUser: GetUser<FastifyRequest> = sessions.getUser

/** The plugin: routes under the auth's base path, and a lazy session on all requests of the instance that registers it. */
export function keystile<M extends Model>(auth: Mountable<M>, options: FastifyOptions = {}): KeystileFastify<M> {
  checkOptions<FastifyOptions>(options, gateKinds, 'keystile()')
  const { name = 'auth', cors = false } = options
  const plugin: FastifyMount = async (app, { prefix = '' }) => {
    checkMount(staticPrefix(app.prefix + prefix), auth)
    if (app.hasRequestDecorator(name)) throw nameTaken(name)
    app.decorateRequest(name, { getter: lazy })
    app.addHook('onRequest', (request, reply, done) => {
      replies.set(request, reply)
      sessions.mount(request, auth)
      done()
    })
    addRoutes(app, prefix, auth, cors)
    // Fastify's start waits for its plugins: it ends here where the database or a cookie domain will not do.
    await auth.ready?.()
  }

  function lazy(this: FastifyRequest) {
    return sessions.mounted(this, auth)
  }

  const gate: KeystileFastify<M> = gateOf(sessions, auth, plugin, guard<SessionPair<M>>, guard<M['user']>, guard<never>)
  return asPlugin(gate)
}

/** The same for Django's sessions and users: `keystile.django(django)`. */
keystile.django = django
