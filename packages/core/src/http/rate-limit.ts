/** How often a client may ask for a path. Limits per account are the rules' own (`domain/throttle.ts`). */
import type { Options, RateLimitCustomRule } from '../contract/options.ts'
import type { AnyPlugin, RateLimitRule } from '../contract/plugin.ts'
import { otherCodes } from '../domain/codes.ts'
import type { Exchange } from '../domain/exchange.ts'
import { retryHeaders } from '../domain/throttle.ts'
import type { Logger } from '../lib/environment.ts'
import { APIError } from '../lib/errors.ts'
import { wildcard } from '../lib/wildcard.ts'

/** Anything that admits or refuses under a key. */
interface Counter {
  consume(key: string, rule: RateLimitRule): Promise<{ readonly allowed: boolean; readonly retryAfter: number }>
}

/**
 * Throws 429 when a client asked too often. `path` is the raw path below the base path; paths that lead nowhere share one
 * count, since a client could make up as many as it likes.
 */
export type RateLimit = (exchange: Exchange, path: string, leadsSomewhere: boolean) => Promise<void>

const strict: RateLimitRule = { window: 10, max: 3 }
const mailed: RateLimitRule = { window: 60, max: 3 }
const strictPrefixes = ['/sign-in', '/sign-up', '/change-password', '/change-email']
const mailPaths = new Set([
  '/request-password-reset',
  '/send-verification-email',
  '/email-otp/send-verification-otp',
  '/email-otp/request-password-reset',
])

function specialRule(path: string): RateLimitRule | undefined {
  if (strictPrefixes.some((prefix) => path.startsWith(prefix))) return strict
  return mailPaths.has(path) || path.startsWith('/forget-password') ? mailed : undefined
}

/** Paths that differ only past this length share a limit. */
const longestKey = 200

/** How much more than one client's share all clients of unknown address have together. */
const sharedFactor = 100

export function rateLimit(options: {
  readonly rules: NonNullable<Options['rateLimit']>
  readonly plugins: readonly AnyPlugin[]
  readonly counter: Counter
  readonly addressOf: (exchange: Exchange) => string | null
  readonly logger: Logger
}): RateLimit {
  const { rules, counter, addressOf, logger } = options
  const fallback: RateLimitRule = { window: rules.window ?? 10, max: rules.max ?? 100 }
  const pluginRules = options.plugins.flatMap((plugin) => plugin.rateLimits ?? [])
  const custom = Object.entries(rules.customRules ?? {}).map(
    ([pattern, rule]) =>
      [pattern.includes('*') ? wildcard(pattern) : (path: string) => path === pattern, rule] as const,
  )

  let told = false
  function tellUnknown(): void {
    if (told) return
    told = true
    logger.warn(
      'the address of a client is not known, so that all such clients share one limit: ' +
        'let the adapter pass remoteAddress, or set advanced.ipAddress.trustedProxies',
    )
  }

  async function apply(rule: RateLimitCustomRule, present: RateLimitRule, exchange: Exchange) {
    if (typeof rule !== 'function') return rule
    try {
      return exchange.request ? await rule(exchange.request, present) : present
    } catch (error) {
      logger.error('a rate limit rule failed: the default rule holds', error)
      return present
    }
  }

  return async (exchange, path, leadsSomewhere) => {
    const plain = path.replace(/\/+$/, '')
    const present = pluginRules.find((rule) => rule.path(plain)) ?? specialRule(plain) ?? fallback
    const own = custom.find(([matches]) => matches(plain))
    const rule = own ? await apply(own[1], present, exchange) : present
    if (rule === false) return
    const address = addressOf(exchange)
    if (address === null) tellUnknown()
    const { window, max } = rule
    const share = address === null ? max * sharedFactor : max
    const { allowed, retryAfter } = await counter.consume(
      `${address ?? 'no-trusted-ip'}|${leadsSomewhere ? plain.slice(0, longestKey) : 'nowhere'}`,
      {
        window,
        max: share,
      },
    )
    if (allowed) return
    throw new APIError(429, { message: otherCodes.TOO_MANY_REQUESTS.message }, retryHeaders(retryAfter))
  }
}
