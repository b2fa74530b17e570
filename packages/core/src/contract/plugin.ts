/** A plugin is a value: whatever it brings is listed in it, nothing is patched. */
import type { Domain } from '../domain/domain.ts'
import type { Listeners } from '../domain/events.ts'
import type { Gate } from '../domain/gates.ts'
import type { ModelHooks } from '../domain/records.ts'
import type { ErrorCode } from '../lib/errors.ts'
import type { Fields, Table } from '../store/table.ts'
import type { ClientSchema } from './client.ts'
import type { Endpoint, Endpoints } from './endpoint.ts'
import type { Hook } from './hook.ts'

export interface RateLimitRule {
  /** Seconds. */
  readonly window: number
  readonly max: number
}

export interface PluginRateLimit extends RateLimitRule {
  readonly path: (path: string) => boolean
}

/**
 * What a plugin may bring. `E` are its endpoints, `U` and `S` the fields it adds to user and session.
 */
export interface Plugin<
  Id extends string = string,
  E extends object = Endpoints,
  U extends Fields = Fields,
  S extends Fields = Fields,
> {
  readonly id: Id
  /** Routes and server calls; the key is the name under `auth.api`. */
  readonly endpoints?: { readonly [K in keyof E]: E[K] }
  /** Types only: the endpoints under the name of their type, so that messages and declarations need not list them. */
  readonly '~endpoints'?: E
  /** Endpoints of the core under their `auth.api` name that this plugin takes the place of. */
  readonly replaces?: { readonly [name: string]: Endpoint } | undefined
  readonly tables?: readonly Table[] | undefined
  readonly fields?: { readonly user?: U; readonly session?: S } | undefined
  /** Types only: where the protocol's own client looks for the fields of a plugin (`$InferServerPlugin`). */
  readonly schema?: ClientSchema<U, S>
  /** Asked before every session, whatever way in. */
  readonly gates?: readonly Gate[] | undefined
  readonly hooks?: readonly Hook[] | undefined
  readonly databaseHooks?: { readonly [model: string]: ModelHooks } | undefined
  /** Listeners, by event. */
  readonly events?: Listeners | undefined
  readonly rateLimits?: readonly PluginRateLimit[] | undefined
  readonly errorCodes?: { readonly [code: string]: ErrorCode } | undefined
  /** Runs once when `createAuth` does. What it throws stops the start, under the plugin's name. */
  readonly init?: ((domain: Domain) => void) | undefined
  /** Sees every request under the base path before it is matched; a `Response` answers it. */
  readonly onRequest?:
    | ((request: Request, domain: Domain) => Response | undefined | Promise<Response | undefined>)
    | undefined
}

/** Any plugin, whatever it brings. */
export interface AnyPlugin extends Plugin<string, object> {}
