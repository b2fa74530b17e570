/**
 * Failures per account: twenty in fifteen minutes, whoever makes them. Past that a stranger waits, while an address
 * from which the user has had a session in the last thirty days still passes, so that nobody can lock a user out.
 */
import { hashToken } from '#crypto'
import { APIError } from '../lib/errors.ts'
import type { Clock } from '../lib/environment.ts'
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import { otherCodes } from './codes.ts'
import type { Exchange } from './exchange.ts'
import type { Limiter } from './limiter.ts'
import type { SessionRow } from './model.ts'

const budget = { window: 15 * 60, max: 20 }
const knownFor = 30 * 86400 * 1000

export interface Throttle {
  /**
   * Counts an attempt against an account. Call the result when the attempt was right: it then does not count.
   * @throws APIError 429 with `Retry-After` when the account's budget is spent and the address is a stranger's.
   */
  attempt(exchange: Exchange, account: string, userId: string | undefined): Promise<() => Promise<void>>
}

export function createThrottle(options: {
  readonly limiter: Limiter
  readonly store: Store
  readonly sessionTable: Table<SessionRow>
  readonly clock: Clock
  readonly addressOf: (exchange: Exchange) => string | null
}): Throttle {
  const { limiter, store, sessionTable, clock, addressOf } = options

  async function isKnown(exchange: Exchange, userId: string | undefined): Promise<boolean> {
    const ipAddress = addressOf(exchange)
    if (!userId || !ipAddress) return false
    const since = new Date(clock() - knownFor)
    return (await store.find(sessionTable, { userId, ipAddress, updatedAt: { gt: since } })) !== null
  }

  return {
    async attempt(exchange, account, userId) {
      const key = `account|${hashToken(account)}`
      const { allowed, retryAfter, at } = await limiter.consume(key, budget)
      if (allowed) return () => limiter.release(key, at)
      if (await isKnown(exchange, userId)) return async () => {}
      throw new APIError(429, { message: otherCodes.TOO_MANY_REQUESTS.message }, retryHeaders(retryAfter))
    },
  }
}

export function retryHeaders(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds), 'x-retry-after': String(seconds) }
}
