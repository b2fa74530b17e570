/**
 * Failures per account: twenty in fifteen minutes, whoever makes them. Past that a stranger waits, while an address
 * from which the user signed in within the last thirty days still passes, so that nobody can lock a user out.
 */
import { hashToken } from '#crypto'
import type { Clock, Logger } from '../lib/environment.ts'
import { APIError } from '../lib/errors.ts'
import { remember } from '../lib/remember.ts'
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import { otherCodes } from './codes.ts'
import type { Exchange } from './exchange.ts'
import type { Limiter } from './limiter.ts'
import type { SessionRow } from './model.ts'

const budget = { window: 15 * 60, max: 20 }
const knownFor = 30 * 86400 * 1000
/** Failures a minute, over all accounts, past which the log says so if they are most of what comes. */
const alarm = 100
/** Addresses remembered beside those of the sessions that live; the oldest go first. */
const mostKnown = 50_000

export interface Attempt {
  /** A user's id, or the name that was given where there is no such user. */
  readonly account: string
  readonly userId: string | undefined
}

export interface Throttle {
  /**
   * Runs a check of an account's password. One that answers `true`, or fails, does not count against the account.
   * @throws APIError 429 with `Retry-After` when the account's budget is spent and the address is a stranger's.
   */
  attempt(exchange: Exchange, attempt: Attempt, check: () => Promise<boolean>): Promise<boolean>
  /** The user has signed in from this address. */
  remember(exchange: Exchange, userId: string): void
}

export function createThrottle(options: {
  readonly limiter: Limiter
  readonly store: Store
  readonly sessionTable: Table<SessionRow>
  readonly clock: Clock
  readonly addressOf: (exchange: Exchange) => string | null
  readonly logger: Pick<Logger, 'warn'>
}): Throttle {
  const { limiter, store, sessionTable, clock, addressOf } = options
  const watch = createWatch(clock, options.logger)
  /** When a user last signed in from an address: the session that tells may have ended since. */
  const known = new Map<string, number>()
  const place = (userId: string, address: string) => `${address}|${userId}`

  async function isKnown(exchange: Exchange, userId: string | undefined): Promise<boolean> {
    const ipAddress = addressOf(exchange)
    if (!ipAddress) return false
    const since = clock() - knownFor
    // Nobody is asked for as well as somebody: an account that is not there must not be told by a missing query.
    const where = { userId: userId ?? '0', ipAddress, updatedAt: { gt: new Date(since) } }
    const session = await store.find(sessionTable, where)
    if (userId === undefined) return false
    return session !== null || (known.get(place(userId, ipAddress)) ?? 0) > since
  }

  return {
    async attempt(exchange, { account, userId }, check) {
      const key = `account|${hashToken(account)}`
      const { allowed, retryAfter, at } = await limiter.consume(key, budget)
      if (!allowed && !(await isKnown(exchange, userId))) {
        throw new APIError(429, { message: otherCodes.TOO_MANY_REQUESTS.message }, retryHeaders(retryAfter))
      }
      let counts = false
      try {
        const right = await check()
        counts = !right
        return right
      } finally {
        watch(counts)
        if (allowed && !counts) await limiter.release(key, at)
      }
    },

    remember(exchange, userId) {
      const address = addressOf(exchange)
      if (!address) return
      const key = place(userId, address)
      known.delete(key)
      remember(known, key, clock(), mostKnown)
    },
  }
}

/** Sees one password tried on many accounts, which no account and no address tells. */
function createWatch(clock: Clock, logger: Pick<Logger, 'warn'>): (failed: boolean) => void {
  let minute = 0
  let tries = 0
  let failures = 0
  let told = false
  return (failed) => {
    const now = Math.floor(clock() / 60_000)
    if (now !== minute) [minute, tries, failures, told] = [now, 0, 0, false]
    tries++
    if (failed) failures++
    if (told || failures < alarm || failures * 2 <= tries) return
    told = true
    logger.warn(`${failures} of ${tries} passwords in this minute were wrong: somebody may be trying them out`)
  }
}

export function retryHeaders(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds), 'x-retry-after': String(seconds) }
}
