/** What an auth instance is made of, for the other doors of this package: its schemes, guards and APIs. */
import type { Endpoint } from '../contract/endpoint.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import type { Domain } from '../domain/domain.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Limiter } from '../domain/limiter.ts'
import type { Fields } from '../store/table.ts'
import type { BaseURL } from './base-url.ts'
import type { OriginChecks } from './origin.ts'
import type { Trace } from './trace.ts'

export interface Internals {
  readonly domain: Domain
  readonly base: BaseURL
  readonly origins: OriginChecks
  readonly production: boolean
  readonly fetch: typeof fetch
  readonly deriveKeys: (purpose: string) => readonly Uint8Array[]
  readonly limiter: () => Limiter
  readonly addressOf: (exchange: Exchange) => string | null
  /** Bytes. */
  readonly maxBodySize: number
  /** By their names in `auth.api`. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly plugins: readonly AnyPlugin[]
  readonly disabledPaths: readonly string[]
  /** Fields beside the protocol's own. */
  readonly added: { readonly user: Fields; readonly session: Fields }
  /** How often a client may ask is limited. */
  readonly limited: boolean
  /** Outside production. */
  readonly trace: Trace | undefined
}

/** Registered, so that two copies of this package in one process still know each other's instances. */
export const internals: unique symbol = Symbol.for('keystile.internals') as never

/** Undefined for what `createAuth` did not make. */
export function internalsOf(auth: object): Internals | undefined {
  return (auth as { readonly [internals]?: Internals })[internals]
}
