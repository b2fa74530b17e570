/** Keystile for Fastify: `app.register(keystile(auth))` mounts the handler and puts a lazy session on each request. */
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
  type Model,
  type Mountable,
  nameTaken,
  type Read,
  refusalIn,
  type SchemeList,
  type SessionPair,
  sessionsOf,
  staticPrefix,
  type Verdict,
} from '@keystile/core/adapter'
import { headersOf, urlOf } from '@keystile/node'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { refuse, setHeader } from './reply.ts'
import { addRoutes } from './routes.ts'

export type { GetSession, GetUser, GuardOptions, RequestAuth, RequestAuthOf } from '@keystile/core/adapter'

/** `name` is that of the request's decorator. */
export type FastifyOptions = GateOptions

/** A guard: an `onRequest` or `preHandler` hook, or around a route's handler, which then gets `Who` as its third argument. */
export interface FastifyGuard<Who> {
  (options?: GuardOptions | undefined): onRequestHookHandler
  <R extends FastifyRequest>(
    handler: (request: R, reply: FastifyReply, who: Who) => unknown,
    options?: GuardOptions | undefined,
  ): (request: R, reply: FastifyReply) => Promise<unknown>
}

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

const host: Host<FastifyRequest> = {
  raw: (request) => request.raw,
  method: (request) => request.method,
  url: ({ raw, protocol, host, url }) => urlOf(raw, { protocol, host, url }),
  headers: (request) => headersOf(request.raw),
  remoteAddress: (request) => request.ip,
  // A request does not know its reply: the plugin's hook does.
  setHeader: () => {},
}
const sessions = sessionsOf(host)

export const getSession: GetSession<FastifyRequest> = sessions.getSession
export const getUser: GetUser<FastifyRequest> = sessions.getUser

/** The plugin: routes under the auth's base path, and a lazy session on all requests of the instance that registers it. */
export function keystile<M extends Model>(auth: Mountable<M>, options: FastifyOptions = {}): KeystileFastify<M> {
  const { name = 'auth', cors = false } = options
  const plugin: FastifyMount = async (app, { prefix = '' }) => {
    checkMount(staticPrefix(app.prefix + prefix), auth.basePath)
    if (app.hasRequestDecorator(name)) throw nameTaken(name)
    app.decorateRequest(name, { getter: lazy })
    app.addHook('onRequest', (request, reply, done) => {
      const toReply = (_: FastifyRequest, name: string, value: string) => setHeader(reply, name, value)
      sessions.mount(request, auth, { ...host, setHeader: toReply })
      done()
    })
    addRoutes(app, prefix, auth, cors)
  }

  function lazy(this: FastifyRequest) {
    return sessions.mounted(this, auth)
  }

  const gate: KeystileFastify<M> = gateOf(sessions, auth, plugin, guard<SessionPair<M>>, guard<M['user']>, guard<never>)
  // What fastify-plugin sets: hook and decorator are for the instance that registers the plugin.
  return Object.assign(gate, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@keystile/fastify',
    [Symbol.for('plugin-meta')]: { name: '@keystile/fastify', fastify: '5.x' },
  })
}

function guard<Who>(read: Read<FastifyRequest, Who>): FastifyGuard<Who> {
  type Handler = (request: FastifyRequest, reply: FastifyReply, who: Who) => unknown
  const make = (...args: GuardArgs<Handler>) => {
    const { handler, refusal } = guardArgs(args)
    const route = async function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
      const verdict = await read(request, refusal)
      if (!isKnown(verdict)) return refuse(reply, refusalIn(verdict, refusal))
      return handler?.call(this, request, reply, verdict.who)
    }
    // Refused, `done` is never called: no route is reached, however long the host's onSend hooks take.
    const hook: onRequestHookHandler = (request, reply, done) => {
      const decide = (verdict: Verdict<Who>) =>
        void (isKnown(verdict) ? done() : refuse(reply, refusalIn(verdict, refusal)))
      read(request, refusal).then(decide, done)
    }
    return handler ? route : hook
  }
  return make as FastifyGuard<Who>
}
