/**
 * The queue every password hash passes. Hashes share a thread pool with DNS, files and compression, and each takes
 * megabytes: so few run at once, the others wait in order, and who would wait too long is told so at once.
 */
import { threads } from '#crypto'
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
  /** Runs a further task of a caller who has just had one: it is next and never refused, or the first was in vain. */
  runNext<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>
}

export interface HashQueueOptions {
  /** How many tasks run at once. Default: the threads hashes can run on, less one, and at least one. */
  readonly concurrency?: number | undefined
  /** Milliseconds on a clock that only goes forward. Default `performance.now`. */
  readonly now?: (() => number) | undefined
  /** The longest expected wait that is still taken on, in milliseconds. Default 2000. */
  readonly maxWait?: number | undefined
}

/** What one hash is taken to last until the first has been measured, in milliseconds. */
const firstGuess = 25
/** Weight of the newest measurement in the moving average. */
const newest = 0.2

/** Makes a queue: what shares one shares its places. */
export function createQueue(options: HashQueueOptions = {}): HashQueue {
  const { concurrency = Math.max(1, threads() - 1), now = () => performance.now(), maxWait = 2000 } = options
  const waiting: (() => void)[] = []
  let onIdle: (() => void)[] = []
  let running = 0
  let average = firstGuess

  const expectedWait = () => (waiting.length * average) / concurrency

  /** Takes a free place or waits for one; whoever leaves hands the place on, so nobody slips in. */
  function enter(wait: (turn: () => void) => void): Promise<void> | undefined {
    if (running < concurrency) {
      running++
      return undefined
    }
    return new Promise(wait)
  }

  function refuseLongWait(): void {
    const wait = expectedWait()
    if (running < concurrency || wait <= maxWait) return
    throw new APIError(
      HASH_QUEUE_FULL.status,
      { message: HASH_QUEUE_FULL.message, code: HASH_QUEUE_FULL.code },
      { 'retry-after': String(Math.ceil(wait / 1000)) },
    )
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

  async function measured<T>(task: () => Promise<T>): Promise<T> {
    const started = now()
    try {
      return await task()
    } finally {
      average += (now() - started - average) * newest
      leave()
    }
  }

  return {
    async run(task) {
      refuseLongWait()
      await enter((turn) => waiting.push(turn))
      return measured(task)
    },
    async runNext(task) {
      await enter((turn) => waiting.unshift(turn))
      return measured(task)
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  }
}
