/** Keystile for bare node:http, and for hosts with middleware of its shape: `gate(req, res, next)`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  checkAuth,
  type GetSession,
  type GetUser,
  type GuardOptions,
  guardArgs,
  type Host,
  internalError,
  isUnder,
  type Model,
  type Mountable,
  nameTaken,
  pathOf,
  type SessionPair,
  sessionsOf,
} from '@keystile/core/adapter'
import { headersOf, rawUrl } from './request.ts'
import { appendCookie, refuse } from './response.ts'
import { type NodeHandlerOptions, serve } from './serve.ts'

export type { GetSession, GetUser, GuardOptions, RequestAuth } from '@keystile/core/adapter'

export interface NodeOptions extends NodeHandlerOptions {
  /** The property of the request that holds the lazy session. Default: `auth`, as in `req.auth.session()`. */
  readonly name?: string | undefined
}

type Next = (error?: unknown) => unknown

/** Resolves true where the request is answered. What fails goes to `next`; without it: to `onError`, and 500. */
export type NodeMiddleware = (req: IncomingMessage, res: ServerResponse, next?: Next | undefined) => Promise<boolean>

/** A guard: middleware, or around a handler, which then gets `Who` as its third argument. */
export interface NodeGuard<Who> {
  (options?: GuardOptions | undefined): NodeMiddleware
  (
    handler: (req: IncomingMessage, res: ServerResponse, who: Who) => unknown,
    options?: GuardOptions | undefined,
  ): NodeMiddleware
}

/** The middleware of one auth instance, and what is typed by it. */
export interface KeystileNode<M extends Model = Model> extends NodeMiddleware {
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the middleware did not run. */
  readonly getSession: (req: IncomingMessage) => Promise<SessionPair<M> | null>
  readonly getUser: (req: IncomingMessage) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: NodeGuard<SessionPair<M>>
  /** The same, with the user alone for the handler. */
  readonly requireUser: NodeGuard<M['user']>
}

const host: Host<IncomingMessage> = {
  headers: headersOf,
  remoteAddress: (req) => req.socket.remoteAddress,
  // A bare request does not know its response: the middleware does.
  setCookie: () => {},
}
const sessions = sessionsOf(host)

export const getSession: GetSession<IncomingMessage> = sessions.getSession
export const getUser: GetUser<IncomingMessage> = sessions.getUser

/** The middleware: answers requests under the auth's base path, leaves a lazy session on all others. */
export function keystile<M extends Model>(auth: Mountable<M>, options: NodeOptions = {}): KeystileNode<M> {
  checkAuth(auth)
  // biome-ignore lint/suspicious/noConsole: a bare node:http server has no other place to tell
  const { name = 'auth', onError = console.error } = options

  const middleware =
    (run: (req: IncomingMessage, res: ServerResponse) => unknown): NodeMiddleware =>
    async (req, res, next) => {
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
    refuse(res, internalError)
  }

  const gate = middleware((req, res) => {
    if (isUnder(auth.basePath, pathOf(rawUrl(req)))) {
      return serve(auth, req, res, { remoteAddress: req.socket.remoteAddress, cors: options.cors })
    }
    if (Reflect.get(req, name) !== undefined) throw nameTaken(name)
    const setCookie = (_: IncomingMessage, line: string) => appendCookie(res, line)
    Reflect.set(req, name, sessions.mount(req, auth, { ...host, setCookie }))
    return pass
  })

  const guard =
    <Who>(read: (req: IncomingMessage) => Promise<Who | null>): NodeGuard<Who> =>
    (
      first?: ((req: IncomingMessage, res: ServerResponse, who: Who) => unknown) | GuardOptions,
      second?: GuardOptions,
    ) => {
      const { handler, refusal } = guardArgs(first, second)
      return middleware(async (req, res) => {
        const who = await read(req)
        if (who === null) return refuse(res, refusal)
        return handler ? void (await handler(req, res, who)) : pass
      })
    }

  const getSession = async (req: IncomingMessage) => sessions.mounted(req, auth).session()
  const getUser = async (req: IncomingMessage) => sessions.mounted(req, auth).user()
  return Object.assign(gate, { getSession, getUser, requireSession: guard(getSession), requireUser: guard(getUser) })
}

/** What a middleware answers that leaves the request to the next one. */
const pass = Symbol('pass')
