/**
 * Rate limits that hold in every window: at most `max` admissions in any `window` seconds, wherever it is laid. A
 * denied request leaves no trace, so that knocking on does not lengthen the wait.
 */
import { hashToken } from '#crypto'
import { UniqueViolation, type Verbs } from '../store/store.ts'
import type { RateLimitRow, rateLimitTable } from './model.ts'

export interface Limit {
  /** Seconds. */
  readonly window: number
  /** Admissions in any such window. */
  readonly max: number
}

export interface Admission {
  readonly allowed: boolean
  /** Seconds until the next request passes, at least 1; 0 when this one did. */
  readonly retryAfter: number
  /** The moment it counts as, in milliseconds: what `release` takes. */
  readonly at: number
}

export interface Limiter {
  /** Admits or denies one request under `key`. */
  consume(key: string, limit: Limit): Promise<Admission>
  /** Gives an admission back: the one of the moment `at`, else the last. */
  release(key: string, at?: number | undefined): Promise<void>
}

/** The moments of past admissions under one key, oldest first, in milliseconds. */
type Log = number[]

/**
 * A request passes when the admission `max` places back has left the window. That one look decides, and what lies
 * further back is never needed again.
 */
function admit(log: Log, limit: Limit, now: number): Admission {
  const max = Math.floor(limit.max)
  if (!(max >= 1)) return { allowed: false, retryAfter: Math.max(1, Math.ceil(limit.window)), at: now }
  const windowMs = limit.window * 1000
  const deciding = log[log.length - max]
  // A moment further ahead than the window means that the clock was put back: it decides nothing.
  if (deciding !== undefined && Math.abs(now - deciding) < windowMs) {
    return { allowed: false, retryAfter: Math.max(1, Math.ceil((deciding + windowMs - now) / 1000)), at: now }
  }
  log.push(now)
  if (log.length >= 2 * max) log.splice(0, log.length - max)
  return { allowed: true, retryAfter: 0, at: now }
}

function giveBack(log: Log, at: number | undefined): void {
  const index = at === undefined ? log.length - 1 : log.lastIndexOf(at)
  if (index >= 0) log.splice(index, 1)
}

/** Keys hold paths, which clients choose: a long one is replaced by its hash, so that its length costs nothing. */
function shortKey(key: string): string {
  return key.length <= 128 ? key : hashToken(key)
}

/** Bounds of one generation of `memoryLimiter`; there are two. Together some 50 MB at most. */
const KEYS = 50_000
const MOMENTS = 1_000_000

/**
 * Limits of one process, `clock` in milliseconds. Keys live in two generations: when the younger is full the older is
 * dropped, so that what is forgotten are keys unused for 50,000 others, at no cost per request and without a timer.
 */
export function memoryLimiter(clock: () => number): Limiter {
  let young = new Map<string, Log>()
  let old = new Map<string, Log>()
  let moments = 0

  function logOf(key: string): Log {
    const known = young.get(key)
    if (known !== undefined) return known
    const log = old.get(key) ?? []
    if (young.size >= KEYS || moments >= MOMENTS) {
      old = young
      young = new Map()
      moments = 0
    }
    young.set(key, log)
    moments += log.length
    return log
  }

  return {
    async consume(key, limit) {
      const log = logOf(shortKey(key))
      const before = log.length
      const admission = admit(log, limit, clock())
      moments += log.length - before
      return admission
    },
    async release(key, at) {
      const log = logOf(shortKey(key))
      const before = log.length
      giveBack(log, at)
      moments += log.length - before
    },
  }
}

/** Writes lost to other processes before a request is turned away. */
const ATTEMPTS = 20
/** `count` starts again here: the column may be a 32-bit integer. */
const COUNT_LIMIT = 1_000_000_000

interface Waiter {
  readonly limit: Limit
  readonly resolve: (admission: Admission) => void
  readonly reject: (error: unknown) => void
}

/**
 * Limits shared through the store, `clock` in milliseconds. A row is written only over the state that was read
 * (`count` and `lastRequest` tell), else it is read again. Requests of this process under one key that wait for the
 * same row are decided together, so that a flood costs two statements a round and not two a request.
 */
export function storeLimiter(store: Verbs, table: typeof rateLimitTable, clock: () => number): Limiter {
  const waiting = new Map<string, Waiter[]>()

  /** Writes `log` over the row as it was read; `false` when someone else was first. */
  async function write(key: string, row: RateLimitRow | null, log: Log, lastRequest: number): Promise<boolean> {
    const recent = JSON.stringify(log)
    if (row === null) {
      try {
        await store.insert(table, { key, count: log.length, lastRequest, recent })
        return true
      } catch (error) {
        if (error instanceof UniqueViolation) return false
        throw error
      }
    }
    const seen = { key, count: row.count, lastRequest: row.lastRequest }
    const next = hasRecent(row)
      ? { count: (row.count % COUNT_LIMIT) + 1, lastRequest, recent }
      : { count: log.length, lastRequest }
    return (await store.update(table, seen, next)) !== null
  }

  async function decide(key: string, limits: readonly Limit[]): Promise<Admission[]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = await store.find(table, { key })
      const now = clock()
      const log = row === null ? [] : logOf(row, limits[0], now)
      const admissions = limits.map((limit) => admit(log, limit, now))
      if (!admissions.some((admission) => admission.allowed)) return admissions
      if (await write(key, row, log, now)) return admissions
    }
    return limits.map(() => ({ allowed: false, retryAfter: 1, at: clock() }))
  }

  async function serve(key: string): Promise<void> {
    for (let batch = waiting.get(key); batch?.length; batch = waiting.get(key)) {
      waiting.set(key, [])
      try {
        const limits = batch.map((waiter) => waiter.limit)
        const admissions = await decide(key, limits)
        for (const [i, waiter] of batch.entries()) waiter.resolve(admissions[i] as Admission)
      } catch (error) {
        for (const waiter of batch) waiter.reject(error)
      }
    }
    waiting.delete(key)
  }

  return {
    consume(name, limit) {
      const key = shortKey(name)
      return new Promise((resolve, reject) => {
        const waiter = { limit, resolve, reject }
        const queue = waiting.get(key)
        if (queue !== undefined) queue.push(waiter)
        else {
          waiting.set(key, [waiter])
          void serve(key)
        }
      })
    },
    async release(name, at) {
      const key = shortKey(name)
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const row = await store.find(table, { key })
        if (row === null) return
        const log = logOf(row)
        giveBack(log, hasRecent(row) ? at : undefined)
        if (await write(key, row, log, row.lastRequest)) return
      }
    },
  }
}

/** A database that was moved here may lack the column; then a row has no such key. */
function hasRecent(row: RateLimitRow): boolean {
  return row.recent !== undefined
}

/**
 * The log that a row holds. Without one, all of `count` is taken to have come at `lastRequest`, and to be gone once a
 * whole window has passed since: never too lenient.
 */
function logOf(row: RateLimitRow, limit?: Limit | undefined, now = row.lastRequest): Log {
  const moments = row.recent ? readMoments(row.recent) : null
  if (moments !== null) return moments
  if (limit !== undefined && now - row.lastRequest >= limit.window * 1000) return []
  return new Array<number>(Math.min(row.count, Math.max(1, limit?.max ?? row.count))).fill(row.lastRequest)
}

function readMoments(text: string): Log | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((moment) => typeof moment === 'number') ? value : null
  } catch {
    return null
  }
}
