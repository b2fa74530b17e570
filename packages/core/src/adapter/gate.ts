/** What the gates of all frameworks have in common: how they are set up, and the ways to ask them. */
import type { Mountable } from '../contract/auth.ts'
import type { SchemeList } from '../contract/levels.ts'
import type { Model, SessionPair } from '../contract/model.ts'
import { callerReader } from './caller.ts'
import type { Read } from './guard.ts'
import { checkAuth } from './mount.ts'
import { readyOf, type Sends } from './ready.ts'
import type { Sessions } from './sessions.ts'

export interface GateOptions<Name extends string = string> {
  /** The name of the lazy session. Default: `auth`, as in `req.auth`, `request.auth`, `ctx.state.auth`, `c.var.auth`. */
  readonly name?: Name | undefined
  /** Answer preflights, and let `trustedOrigins` read the auth's answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
}

/** The ways to ask the gate of one auth instance. `C` is the native request or context. */
export interface Gate<
  C extends object,
  M extends Model,
  SessionGuard,
  UserGuard,
  AuthGuard,
  App extends object = object,
> {
  /** The session and its user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the gate did not run. */
  readonly getSession: (ctx: C) => Promise<SessionPair<M> | null>
  /** The user, or null. Throws `KEYSTILE_NOT_MOUNTED` where the gate did not run. */
  readonly getUser: (ctx: C) => Promise<M['user'] | null>
  /** 401 (or a redirect) without a session; the handler is not called then, nor when the read fails. */
  readonly requireSession: SessionGuard
  /** The same, with the user alone for the handler. */
  readonly requireUser: UserGuard
  /**
   * 401 or 403 unless a scheme knows the caller: the first of the list that does tells the handler `{ scheme, identity }`,
   * as `requestAuth` does anybody. Throws a ConfigError, at once, where a scheme lacks what it needs.
   */
  readonly requireAuth: AuthGuard
  /**
   * Rejects, before the server listens, with a ConfigError of all that would show with a request only: the database, a
   * table, a cookie domain; with the app, which is asked for the auth's `/ok` once, also `KEYSTILE_WRONG_MOUNT`.
   */
  readonly ready: (app?: App | undefined) => Promise<void>
}

/**
 * Makes a framework's middleware a gate, with guards made of what they ask. `AuthGuard` is the type that the framework
 * gives the last of them. Throws `KEYSTILE_NO_AUTH`.
 */
export function gateOf<
  C extends object,
  M extends Model,
  Middleware extends object,
  SessionGuard,
  UserGuard,
  AuthGuard,
  App extends object,
>(
  sessions: Sessions<C>,
  auth: Mountable<M>,
  middleware: Middleware,
  sessionGuard: (read: Read<C, SessionPair<M>>) => SessionGuard,
  userGuard: (read: Read<C, M['user']>) => UserGuard,
  callerGuard: (read: Read<C, never>) => (...args: never) => unknown,
  send?: Sends<App> | undefined,
): Middleware & Gate<C, M, SessionGuard, UserGuard, AuthGuard, App> {
  checkAuth(auth)
  // A guard is around handlers of any caller here: `AuthGuard` holds each to those that its schemes find.
  const requireAuth = (schemes: SchemeList, ...args: never) =>
    callerGuard(callerReader(sessions, auth, schemes) as Read<C, never>)(...args)
  return Object.assign(middleware, {
    getSession: async (ctx: C) => sessions.read(ctx, auth),
    getUser: async (ctx: C) => (await sessions.read(ctx, auth))?.user ?? null,
    requireSession: sessionGuard(async (ctx, unknown) => {
      const pair = await sessions.read(ctx, auth)
      // Both are asked for: what an auth of another version says in another way opens nothing.
      return pair?.session && pair.user ? { who: pair } : { refusal: unknown }
    }),
    requireUser: userGuard(async (ctx, unknown) => {
      const user = (await sessions.read(ctx, auth))?.user
      return user ? { who: user } : { refusal: unknown }
    }),
    requireAuth: requireAuth as AuthGuard,
    ready: readyOf(auth, send),
  })
}
