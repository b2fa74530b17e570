/** Hooks change what an endpoint is given or what it answers. */
import type { Domain } from '../domain/domain.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Endpoint } from './endpoint.ts'

export interface BeforeContext {
  /** The pattern of the endpoint, e.g. `/sign-in/email`. */
  readonly path: string
  /** As sent, not validated yet. */
  readonly body: unknown
  readonly query: unknown
  readonly params: Readonly<Record<string, string>>
  readonly exchange: Exchange
  readonly domain: Domain
}

export interface AfterContext extends BeforeContext {
  /** The reply, or the `APIError` that was thrown. */
  readonly returned: unknown
}

/**
 * `{ context: { body, query } }` is merged over what was sent; any other object answers at once, without handler and
 * after-hooks.
 */
export type BeforeResult = { readonly context: { readonly body?: object; readonly query?: object } } | object | undefined

// biome-ignore-start lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one
export interface Hook {
  /** Endpoints, or paths with `*` for one segment. Every endpoint when left out. */
  readonly at?: Endpoint | string | readonly (Endpoint | string)[] | undefined
  readonly before?: ((context: BeforeContext) => BeforeResult | void | Promise<BeforeResult | void>) | undefined
  /** An object takes the reply's place. */
  readonly after?: ((context: AfterContext) => object | void | Promise<object | void>) | undefined
}
// biome-ignore-end lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one
