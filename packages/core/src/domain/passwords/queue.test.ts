import { describe, expect, it } from 'vitest'
import { threads } from '#crypto'
import { APIError } from '../../lib/errors.ts'
import { createQueue } from './queue.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Tasks that end when told, on a clock that moves when told. */
function setUp(concurrency: number) {
  let time = 0
  const started: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const queue = createQueue({ concurrency, now: () => time })

  const task = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      started.push(name)
      ends.set(name, (error) => (error ? reject(error) : resolve(name)))
    })
  const add = (name: string) => queue.run(task(name))
  const addNext = (name: string) => queue.runNext(task(name))
  /** Lets `ms` pass and ends a running task; resolves once what follows from it has happened. */
  const end = async (name: string, ms: number, error?: Error) => {
    await settled()
    time += ms
    const tell = ends.get(name)
    if (!tell) throw new Error(`${name} does not run`)
    tell(error)
    await settled()
  }
  return { queue, add, addNext, end, started }
}

function watched(promise: Promise<void>) {
  const seen = { settled: false, promise }
  seen.promise = promise.then(() => {
    seen.settled = true
  })
  return seen
}

async function refusal(promise: Promise<unknown>): Promise<APIError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof APIError)) throw new Error('not refused')
  return error
}

describe('the queue of hashes', () => {
  it('runs as many at once as it may, the others in the order they came', async () => {
    const { add, end, started } = setUp(2)
    const all = ['a', 'b', 'c', 'd', 'e'].map(add)
    await settled()
    expect(started).toEqual(['a', 'b'])
    await end('b', 10)
    expect(started).toEqual(['a', 'b', 'c'])
    await end('a', 10)
    await end('c', 10)
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e'])
    await end('d', 10)
    await end('e', 10)
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('goes on after a task that fails, and hands the failure to its caller alone', async () => {
    const { add, end, started } = setUp(1)
    const failing = add('a')
    failing.catch(() => {})
    const next = add('b')
    await end('a', 10, new Error('no memory'))
    await expect(failing).rejects.toThrow('no memory')
    expect(started).toEqual(['a', 'b'])
    await end('b', 10)
    expect(await next).toBe('b')
  })

  it('refuses at once when the measured time foretells a wait of over two seconds', async () => {
    const { add, end, started } = setUp(1)
    // Measured often enough, the average is 500 ms.
    for (let i = 0; i < 60; i++) {
      const done = add('m')
      await end('m', 500)
      await done
    }
    started.length = 0
    add('running')
    // The average is a hair under 500 ms, so that behind four a fifth may still wait.
    for (let i = 0; i < 5; i++) add(`waits ${i}`)
    const error = await refusal(add('too many'))
    expect(error.statusCode).toBe(503)
    expect(error.body).toEqual({ code: 'HASH_QUEUE_FULL', message: expect.any(String) })
    expect(error.headers.get('retry-after')).toBe('3')
    expect(started).toEqual(['running'])
  })

  it('takes more on where more run at once', async () => {
    const { add } = setUp(4)
    // Nothing measured yet: 25 ms are assumed, so 2000 / 25 wait per place, and the first beyond.
    for (let i = 0; i < 4 + 4 * 80 + 1; i++) add(`${i}`)
    await refusal(add('too many'))
  })

  it('takes the further task of a caller before all that wait, however many', async () => {
    const { add, addNext, end, started } = setUp(1)
    for (let i = 0; i < 82; i++) add(`${i}`)
    await refusal(add('too many'))
    const further = addNext('further')
    await end('0', 1)
    expect(started).toEqual(['0', 'further'])
    await end('further', 1)
    expect(await further).toBe('further')
    await end('1', 1)
    expect(started).toEqual(['0', 'further', '1', '2'])
  })

  it('is open again once the queue has drained', async () => {
    const { add, end } = setUp(1)
    const accepted = Array.from({ length: 82 }, (_, i) => add(`${i}`))
    await refusal(add('too many'))
    for (let i = 0; i < 82; i++) await end(`${i}`, 1)
    await Promise.all(accepted)
    const later = add('later')
    await end('later', 1)
    expect(await later).toBe('later')
  })

  it('runs, unless told otherwise, as many as threads can hash, and leaves one to others', async () => {
    const queue = createQueue()
    const gates: (() => void)[] = []
    const task = () => new Promise<void>((resolve) => gates.push(resolve))
    const first = queue.run(async () => {})
    await first
    const all = Array.from({ length: threads() + 2 }, () => queue.run(task))
    await settled()
    const most = Math.max(1, threads() - 1)
    expect(gates).toHaveLength(most)
    for (let i = 0; i < all.length; i++) {
      gates[i]?.()
      await settled()
    }
    await Promise.all(all)
  })

  it('is not idle while one still runs', async () => {
    const { queue, add, end } = setUp(2)
    const [a, b] = [add('a'), add('b')]
    const idle = watched(queue.idle())
    await end('a', 1)
    expect(idle.settled).toBe(false)
    await end('b', 1)
    await Promise.all([a, b, idle.promise])
  })

  it('is idle when nothing runs', async () => {
    const { queue, add, end } = setUp(1)
    await queue.idle()
    add('a')
    add('b')
    const idle = watched(queue.idle())
    await end('a', 1)
    expect(idle.settled).toBe(false)
    await end('b', 1)
    await idle.promise
    expect(idle.settled).toBe(true)
  })
})
