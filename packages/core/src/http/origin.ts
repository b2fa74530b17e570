/**
 * Where a request may come from and where it may lead: the Origin of anything that carries cookies, callback URLs, and
 * the Fetch Metadata of forms. None of it depends on the environment.
 */
import type { Options } from '../contract/options.ts'
import { baseCodes } from '../domain/codes.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Logger } from '../lib/environment.ts'
import { APIError, apiError, type ErrorCode } from '../lib/errors.ts'
import { type OriginMatcher, originMatcher, originOf } from '../lib/origins.ts'
import { remember } from '../lib/remember.ts'
import type { BaseURL } from './base-url.ts'

export interface OriginChecks {
  /** Of every request that may change something, before hooks and validation. */
  request(exchange: Exchange, path: string, body: unknown, query: Readonly<Record<string, unknown>>): Promise<void>
  /** Of a sign-in or sign-up form that needs no cookie to be dangerous. */
  form(exchange: Exchange): Promise<void>
  /** Whether the answer to a request may be read by pages of an origin. */
  trusts(request: Request, origin: string): Promise<boolean>
}

type Listed = readonly (string | null | undefined | false)[]

const callbacks: readonly (readonly [name: string, label: string, refusal: ErrorCode, inQuery: boolean])[] = [
  ['callbackURL', 'callbackURL', baseCodes.INVALID_CALLBACK_URL, true],
  ['redirectTo', 'redirectURL', baseCodes.INVALID_REDIRECT_URL, false],
  ['errorCallbackURL', 'errorCallbackURL', baseCodes.INVALID_ERROR_CALLBACK_URL, false],
  ['newUserCallbackURL', 'newUserCallbackURL', baseCodes.INVALID_NEW_USER_CALLBACK_URL, false],
]

/** What is trusted for one request. */
interface Trust {
  readonly patterns: () => readonly string[]
  readonly matches: OriginMatcher
}

export function originChecks(options: {
  readonly trustedOrigins: Options['trustedOrigins']
  /** Trusted whatever the app lists. */
  readonly ownOrigins: readonly string[]
  readonly disableCSRFCheck: boolean
  readonly disableOriginCheck: boolean | readonly string[]
  readonly oneLabel: boolean
  readonly production: boolean
  readonly logger: Logger
  /** The public origin of a request, where no list is configured. */
  readonly originOf: BaseURL['originOf']
}): OriginChecks {
  const { trustedOrigins, ownOrigins, disableOriginCheck, logger, oneLabel } = options
  for (const name of ['disableCSRFCheck', 'disableOriginCheck'] as const) {
    const given = options[name]
    const on = given === true || (given !== false && given.length > 0)
    if (on && options.production) logger.warn(`advanced.${name} is on in production`)
  }
  const compile = (listed: Listed): Trust => {
    const patterns = [...ownOrigins, ...listed.filter((o): o is string => typeof o === 'string' && o !== '')]
    return { patterns: () => patterns, matches: originMatcher(patterns, { oneLabel }) }
  }
  const fixed = compile(typeof trustedOrigins === 'function' ? [] : (trustedOrigins ?? []))

  async function trustFor({ request, origin }: Pick<Exchange, 'request' | 'origin'>): Promise<Trust> {
    const listed = typeof trustedOrigins === 'function' ? compile(await ask(trustedOrigins, request, logger)) : fixed
    if (ownOrigins.length > 0 || origin === undefined) return listed
    return {
      patterns: () => [origin, ...listed.patterns()],
      matches: (value, how) => ownMatcher(origin)(value, how) || listed.matches(value, how),
    }
  }

  const exempt = (path: string) =>
    Array.isArray(disableOriginCheck) &&
    disableOriginCheck.some((exempted: string) => path === exempted || path.startsWith(`${exempted}/`))

  async function checkOrigin(exchange: Exchange): Promise<void> {
    const origin = exchange.headers.get('origin') ?? exchange.headers.get('referer')
    if (!origin || origin === 'null') {
      throw refused('Origin', origin || '(none)', fixed, baseCodes.MISSING_OR_NULL_ORIGIN)
    }
    const trust = await trustFor(exchange)
    if (!trust.matches(origin)) throw refused('Origin', origin, trust, baseCodes.INVALID_ORIGIN)
  }

  /** The refusal of an origin or URL; while developing the log says why. */
  function refused(what: string, came: string, { patterns }: Trust, code: ErrorCode): APIError {
    if (!options.production) {
      const origin = originOf(came)
      const hint = origin ? `add it to createAuth: trustedOrigins: ['${origin}']` : 'use a path or a URL of one of them'
      // A query may hold a token, as that of a mailed link does.
      const [place] = came.split(/[?#]/, 1)
      logger.warn(
        `${code.code}: ${what} ${place} is not trusted; trusted are ${patterns().join(', ') || 'none'}; ${hint}`,
      )
    }
    return apiError(code)
  }

  return {
    async trusts(request, origin) {
      // Where no origin is configured no host is refused, so this does not throw.
      const own = ownOrigins.length === 0 ? options.originOf(request.headers, request.url) : undefined
      return (await trustFor({ request, origin: own })).matches(origin)
    },

    async request(exchange, path, body, query) {
      if (!options.disableCSRFCheck && exchange.headers.get('cookie') !== null) await checkOrigin(exchange)
      if (disableOriginCheck === true || exempt(path)) return
      let trust: Trust | undefined
      for (const [name, label, refusal, inQuery] of callbacks) {
        const value = own(body, name) || (inQuery ? query[name] : undefined)
        if (!value) continue
        if (typeof value !== 'string') throw new APIError(400, { message: `Invalid ${label}: expected a string` })
        trust ??= await trustFor(exchange)
        if (!trust.matches(value, { allowRelativePaths: true })) throw refused(label, value, trust, refusal)
      }
    },

    async form(exchange) {
      if (options.disableCSRFCheck) return
      const { headers } = exchange
      if (headers.get('cookie') !== null) return checkOrigin(exchange)
      const [site, mode, dest] = ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'].map((n) =>
        headers.get(n)?.trim(),
      )
      if (site || mode || dest) {
        if (site === 'cross-site' && mode === 'navigate') throw apiError(baseCodes.CROSS_SITE_NAVIGATION_LOGIN_BLOCKED)
        return checkOrigin(exchange)
      }
      if (headers.get('origin') !== null || headers.get('referer') !== null) return checkOrigin(exchange)
    },
  }
}

function own(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined
}

const ownMatchers = new Map<string, OriginMatcher>()

/** The matcher of a service's own origin where each request tells it; few hosts, so few matchers. */
function ownMatcher(origin: string): OriginMatcher {
  return ownMatchers.get(origin) ?? remember(ownMatchers, origin, originMatcher([origin]), 100)
}

/** The app's own list for a request. One that fails, or takes over a second, trusts nobody. */
async function ask(
  list: Extract<Options['trustedOrigins'], (...args: never[]) => unknown>,
  request: Request | undefined,
  logger: Logger,
): Promise<Listed> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('trustedOrigins took over a second')), 1000)
  })
  try {
    const listed = await Promise.race([list(request), late])
    return Array.isArray(listed) ? listed : []
  } catch (error) {
    logger.error('trustedOrigins failed: no origin but our own is trusted', error)
    return []
  } finally {
    clearTimeout(timer)
  }
}
