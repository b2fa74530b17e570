/** Keystile for bare node:http, https and http2, and for hosts with middleware of its shape: `gate(req, res, next)`. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import {
  checkOptions,
  type FoundBy,
  type Gate,
  type GateOptions,
  type GetSession,
  type GetUser,
  type Guard,
  type GuardArgs,
  gateKinds,
  gateOf,
  guardArgs,
  type Host,
  hang,
  isKnown,
  isOwn,
  kinds,
  type Model,
  type Mountable,
  pathOf,
  type Read,
  refusalIn,
  refusalOf,
  type SchemeList,
  type SessionPair,
  sessionsOf,
  slotOf,
} from '@keystile/core/adapter'
import { headersOf, rawUrl, urlOf } from './request.ts'
import { refuse, setHeader } from './response.ts'
import { type Incoming, type NodeHandlerOptions, type Outgoing, serve } from './serve.ts'
import { statusOf } from './status.ts'

export type { GetSession, GetUser, GuardOptions, RequestAuth, RequestAuthOf } from '@keystile/core/adapter'

/** `name` is that of the request's property. */
export interface NodeOptions extends GateOptions, NodeHandlerOptions {}

type Next = (error?: unknown) => unknown

/** Resolves true where the request is answered. What fails goes to `next`; without it: to `onError`, and 500. */
export type NodeMiddleware = (req: Incoming, res: Outgoing, next?: Next | undefined) => Promise<boolean>

/** What is guarded: a handler that gets `Who` as its third argument. */
export type GuardedHandler<Who> = (req: IncomingMessage, res: ServerResponse, who: Who) => unknown

export type NodeGuard<Who> = Guard<GuardedHandler<Who>, NodeMiddleware>

/** The same, by schemes: the handler gets `{ scheme, identity }`. */
export type NodeAuthGuard = <const L extends SchemeList>(
  schemes: L,
  ...args: GuardArgs<GuardedHandler<FoundBy<L>>>
) => NodeMiddleware

/** A server of node:http, node:https or node:http2, which whoever listens to its requests answers; or such a listener. */
type Listened = Pick<Server, 'listeners'> | RequestListener

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileNode<M extends Model = Model>
  extends NodeMiddleware,
    Gate<Incoming, M, NodeGuard<SessionPair<M>>, NodeGuard<M['user']>, NodeAuthGuard, Listened> {}

/** A bare request does not know its response: the middleware does. */
const responses = slotOf<Incoming, ServerResponse>()

const host: Host<Incoming> = {
  raw: (req) => req,
  method: (req) => req.method ?? 'GET',
  url: (req) => urlOf(req as IncomingMessage),
  headers: headersOf,
  remoteAddress: (req) => req.socket.remoteAddress,
  setHeader(req, name, value) {
    const res = responses.get(req)
    if (res) setHeader(res, name, value)
  },
}
const sessions = sessionsOf(host)

export const getSession: GetSession<Incoming> = sessions.getSession
export const getUser: GetUser<Incoming> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on all others. */
export function keystile<M extends Model>(auth: Mountable<M>, options: NodeOptions = {}): KeystileNode<M> {
  checkOptions<NodeOptions>(options, { ...gateKinds, onError: kinds.call }, 'keystile()')
  // biome-ignore lint/suspicious/noConsole: a bare node:http server has no other place to tell
  const { name = 'auth', cors, onError = console.error } = options

  const middleware =
    (run: (req: IncomingMessage, res: ServerResponse) => unknown): NodeMiddleware =>
    async (request, response, next) => {
      // The compatibility layer of HTTP/2 has all that is used of HTTP/1.
      const req = request as IncomingMessage
      const res = response as ServerResponse
      try {
        if ((await run(req, res)) !== pass) return true
      } catch (error) {
        if (next) await next(error)
        else fail(res, error)
        return true
      }
      await next?.()
      return false
    }

  const fail = (res: ServerResponse, error: unknown) => {
    onError(error)
    refuse(res, refusalOf(error))
  }

  const mount = middleware((req, res) => {
    if (isOwn(auth, pathOf(rawUrl(req)))) {
      return serve(auth, req, res, { remoteAddress: req.socket.remoteAddress, cors })
    }
    responses.set(req, res)
    hang(req, name, sessions.mount(req, auth), auth)
    return pass
  })

  const guard =
    <Who>(read: Read<Incoming, Who>): NodeGuard<Who> =>
    (...args: GuardArgs<GuardedHandler<Who>>) => {
      const { handler, refusal } = guardArgs(args)
      return middleware(async (req, res) => {
        const verdict = await read(req, refusal)
        if (!isKnown(verdict)) return refuse(res, refusalIn(verdict, refusal))
        return handler ? void (await handler(req, res, verdict.who)) : pass
      })
    }

  return gateOf(sessions, auth, mount, guard<SessionPair<M>>, guard<M['user']>, guard<never>, send)
}

function send(app: Listened, url: URL, signal: AbortSignal): Promise<number | undefined> {
  const listeners = typeof app === 'function' ? [app] : app.listeners('request')
  if (listeners.length === 0) return Promise.resolve(undefined)
  return statusOf((req, res) => Promise.all(listeners.map((listen) => listen.call(app, req, res))), url, signal)
}

/** What a middleware answers that leaves the request to the next one. */
const pass = Symbol('pass')
