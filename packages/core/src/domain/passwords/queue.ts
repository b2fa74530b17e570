/**
 * The queue every password hash passes. Hashes share a thread pool with DNS, files and compression, and each takes
 * megabytes: so few run at once, the others wait in order, and who would wait too long is told so at once.
 */
import { APIError } from '../../lib/errors.ts'
import { codes } from '../codes.ts'

export const { HASH_QUEUE_FULL } = codes({
  HASH_QUEUE_FULL: [503, 'Too many sign-ins at once, try again shortly'],
})

export interface HashQueue {
  /**
   * Runs `task` as soon as its turn comes.
   * @throws APIError 503 `HASH_QUEUE_FULL` with `Retry-After` (seconds), before any work, when the expected wait is
   * over the limit.
   */
  run<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>
}

export interface HashQueueOptions {
  /** How many tasks run at once. */
  readonly concurrency: number
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number
  /** The longest expected wait that is still taken on, in milliseconds. Default 2000. */
  readonly maxWait?: number | undefined
}

/** What one hash is taken to last until the first has been measured, in milliseconds. */
const firstGuess = 25
/** Weight of the newest measurement in the moving average. */
const newest = 0.2

export function createQueue({ concurrency, now, maxWait = 2000 }: HashQueueOptions): HashQueue {
  const waiting: (() => void)[] = []
  let onIdle: (() => void)[] = []
  let running = 0
  let average = firstGuess

  const expectedWait = () => (waiting.length * average) / concurrency

  /** Takes a free place or waits for one; whoever leaves hands the place on, so nobody overtakes. */
  function enter(): Promise<void> | undefined {
    if (running < concurrency) {
      running++
      return undefined
    }
    const wait = expectedWait()
    if (wait > maxWait) {
      throw new APIError(
        HASH_QUEUE_FULL.status,
        { message: HASH_QUEUE_FULL.message, code: HASH_QUEUE_FULL.code },
        { 'retry-after': String(Math.ceil(wait / 1000)) },
      )
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next) {
      next()
      return
    }
    running--
    if (running > 0) return
    const told = onIdle
    onIdle = []
    for (const resolve of told) resolve()
  }

  return {
    async run(task) {
      await enter()
      const started = now()
      try {
        return await task()
      } finally {
        average += (now() - started - average) * newest
        leave()
      }
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  }
}
