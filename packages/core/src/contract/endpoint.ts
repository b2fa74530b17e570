/**
 * An endpoint is one value with five uses: the route, the validation, the typed server call, the access rule with its
 * rate limit, and the OpenAPI operation.
 */
import type * as v from 'valibot'
import type { CookieName } from '../domain/cookies.ts'
import type { Domain } from '../domain/domain.ts'
import type { CurrentSession, Exchange } from '../domain/exchange.ts'
import type { ErrorCode } from '../lib/errors.ts'
import type { HttpMethod } from './method.ts'
import type { FillReply, Model } from './model.ts'

/**
 * Who may call: anyone; a signed-in user (a cached session will do); a session read from the store; one younger than
 * `session.freshAge`; or the server alone.
 */
export type Access = 'public' | 'session' | 'sensitive' | 'fresh' | 'server'

type Schema = v.GenericSchema
type OpenTo = 'create' | 'update'

/** The signed-in caller, or `null` where the access rule lets anyone in. */
export type SessionFor<A extends Access> = A extends 'session' | 'sensitive' | 'fresh' ? CurrentSession : null

/** What a handler is given. */
export interface EndpointContext<Body = unknown, Query = unknown, Session = CurrentSession | null> {
  readonly body: Body
  readonly query: Query
  readonly params: Readonly<Record<string, string>>
  readonly session: Session
  readonly exchange: Exchange
  readonly domain: Domain
}

export interface Declaration<
  A extends Access = Access,
  B extends Schema | undefined = Schema | undefined,
  Q extends Schema | undefined = Schema | undefined,
  R extends Schema = Schema,
  Open extends OpenTo | undefined = OpenTo | undefined,
> {
  readonly method: HttpMethod | readonly HttpMethod[]
  /** Relative to the base path, `:name` for one segment. `server` endpoints have none. */
  readonly path?: string | undefined
  readonly access: A
  readonly summary: string
  readonly body?: B
  /** What the protocol calls the body where it is none: `object` unless said. */
  readonly bodyIs?: readonly ('object' | 'record')[] | undefined
  readonly query?: Q
  readonly reply: R
  readonly errors?: readonly ErrorCode[] | undefined
  /** Answers beside the reply, with a word on each, for the document. */
  readonly answers?: { readonly [status: number]: string } | undefined
  /** The reply's type, for the document. Default `application/json`. */
  readonly replyMedia?: string | undefined
  /** Cookies that the answer may set, by logical name, for the document. */
  readonly setsCookies?: readonly CookieName[] | undefined
  /** Other headers that the answer may have, by name, with a word on each, for the document. */
  readonly setsHeaders?: { readonly [name: string]: string } | undefined
  /** Body types taken beside JSON. */
  readonly media?: readonly string[] | undefined
  /** A page's own form may post here without a cookie, so cross-site navigation is refused. */
  readonly csrf?: 'form' | undefined
  /** The answer carries a token: no cache may keep it. */
  readonly noStore?: boolean | undefined
  /** A server call without headers is an error. */
  readonly requireHeaders?: boolean | undefined
  /** Takes the app's additional user fields beside its own, as a new user's or as a change. */
  readonly open?: Open
}

/**
 * A declared endpoint. Its types are flat and named: `I` what a server call takes, `O` what it gives, with holes where
 * the app's own rows go.
 */
export interface Endpoint<I = unknown, O = unknown> extends Declaration {
  readonly '~input': I
  readonly '~output': O
  readonly handle: (context: EndpointContext<never, never, never>) => unknown
}

export type Endpoints = { readonly [name: string]: Endpoint }

type In<S> = S extends Schema ? v.InferInput<S> : undefined
type Out<S> = S extends Schema ? v.InferOutput<S> : undefined

/** Keys that may be left out where every value may be. */
type Part<K extends string, T> = T extends undefined
  ? { readonly [P in K]?: undefined }
  : object extends T
    ? { readonly [P in K]?: T | undefined }
    : { readonly [P in K]: T }

type OpenBody<Open> = Open extends OpenTo ? { readonly '~open': Open } : unknown

/** What a server call of an endpoint takes. */
export type InputOf<B, Q, Open> = Part<'body', In<B>> & Part<'query', In<Q>> & OpenBody<Open>

/** What the handler of an endpoint is given as its body: where it is open, all that was sent. */
type BodyOf<B, Open> = Open extends OpenTo ? Out<B> & Readonly<Record<string, unknown>> : Out<B>

/** Declares an endpoint of the core or a plugin. Its input is mapped where it is said, so that declarations print plain objects. */
export function endpoint<
  const A extends Access,
  R extends Schema,
  B extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  Open extends OpenTo | undefined = undefined,
>(
  declaration: Declaration<A, B, Q, R, Open>,
  handle: (
    context: EndpointContext<BodyOf<B, Open>, Out<Q>, SessionFor<A>>,
  ) => FillReply<v.InferOutput<R>, Model> | Promise<FillReply<v.InferOutput<R>, Model>>,
): Endpoint<{ [K in keyof InputOf<B, Q, Open>]: InputOf<B, Q, Open>[K] }, v.InferOutput<R>>
export function endpoint(declaration: object, handle: (context: never) => unknown): unknown {
  return { ...declaration, handle }
}
