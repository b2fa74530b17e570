/** What an API or an auth instance is made of, for documents about it. */
import type { Mountable } from './contract/auth.ts'
import type { Endpoint } from './contract/endpoint.ts'
import type { Scheme, SchemeApp } from './contract/scheme.ts'
import type { MakeCookie } from './domain/cookies.ts'
import type { ErrorFormat, FormatError } from './http/error-format.ts'
import { internalsOf } from './http/internals.ts'
import type { Operation } from './http/operation.ts'
import type { Logger } from './lib/environment.ts'
import type { Random } from './lib/random.ts'
import { session } from './parts/schemes/session.ts'
import { guardingOf } from './setup/guarding.ts'
import type { Fields } from './store/table.ts'

/** One of the auth's endpoints, the core's or a plugin's. */
export interface DescribedEndpoint {
  /** As in `auth.api`. */
  readonly name: string
  /** The plugin that brings it; undefined for the core's own. */
  readonly plugin: string | undefined
  readonly endpoint: Endpoint
}

export interface DescribedAuth {
  readonly basePath: string
  /** The configured origin, where one is. */
  readonly origin: string | undefined
  /** Those that answer over HTTP. */
  readonly endpoints: readonly DescribedEndpoint[]
  /** Whole rows of the app. */
  readonly fields: { readonly user: Fields; readonly session: Fields }
  /** What clients may write of a user beside the protocol's own. */
  readonly added: Fields
  readonly makeCookie: MakeCookie
  /** How its own endpoints know the caller. */
  readonly session: Scheme
  /** How often a client may ask is limited: any answer may be a 429. */
  readonly limited: boolean
  /** Hosts are listed: a request to another one is a 400. */
  readonly hostsListed: boolean
}

export interface Described {
  readonly basePath: string
  /** The app's own endpoints, resolved; none for an auth instance. */
  readonly operations: readonly Operation[]
  /** How the app's own endpoints write refusals. */
  readonly errors: ErrorFormat
  readonly format: FormatError
  /** A 401 names the schemes that would do. */
  readonly challenge: boolean
  /** Undefined where an API runs without one. */
  readonly auth: DescribedAuth | undefined
  readonly production: boolean
  readonly logger: Logger
  readonly random: Random
}

/** Reads what `createApi` or `createAuth` returned. */
export function described(mounted: Mountable & { readonly operations?: readonly Operation[] | undefined }): Described {
  const { app, chain, errors, format } = guardingOf(mounted)
  return {
    basePath: mounted.basePath,
    operations: mounted.operations ?? [],
    errors,
    format,
    challenge: chain.challenge !== false,
    auth: describedAuth(mounted, app),
    production: app.production,
    logger: app.logger,
    random: app.random,
  }
}

function describedAuth(mounted: Mountable, app: SchemeApp): DescribedAuth | undefined {
  const of = internalsOf(mounted)
  if (!of) return undefined
  const { domain, base, endpoints, plugins, disabledPaths } = of
  const disabled = new Set(disabledPaths)
  const owners = new Map<Endpoint, string>()
  for (const { id, endpoints: own, replaces } of plugins) {
    for (const endpoint of Object.values<Endpoint>({ ...own, ...replaces })) owners.set(endpoint, id)
  }
  return {
    basePath: base.basePath,
    origin: base.origin,
    endpoints: [...endpoints]
      .filter(([, { path, access }]) => path !== undefined && access !== 'server' && !disabled.has(path))
      .map(([name, endpoint]) => ({ name, plugin: owners.get(endpoint), endpoint })),
    fields: { user: domain.tables.user.fields, session: domain.tables.session.fields },
    added: of.added.user,
    makeCookie: domain.makeCookie,
    session: session().bind?.(app) ?? session(),
    limited: of.limited,
    hostsListed: base.origin === undefined && base.ownOrigins.length > 0,
  }
}
