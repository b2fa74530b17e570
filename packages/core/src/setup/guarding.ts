/** What asking schemes takes of an app: the same for its endpoints and for guards of a host's own routes. */
import { randomBytes } from '#crypto'
import type { Options } from '../contract/options.ts'
import type { SchemeApp } from '../contract/scheme.ts'
import type { Exchange, HeaderSource } from '../domain/exchange.ts'
import { schemeAndHost } from '../http/base-url.ts'
import type { ChainOptions } from '../http/chain.ts'
import { type ErrorFormat, type FormatError, formatterOf } from '../http/error-format.ts'
import { internalsOf } from '../http/internals.ts'
import { originChecks } from '../http/origin.ts'
import type { Trace } from '../http/trace.ts'
import type { Clock } from '../lib/environment.ts'
import { createLogger } from '../lib/logger.ts'

export interface Guarding {
  readonly app: SchemeApp
  readonly chain: ChainOptions
  readonly errors: ErrorFormat
  readonly format: FormatError
  /** Of an unsafe request that a cookie has let in. */
  readonly checkOrigin: (exchange: Exchange) => Promise<void>
  /**
   * The public origin of a request.
   * @throws APIError 400 for a host that is not allowed.
   */
  readonly originOf: (headers: HeaderSource, url: string) => string | undefined
  /** Outside production. */
  readonly trace: Trace | undefined
}

/** Where an API keeps its own. */
export const guarding: unique symbol = Symbol.for('keystile.guarding') as never

/** Of an API, of an auth, or of something else that can be mounted and has no sessions of ours. */
export const guardingOf = (mounted: object): Guarding => ownGuarding(mounted) ?? withoutAuth()

/** Undefined for what neither `createApi` nor `createAuth` made. */
export const ownGuarding = (mounted: object): Guarding | undefined =>
  (mounted as { readonly [guarding]?: Guarding })[guarding] ?? ofAuth(mounted)

/** Undefined for what `createAuth` did not make. */
export function ofAuth(auth: object): Guarding | undefined {
  const of = internalsOf(auth)
  if (!of) return undefined
  const { domain, deriveKeys, fetch, production, origins, base, trace } = of
  const { clock, random, logger } = domain
  return {
    app: { domain, deriveKeys, clock, random, fetch, logger, production },
    chain: { declaredOnly: !production },
    errors: 'protocol',
    format: formatterOf(),
    checkOrigin: origins.form,
    originOf: base.originOf,
    trace,
  }
}

export interface Alone {
  readonly clock?: Clock | undefined
  readonly logger?: Options['logger']
  /** Unknown means production. */
  readonly production?: boolean | undefined
}

/** No origin is trusted but the one that the request itself was made to. */
export function withoutAuth({ clock = Date.now, logger: log, production = true }: Alone = {}): Guarding {
  const logger = createLogger(log)
  const originOf = (_headers: HeaderSource, url: string | undefined) => (url ? schemeAndHost(url) : undefined)
  const origins = originChecks({
    trustedOrigins: undefined,
    ownOrigins: [],
    disableCSRFCheck: false,
    disableOriginCheck: false,
    oneLabel: false,
    production,
    logger,
    originOf,
  })
  return {
    app: {
      domain: undefined,
      deriveKeys: undefined,
      clock,
      random: randomBytes,
      fetch: globalThis.fetch,
      logger,
      production,
    },
    chain: { declaredOnly: !production },
    errors: 'protocol',
    format: formatterOf(),
    checkOrigin: origins.form,
    originOf,
    trace: undefined,
  }
}
