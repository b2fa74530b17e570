/** Removes what has expired, in small batches, at most once a minute while requests come: no lookup pays for it. */
import type { Clock } from '../lib/environment.ts'
import type { Store } from '../store/store.ts'
import type { Background } from './background.ts'
import type { Tables } from './model.ts'

const interval = 60_000
const batch = 1000
/** Counters rest this long after their last request; no window is longer. */
const counterLife = 86_400_000

export function createSweep(options: {
  readonly store: Store
  readonly tables: Tables
  readonly clock: Clock
  readonly background: Background
  /** Leave expired verification rows where they are. */
  readonly keepVerifications: boolean
}): () => void {
  const { store, tables, clock, background } = options
  let next = clock() + interval
  return () => {
    const now = clock()
    // Further off than one interval means that the clock was put back.
    if (now < next && next <= now + interval) return
    next = now + interval
    background.run('sweep of expired rows', async () => {
      const expired = { expiresAt: { lte: new Date(now) } }
      await store.remove(tables.session, expired, { limit: batch })
      if (!options.keepVerifications) await store.remove(tables.verification, expired, { limit: batch })
      await store.remove(tables.rateLimit, { lastRequest: { lt: now - counterLife } }, { limit: batch })
    })
  }
}
