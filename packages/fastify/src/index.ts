/** Keystile for Fastify: `app.register(keystile(auth))` mounts the handler and puts a lazy session on each request. */
import {
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
  type SessionPair,
  sessionsOf,
  staticPrefix,
} from '@keystile/core/adapter'
import { type Answer, ask, headersOf } from '@keystile/node'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preParsingHookHandler,
} from 'fastify'

export type { GetSession, GetUser, GuardOptions, RequestAuth } from '@keystile/core/adapter'

export interface FastifyOptions {
  /** The request decorator that holds the lazy session. Default: `auth`, as in `request.auth.session()`. */
  readonly name?: string | undefined
  /** Answer preflights, and let `trustedOrigins` read the auth's answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
}

/** A guard: an `onRequest` or `preHandler` hook, or around a route's handler, which then gets `Who` as its third argument. */
export interface FastifyGuard<Who> {
  (options?: GuardOptions | undefined): onRequestHookHandler
  <R extends FastifyRequest>(
    handler: (request: R, reply: FastifyReply, who: Who) => unknown,
    options?: GuardOptions | undefined,
  ): (request: R, reply: FastifyReply) => Promise<unknown>
}

/** The plugin of one auth instance, and what is typed by it. */
export interface KeystileFastify<M extends Model = Model> {
  (app: FastifyInstance, options: { readonly prefix?: string | undefined }): Promise<void>
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the plugin's hook did not run. */
  readonly getSession: (request: FastifyRequest) => Promise<SessionPair<M> | null>
  readonly getUser: (request: FastifyRequest) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: FastifyGuard<SessionPair<M>>
  /** The same, with the user alone for the handler. */
  readonly requireUser: FastifyGuard<M['user']>
}

const host: Host<FastifyRequest> = {
  headers: (request) => headersOf(request.raw),
  remoteAddress: (request) => request.ip,
  // A request does not know its reply: the plugin's hook does.
  setCookie: () => {},
}
const sessions = sessionsOf(host)

export const getSession: GetSession<FastifyRequest> = sessions.getSession
export const getUser: GetUser<FastifyRequest> = sessions.getUser

/**
 * The plugin: routes under the auth's base path, and a lazy session on all requests of the instance it is registered
 * on. The routes are in a context of their own, where no parser, validation or `preHandler` of the host takes part.
 */
export function keystile<M extends Model>(auth: Mountable<M>, options: FastifyOptions = {}): KeystileFastify<M> {
  checkAuth(auth)
  const { name = 'auth', cors = false } = options

  const gate = async (app: FastifyInstance, { prefix = '' }: { readonly prefix?: string | undefined }) => {
    checkMount(staticPrefix(app.prefix + prefix), auth.basePath)
    if (app.hasRequestDecorator(name)) throw nameTaken(name)
    app.decorateRequest(name, { getter: lazy })
    app.addHook('onRequest', (request, reply, done) => {
      const setCookie = (_: FastifyRequest, line: string) => void reply.header('set-cookie', line)
      sessions.mount(request, auth, { ...host, setCookie })
      done()
    })
    app.register(async (own) => {
      for (const url of routesOf(app.prefix, prefix, auth.basePath)) {
        own.all(url, { preParsing: answer }, (_request, reply) => reply.callNotFound())
      }
    })
  }

  function lazy(this: FastifyRequest) {
    return sessions.mounted(this, auth)
  }

  // Answers before the body is parsed. `done` is for what is not answered: calling it goes on to the parsers.
  const answer: preParsingHookHandler = (request, reply, payload, done) => {
    if (!isUnder(auth.basePath, pathOf(request.url))) return done()
    const { protocol, host, ip, url, raw } = request
    const allow = cors && !reply.hasHeader('access-control-allow-origin')
    ask(auth, raw, reply.raw, { protocol, host, remoteAddress: ip, cors: allow, url, payload })
      .then((answer) => answer && write(reply, answer))
      .catch(done)
  }

  const getSession = async (request: FastifyRequest) => sessions.mounted(request, auth).session()
  const getUser = async (request: FastifyRequest) => sessions.mounted(request, auth).user()
  return Object.assign(gate, {
    // What fastify-plugin sets: hook and decorator are for the instance that registers the plugin.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@keystile/fastify',
    [Symbol.for('plugin-meta')]: { name: '@keystile/fastify', fastify: '5.x' },
    getSession,
    getUser,
    requireSession: guard(getSession),
    requireUser: guard(getUser),
  })
}

/** The routes of the base path, or of a prefix deeper than it, as an instance mounted at `scope` writes them. */
function routesOf(scope: string, prefix: string, basePath: string): string[] {
  const [base, whole] = [scope, scope + prefix].map((path) => path.replace(/\/$/, '')) as [string, string]
  const top = isUnder(whole, basePath) ? basePath : whole
  return top === '' ? ['/*'] : [top.slice(base.length), `${top.slice(base.length)}/*`]
}

function write(reply: FastifyReply, { status, statusText, headers, content }: Answer): void {
  if (statusText && reply.request.raw.httpVersionMajor < 2) reply.raw.statusMessage = statusText
  for (const [name, value] of headers) {
    reply.header(name, name === 'vary' ? joinVary(reply.getHeader(name)?.toString(), value) : value)
  }
  reply.code(status).send(content ?? undefined)
}

const refuse = (reply: FastifyReply, { status, headers, body }: Refusal) =>
  reply.code(status).headers(headers).send(body)

function guard<Who>(read: (request: FastifyRequest) => Promise<Who | null>): FastifyGuard<Who> {
  type Handler = (request: FastifyRequest, reply: FastifyReply, who: Who) => unknown
  const make = (first?: Handler | GuardOptions, second?: GuardOptions) => {
    const { handler, refusal } = guardArgs(first, second)
    const route = async function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
      const who = await read(request)
      return who === null ? refuse(reply, refusal) : handler?.call(this, request, reply, who)
    }
    // Refused, `done` is never called: no route is reached, however long the host's onSend hooks take.
    const hook: onRequestHookHandler = (request, reply, done) => {
      read(request).then((who) => void (who === null ? refuse(reply, refusal) : done()), done)
    }
    return handler ? route : hook
  }
  return make as FastifyGuard<Who>
}
