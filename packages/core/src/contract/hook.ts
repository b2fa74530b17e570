/** Hooks change what an endpoint is given or what it answers. */
import type { Domain } from '../domain/domain.ts'
import type { CurrentSession, Exchange } from '../domain/exchange.ts'
import type { Sessions } from '../domain/sessions.ts'
import type { Table } from '../store/table.ts'
import type { Endpoint } from './endpoint.ts'
import type { AppRows } from './model.ts'

/** A session with its user, whole rows of the app. */
export interface CurrentOf<R extends AppRows> extends CurrentSession {
  readonly session: R['session']
  readonly user: R['user']
}

/** A call under way, in the app's rows. */
export type ExchangeOf<R extends AppRows> = Exchange & { readonly opened: CurrentOf<R> | undefined }

interface SessionsOf<R extends AppRows> extends Omit<Sessions, 'read'> {
  /** The session of a call, or `null`. Expired and orphaned rows are removed, dead cookies expired. */
  read(...call: Parameters<Sessions['read']>): Promise<CurrentOf<R> | null>
}

/** The rules, in the app's rows. */
export interface DomainOf<R extends AppRows> extends Omit<Domain, 'sessions' | 'tables'> {
  readonly sessions: SessionsOf<R>
  readonly tables: Domain['tables'] & { readonly user: Table<R['user']>; readonly session: Table<R['session']> }
}

export interface BeforeContext<R extends AppRows = AppRows> {
  /** The pattern of the endpoint, e.g. `/sign-in/email`. */
  readonly path: string
  /** As sent, not validated yet. */
  readonly body: unknown
  readonly query: unknown
  readonly params: Readonly<Record<string, string>>
  readonly exchange: ExchangeOf<R>
  readonly domain: DomainOf<R>
}

export interface AfterContext<R extends AppRows = AppRows> extends BeforeContext<R> {
  /** The reply, or the `APIError` that was thrown. */
  readonly returned: unknown
}

/**
 * `{ context: { body, query } }` is merged over what was sent; any other object answers at once, without handler and
 * after-hooks.
 */
export type BeforeResult =
  | { readonly context: { readonly body?: object; readonly query?: object } }
  | object
  | undefined

// biome-ignore-start lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one
// Methods, not functions: so typed options still are `Options`, whatever their rows.
interface Around<R extends AppRows> {
  before(context: BeforeContext<R>): BeforeResult | void | Promise<BeforeResult | void>
  after(context: AfterContext<R>): object | void | Promise<object | void>
}
// biome-ignore-end lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one

/** The app's own hooks, which run at every endpoint. */
export interface AppHooks<R extends AppRows = AppRows> {
  readonly before?: Around<R>['before'] | undefined
  /** An object takes the reply's place. */
  readonly after?: Around<R>['after'] | undefined
}

export interface Hook extends AppHooks {
  /** Endpoints, or paths with `*` for one segment. Every endpoint when left out. */
  readonly at?: Endpoint | string | readonly (Endpoint | string)[] | undefined
}
