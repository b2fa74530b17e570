/** What `createAuth` gives, in types that cost little and print as names. */
import type { HeaderSource } from '../domain/exchange.ts'
import type { ErrorCode } from '../lib/errors.ts'
import type { Fields } from '../store/table.ts'
import type { ClientOptions } from './client.ts'
import type { Endpoint, Endpoints } from './endpoint.ts'
import type { DomainOf } from './hook.ts'
import type { FillInput, FillReply, HasModel, InputModel, Model, SessionPair } from './model.ts'
import type { AnyPlugin } from './plugin.ts'
import type { AddedFields, AppTypes, Nothing } from './rows.ts'

/** What every server call takes beside its own input. */
export interface Carry<AsResponse = boolean, Headed = boolean, Stated = boolean> {
  readonly headers?: HeadersInit | undefined
  /** Given, the call answers with a `Response`, errors too. */
  readonly request?: Request | undefined
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly asResponse?: AsResponse | undefined
  readonly returnHeaders?: Headed | undefined
  readonly returnStatus?: Stated | undefined
}

/** What a call answers, by what was asked for beside the reply. */
type Answer<O, AsResponse, Headed, Stated> = AsResponse extends true
  ? Response
  : Headed extends true
    ? Stated extends true
      ? { headers: Headers; response: O; status: number | undefined }
      : { headers: Headers; response: O }
    : Stated extends true
      ? { response: O; status: number | undefined }
      : O

/** A server call of an endpoint. Throws `APIError` where the endpoint refuses. */
export type Call<I, O> = <
  AsResponse extends boolean = false,
  Headed extends boolean = false,
  Stated extends boolean = false,
>(
  input: I & Carry<AsResponse, Headed, Stated>,
) => Promise<Answer<O, AsResponse, Headed, Stated>>

/** A call whose every input may be left out. */
export type OptionalCall<I, O> = <
  AsResponse extends boolean = false,
  Headed extends boolean = false,
  Stated extends boolean = false,
>(
  input?: I & Carry<AsResponse, Headed, Stated>,
) => Promise<Answer<O, AsResponse, Headed, Stated>>

type CallOf<I, O> = object extends I ? OptionalCall<I, O> : Call<I, O>

/** The server calls of a set of endpoints, filled with the app's rows. */
export type Api<E, M extends InputModel> = {
  readonly [K in keyof E]: E[K] extends Endpoint<infer I, infer O> ? CallOf<FillInput<I, M>, FillReply<O, M>> : never
}

/** The endpoints of a plugin, under the name of their type where it has one: a plugin written in place has none. */
type EndpointsOf<P extends AnyPlugin> = NonNullable<P['~endpoints' extends keyof P ? '~endpoints' : 'endpoints']>

/** The endpoints of all plugins. */
export type FoldEndpoints<P extends readonly AnyPlugin[], A = Nothing> = P extends readonly [
  infer H extends AnyPlugin,
  ...infer T extends readonly AnyPlugin[],
]
  ? FoldEndpoints<T, A & (Endpoints extends EndpointsOf<H> ? Nothing : EndpointsOf<H>)>
  : A

/** What a host knows and wants of a request. */
export interface RequestInfo {
  /** The address of the peer. */
  readonly remoteAddress?: string | undefined
  /** Answer preflights, and let trusted origins read the answer. */
  readonly cors?: boolean | undefined
}

/** What a read of a session gives an adapter: the pair, and the cookies it wants set on the host's own response. */
export interface SessionRead<M extends Model = Model> {
  readonly pair: SessionPair<M> | null
  readonly setCookies: readonly string[]
}

/** What an adapter needs of an auth instance. */
export interface Mountable<M extends Model = Model> extends HasModel<M> {
  /** `/api/auth` unless set; empty at the root. */
  readonly basePath: string
  readonly handler: (request: Request, info?: RequestInfo | undefined) => Promise<Response>
  readonly readSession: (headers: HeaderSource, info?: RequestInfo | undefined) => Promise<SessionRead<M>>
  /** Whether a raw path is answered here, whatever its method. Left out: all below the base path is. */
  readonly owns?: ((path: string) => boolean) | undefined
  /** Rejects with what is wrong that only the start can tell: hosts whose start waits for promises wait for this one. */
  readonly ready?: (() => Promise<void>) | undefined
  /** All that `owns` may have, for hosts whose router must know: `:name` is one segment, a last `/*` all below. */
  readonly paths?: readonly string[] | undefined
}

/** An auth instance: `P` its plugins, `U` and `S` the fields the app adds to user and session. */
export interface AuthInstance<
  E,
  P extends readonly AnyPlugin[] = readonly [],
  U extends Fields = Nothing,
  S extends Fields = Nothing,
> extends Mountable<AppTypes<P, U, S>['model']> {
  /** The same as `handler`, for runtimes that mount an object with `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Server calls, under the protocol's names. */
  readonly api: Api<E & FoldEndpoints<P>, AppTypes<P, U, S>['calls']>
  /** The session and user of a request, or `null`. It extends nothing: the cookie would go nowhere. */
  getSession(from: Request | HeaderSource): Promise<AppTypes<P, U, S>['model'] | null>
  /** The options as given; their types are those that the protocol's own client reads. */
  readonly options: ClientOptions<AddedFields<P, 'user', U>, AddedFields<P, 'session', S>>
  /** Types only, never there: that client takes for options whatever fits them, and must look into `options` instead. */
  readonly telemetry?: false
  /**
   * Opens the database and checks what `createAuth` could not: call it at start. Rejects with a ConfigError of all that
   * is wrong, for a database that cannot be reached, a table or a column that is missing, a cookie domain that will not do.
   */
  readonly ready: () => Promise<void>
  /** The rules behind the endpoints, once `ready` has found nothing wrong; else it rejects as that does. */
  readonly $context: Promise<DomainOf<AppTypes<P, U, S>['rows']>>
  readonly $ERROR_CODES: { readonly [code: string]: ErrorCode }
  readonly $Infer: { Session: AppTypes<P, U, S>['model'] }
  /** Resolves when no mail, hash or hook is under way. */
  idle(): Promise<void>
  /** Ends timers and connections, after what is under way. */
  close(): Promise<void>
}
