/** An app's own endpoint: the same value as the core's, guarded by schemes, validated by any Standard Schema library. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Exchange } from '../domain/exchange.ts'
import type { ErrorCode } from '../lib/errors.ts'
import type { FoundBy, Identified, LevelAuth, Only, SchemeList } from './levels.ts'
import type { HttpMethod } from './method.ts'
import type { SchemeApp } from './scheme.ts'

type Schema = StandardSchemaV1

/** How often one client may ask. */
export interface Throttle {
  /** Seconds. */
  readonly window: number
  readonly max: number
  /** Counted before the caller is identified, so that guesses count too. Default `false`: after. */
  readonly beforeAuth?: boolean | undefined
}

export interface OwnDeclaration<
  L extends LevelAuth | undefined = LevelAuth | undefined,
  B extends Schema | undefined = Schema | undefined,
  Q extends Schema | undefined = Schema | undefined,
  P extends Schema | undefined = Schema | undefined,
  H extends Schema | undefined = Schema | undefined,
  C extends Schema | undefined = Schema | undefined,
  R extends Schema | undefined = Schema | undefined,
> {
  readonly method: HttpMethod
  /** Below the controller's path, `:name` for one segment. Default: the controller's path itself. */
  readonly path?: string | undefined
  /** An access rule is for endpoints of plugins. */
  readonly access?: undefined
  /** Schemes added to those of the levels around; `only([…])` in their place; `null`: open to all. */
  readonly auth?: L
  readonly body?: B
  readonly query?: Q
  readonly params?: P
  /** Header names in lower case. */
  readonly headers?: H
  readonly cookies?: C
  /** What the handler answers with; checked while developing. */
  readonly reply?: R
  /** Status of the answer. Default 201 for POST, 204 for nothing, else 200. */
  readonly status?: number | undefined
  /** Refusals of the handler's own, for the document. */
  readonly errors?: readonly ErrorCode[] | undefined
  /** Answers beside the reply and the refusals, with a word on each, for the document. */
  readonly answers?: { readonly [status: number]: string } | undefined
  /** Of an answer that the handler makes itself, as a `Response`. Default `application/json`. */
  readonly replyMedia?: string | undefined
  /** Body types taken beside JSON. */
  readonly media?: readonly 'application/x-www-form-urlencoded'[] | undefined
  /** Needs no cookie to be dangerous, as a login does: what comes from a page must come from a trusted origin. */
  readonly csrf?: 'form' | undefined
  readonly throttle?: Throttle | undefined
  /** The answer carries something secret: no cache may keep it. */
  readonly noStore?: boolean | undefined
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly deprecated?: boolean | undefined
  /** Default: made of the controller's path and the endpoint's name. */
  readonly operationId?: string | undefined
  readonly examples?: { readonly body?: unknown; readonly reply?: unknown } | undefined
  /** Cookies that the answer sets, by name, with a word on each, for the document. */
  readonly setsCookies?: { readonly [name: string]: string } | undefined
  /** Other headers that the answer may have, by name, with a word on each, for the document. */
  readonly setsHeaders?: { readonly [name: string]: string } | undefined
}

type Out<S> = S extends Schema ? NonNullable<S['~standard']['types']>['output'] : undefined
type Given<S, Without> = S extends Schema ? NonNullable<S['~standard']['types']>['output'] : Without

/** A level that says nothing leaves it to those around, which the endpoint does not know. */
type Listed<L extends SchemeList> = [L] extends [readonly []] ? Identified | undefined : FoundBy<L>

/** Whom a handler may meet. */
export type Caller<L> = [L] extends [SchemeList]
  ? Listed<L>
  : [L] extends [null]
    ? undefined
    : [L] extends [Only<infer S>]
      ? FoundBy<S>
      : Identified | undefined

/** Whom outer levels may add: anybody, where nothing further out counts. */
export type Accepted<L> = [L] extends [SchemeList] ? Listed<L> : Identified | undefined

export interface OwnContext<
  Who = Identified | undefined,
  B = unknown,
  Q = unknown,
  P = unknown,
  H = unknown,
  C = unknown,
> {
  readonly body: B
  readonly query: Q
  readonly params: P
  readonly headers: H
  readonly cookies: C
  /** The caller, and the scheme that told; undefined on an open endpoint. */
  readonly auth: Who
  readonly request: Request
  /** What came and what is to go out: cookies, headers, the status. */
  readonly exchange: Exchange
}

/** What can meet callers `Who`: levels around it may bring these. */
export interface Meets<Who> {
  /** Types only, never there. */
  readonly '~accepts': (who: Who) => void
}

/** `Who`: callers that its handler can meet. */
export interface OwnEndpoint<Who = never> extends OwnDeclaration, Meets<Who> {
  readonly handle: (context: never) => unknown
  /**
   * What of it is known once it serves an app, where it needs the app's rules: its handler, names of cookies.
   * @throws ConfigError for what it lacks.
   */
  readonly bind?: ((app: SchemeApp) => Partial<OwnEndpoint>) | undefined
}

/** What a handler is given. As members of an interface: compilers work out those that it asks for. */
export interface ContextOf<L, B, Q, P, H, C> extends Pick<OwnContext, 'request' | 'exchange'> {
  readonly body: Out<B>
  readonly query: Given<Q, Readonly<Record<string, string | string[]>>>
  readonly params: Given<P, Readonly<Record<string, string>>>
  readonly headers: Out<H>
  readonly cookies: Out<C>
  readonly auth: Caller<L>
}

export type ReplyTo<R> = R extends Schema ? NonNullable<R['~standard']['types']>['input'] | Response : unknown

/**
 * Declares an endpoint of the app's own: the same value as the auth's, guarded by schemes in place of an access rule. A
 * function of its own, so that a compiler has one thing to say about a mistake.
 */
export function endpoint<
  const L extends LevelAuth | undefined = undefined,
  B extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  P extends Schema | undefined = undefined,
  H extends Schema | undefined = undefined,
  C extends Schema | undefined = undefined,
  R extends Schema | undefined = undefined,
>(
  declaration: OwnDeclaration<L, B, Q, P, H, C, R>,
  handle: (context: ContextOf<L, B, Q, P, H, C>) => ReplyTo<R> | Promise<ReplyTo<R>>,
): OwnEndpoint<Accepted<L>>
export function endpoint(declaration: object, handle: (context: never) => unknown): unknown {
  return { ...declaration, handle }
}
