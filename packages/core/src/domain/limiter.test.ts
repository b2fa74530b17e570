import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { type Database, openStore } from '../store/open.ts'
import { UniqueViolation, type Verbs } from '../store/store.ts'
import { type Limit, type Limiter, memoryLimiter, storeLimiter } from './limiter.ts'
import { type RateLimitRow, rateLimitTable } from './model.ts'

/** The verbs a limiter needs, over a Map, each a turn of the event loop long. */
function testStore(options: { recent: boolean }) {
  const rows = new Map<string, RateLimitRow>()
  const calls = { count: 0 }
  const turn = () => {
    calls.count++
    return Promise.resolve()
  }
  const shown = (row: RateLimitRow): RateLimitRow => {
    const { recent, ...others } = row
    return (options.recent ? { ...others, recent: recent ?? null } : others) as RateLimitRow
  }
  const verbs = {
    async find(_table: unknown, where: { key: string }) {
      await turn()
      const row = rows.get(where.key)
      return row ? shown(row) : null
    },
    async insert(_table: unknown, row: RateLimitRow) {
      await turn()
      if (rows.has(row.key)) throw new UniqueViolation('rateLimit', ['key'])
      rows.set(row.key, { ...row, id: row.key })
      return shown(row)
    },
    async update(_table: unknown, where: Partial<RateLimitRow> & { key: string }, patch: Partial<RateLimitRow>) {
      await turn()
      const row = rows.get(where.key)
      if (!row || !Object.entries(where).every(([name, value]) => row[name as keyof RateLimitRow] === value))
        return null
      Object.assign(row, patch)
      return shown(row)
    },
  }
  return { rows, calls, verbs: verbs as unknown as Verbs }
}

type Make = (clock: () => number) => Limiter

const limiters: [string, Make][] = [
  ['memory', memoryLimiter],
  ['store', (clock) => storeLimiter(testStore({ recent: true }).verbs, rateLimitTable, clock)],
]
const bare: [string, Make] = [
  'store without the recent column',
  (clock) => storeLimiter(testStore({ recent: false }).verbs, rateLimitTable, clock),
]

const START = 1_767_225_600_000

/** Lets requests arrive `gaps` milliseconds apart, gives the moments of those admitted and of those denied. */
async function run(make: Make, limit: Limit, gaps: readonly number[]) {
  let now = START
  const limiter = make(() => now)
  const admitted: number[] = []
  const denied: number[] = []
  for (const gap of gaps) {
    now += gap
    const { allowed, retryAfter } = await limiter.consume('k', limit)
    expect(allowed ? retryAfter === 0 : Number.isInteger(retryAfter) && retryAfter >= 1).toBe(true)
    if (allowed) admitted.push(now)
    else denied.push(now)
  }
  return { admitted, denied }
}

const within = (moments: readonly number[], end: number, limit: Limit) =>
  moments.filter((moment) => moment <= end && moment > end - limit.window * 1000).length

const limits = fc.record({ window: fc.integer({ min: 1, max: 20 }), max: fc.integer({ min: 1, max: 6 }) })
const gapLists = fc.array(fc.oneof(fc.nat(300), fc.nat(3000), fc.nat(25_000), fc.constant(1000)), { maxLength: 60 })

describe.each([...limiters, bare])('%s', (_name, make) => {
  it('admits at most max in any window', async () => {
    await fc.assert(
      fc.asyncProperty(limits, gapLists, async (limit, gaps) => {
        const { admitted } = await run(make, limit, gaps)
        for (const end of admitted) expect(within(admitted, end, limit)).toBeLessThanOrEqual(limit.max)
      }),
    )
  })

  it('admits exactly max of many at once', async () => {
    const limiter = make(() => START)
    for (const max of [10, 1]) {
      const all = await Promise.all(Array.from({ length: 500 }, () => limiter.consume(`k${max}`, { window: 10, max })))
      expect(all.filter((one) => one.allowed).length).toBe(max)
      expect(new Set(all.filter((one) => !one.allowed).map((one) => one.retryAfter))).toEqual(new Set([10]))
    }
  })

  it('opens again when the wait that it told is over, knocks or not', async () => {
    await fc.assert(
      fc.asyncProperty(limits, gapLists, fc.boolean(), async (limit, gaps, knocks) => {
        let now = START
        const limiter = make(() => now)
        for (const gap of gaps) {
          now += gap
          const { allowed, retryAfter } = await limiter.consume('k', limit)
          if (allowed) continue
          const open = now + retryAfter * 1000
          for (; knocks && now < open - 1000; now += 1000) await limiter.consume('k', limit)
          now = open
          expect((await limiter.consume('k', limit)).allowed).toBe(true)
        }
      }),
    )
  })

  it('keeps keys apart, also long ones', async () => {
    const limiter = make(() => START)
    const limit = { window: 10, max: 1 }
    const long = 'x'.repeat(5000)
    for (const key of ['a', 'b', '__proto__', 'constructor', `${long}1`, `${long}2`]) {
      expect((await limiter.consume(key, limit)).allowed).toBe(true)
      expect((await limiter.consume(key, limit)).allowed).toBe(false)
    }
  })

  it('denies all where max is not at least one', async () => {
    const limiter = make(() => START)
    for (const max of [0, -1, 0.5, Number.NaN]) {
      expect(await limiter.consume('k', { window: 10, max })).toMatchObject({ allowed: false, retryAfter: 10 })
    }
    expect((await limiter.consume('k', { window: 10, max: 1.5 })).allowed).toBe(true)
    expect((await limiter.consume('k', { window: 10, max: 1.5 })).allowed).toBe(false)
  })

  it('takes an admission back', async () => {
    const limiter = make(() => START)
    const limit = { window: 10, max: 2 }
    await limiter.release('k')
    await limiter.consume('k', limit)
    await limiter.consume('k', limit)
    await limiter.release('k')
    expect((await limiter.consume('k', limit)).allowed).toBe(true)
    expect((await limiter.consume('k', limit)).allowed).toBe(false)
  })
})

describe.each(limiters)('%s, exactly', (_name, make) => {
  it('denies only what would be one too many', async () => {
    await fc.assert(
      fc.asyncProperty(limits, gapLists, async (limit, gaps) => {
        const { admitted, denied } = await run(make, limit, gaps)
        for (const end of denied) expect(within(admitted, end, limit)).toBe(limit.max)
      }),
    )
  })

  it('lets a client slower than the limit always pass', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(fc.nat(2000), { maxLength: 60 }), async (limit, extra) => {
        const pace = Math.ceil((limit.window * 1000) / limit.max)
        const { denied } = await run(
          make,
          limit,
          extra.map((more) => pace + more),
        )
        expect(denied).toEqual([])
      }),
    )
  })

  it('holds the limit over the seam of two windows', async () => {
    const late = Array.from({ length: 10 }, (_, i) => (i === 0 ? 9_900 : 0))
    const early = Array.from({ length: 10 }, (_, i) => (i === 0 ? 200 : 0))
    const { admitted } = await run(make, { window: 10, max: 10 }, [...late, ...early])
    expect(admitted.length).toBe(10)
  })

  it('takes back the admission of a given moment', async () => {
    let now = START
    const limiter = make(() => now)
    const limit = { window: 10, max: 2 }
    const first = await limiter.consume('k', limit)
    now += 5000
    await limiter.consume('k', limit)
    await limiter.release('k', START - 1)
    await limiter.release('k', first.at)
    expect((await limiter.consume('k', limit)).allowed).toBe(true)
    // Had the later one been taken back, the one at the start would be gone by now.
    now = START + 10_000
    expect(await limiter.consume('k', limit)).toMatchObject({ allowed: false, retryAfter: 5 })
  })

  it('does not lock anyone out when the clock is put back', async () => {
    let now = START
    const limiter = make(() => now)
    await limiter.consume('k', { window: 10, max: 1 })
    now -= 3_600_000
    expect((await limiter.consume('k', { window: 10, max: 1 })).allowed).toBe(true)
  })
})

describe('memory', () => {
  const collect = () => {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  }

  // Of a million some are always held up by the machine, but never one in a hundred.
  it.each<[string, number, number, number, (i: number) => string]>([
    ['a million clients', 1_000_000, 1, 0.1, (i) => `2001:0db8:0000:${i}:0000:0000:0000:0000|/sign-in/email`],
    ['clients that use their limit up', 90_000, 100, 0.1, (i) => `${i}|/get-session`],
    ['clients with long paths', 30_000, 1, 1, (i) => Buffer.alloc(8000, `${i}|/`).toString()],
  ])('RL-10 stays within bounds for %s', async (_name, clients, requests, longest, key) => {
    const limiter = memoryLimiter(() => START)
    const before = collect()
    const times = new Float64Array(clients)
    for (let i = 0; i < clients; i++) {
      const name = key(i)
      const start = performance.now()
      for (let n = 0; n < requests; n++) void limiter.consume(name, { window: 10, max: 100 })
      times[i] = (performance.now() - start) / requests
      if (i % 10_000 === 0) await undefined
    }
    await undefined
    expect(collect() - before).toBeLessThan(64_000_000)
    expect(times.sort()[Math.floor(clients * 0.99)]).toBeLessThan(longest)
    expect(times[clients / 2]).toBeLessThan(0.1)
    await limiter.consume('kept', { window: 10, max: 1 })
    for (let i = 0; i < 100; i++) await limiter.consume(`new ${i}`, { window: 10, max: 1 })
    expect((await limiter.consume('kept', { window: 10, max: 1 })).allowed).toBe(false)
  })

  it('forgets keys long unused first, and remembers those in use', async () => {
    const limiter = memoryLimiter(() => START)
    const limit = { window: 10, max: 1 }
    await limiter.consume('idle', limit)
    await limiter.consume('busy', limit)
    for (let i = 0; i < 200_000; i++) {
      await limiter.consume(`other ${i}`, limit)
      if (i % 20_000 === 0) expect((await limiter.consume('busy', limit)).allowed).toBe(false)
    }
    expect((await limiter.consume('busy', limit)).allowed).toBe(false)
    expect((await limiter.consume('idle', limit)).allowed).toBe(true)
  })

  it('counts what it keeps by what was admitted and given back, not by how long the logs are', async () => {
    const limiter = memoryLimiter(() => START)
    const limit = { window: 10, max: 1500 }
    for (const key of ['first', 'second', 'third', 'fourth']) {
      for (let i = 0; i < 1500; i++) await limiter.consume(key, limit)
      if (key === 'first') continue
      for (let i = 0; i < 700; i++) await limiter.release(key)
    }
    expect((await limiter.consume('first', limit)).allowed).toBe(false)
  })
})

describe('store', () => {
  const limit = { window: 10, max: 10 }

  it('holds the limit for several processes over one store', async () => {
    const { verbs } = testStore({ recent: true })
    const processes = Array.from({ length: 5 }, () => storeLimiter(verbs, rateLimitTable, () => START))
    const all = await Promise.all(
      Array.from({ length: 500 }, (_, i) => (processes[i % 5] as Limiter).consume('k', limit)),
    )
    expect(all.filter((one) => one.allowed).length).toBe(10)
  })

  it.each<[string, Database]>([
    ['arrays', memoryAdapter({})],
    ['SQLite', ':memory:'],
  ])('holds the limit over %s', async (_name, database) => {
    let ids = 0
    const store = openStore(database, { tables: [rateLimitTable], makeId: () => `id${++ids}`, idType: 'text' })
    let now = START
    const processes = Array.from({ length: 2 }, () => storeLimiter(store, rateLimitTable, () => now))
    for (const expected of [10, 0, 10]) {
      const all = await Promise.all(
        Array.from({ length: 500 }, (_, i) => (processes[i % 2] as Limiter).consume('k', limit)),
      )
      expect(all.filter((one) => one.allowed).length).toBe(expected)
      now += 5_000
    }
    await store.close()
  })

  it('reads again when another process wrote first', async () => {
    const { verbs } = testStore({ recent: true })
    const processes = Array.from({ length: 5 }, () => storeLimiter(verbs, rateLimitTable, () => START))
    const all = await Promise.all(processes.map((limiter) => limiter.consume('k', { window: 10, max: 5 })))
    expect(all.every((one) => one.allowed)).toBe(true)
  })

  it('serves a flood with few statements', async () => {
    const { verbs, calls } = testStore({ recent: true })
    const limiter = storeLimiter(verbs, rateLimitTable, () => START)
    await Promise.all(Array.from({ length: 500 }, () => limiter.consume('k', limit)))
    expect(calls.count).toBeLessThanOrEqual(4)
  })

  it('gives up after twenty writes that others were before: it turns away, and gives nothing back', async () => {
    const { verbs, rows } = testStore({ recent: true })
    let writes = 0
    const update = async () => {
      if (++writes > 100) throw new Error('still writing')
      return null
    }
    const limiter = storeLimiter({ ...verbs, update } as Verbs, rateLimitTable, () => START)
    await limiter.consume('k', limit)
    expect(await limiter.consume('k', limit)).toMatchObject({ allowed: false, retryAfter: 1 })
    expect(writes).toBe(20)
    await limiter.release('k')
    expect([writes, rows.get('k')?.recent]).toEqual([40, JSON.stringify([START])])
  })

  it('keeps no more of the past than twice what decides', async () => {
    const { verbs, rows } = testStore({ recent: true })
    let now = START
    const limiter = storeLimiter(verbs, rateLimitTable, () => now)
    const kept = async (key: string, max: number) => {
      now += 10_000
      await limiter.consume(key, { window: 10, max })
      return JSON.parse(rows.get(key)?.recent ?? '').length
    }
    const seen: number[][] = [[], []]
    for (let i = 0; i < 8; i++) {
      seen[0]?.push(await kept('one', 1))
      seen[1]?.push(await kept('three', 3))
    }
    expect(seen).toEqual([
      [1, 1, 1, 1, 1, 1, 1, 1],
      [1, 2, 3, 4, 5, 3, 4, 5],
    ])
  })

  it('keeps a key of 128 characters as it is, and of a longer one its hash', async () => {
    const { verbs, rows } = testStore({ recent: true })
    const limiter = storeLimiter(verbs, rateLimitTable, () => START)
    for (const length of [128, 129]) await limiter.consume('k'.repeat(length), limit)
    expect([...rows.keys()]).toEqual(['k'.repeat(128), expect.stringMatching(/^(?!k+$).{1,64}$/)])
  })

  it('tells when a row cannot be written', async () => {
    const { verbs } = testStore({ recent: true })
    const insert = () => Promise.reject(new Error('disk full'))
    const limiter = storeLimiter({ ...verbs, insert } as Verbs, rateLimitTable, () => START)
    await expect(limiter.consume('k', limit)).rejects.toThrow('disk full')
  })

  it('tells when the store fails, and goes on when it is back', async () => {
    const { verbs } = testStore({ recent: true })
    let down = true
    const find: Verbs['find'] = (table, where) => (down ? Promise.reject(new Error('down')) : verbs.find(table, where))
    const limiter = storeLimiter({ ...verbs, find }, rateLimitTable, () => START)
    const both = await Promise.allSettled([limiter.consume('k', limit), limiter.consume('k', limit)])
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected'])
    down = false
    expect((await limiter.consume('k', limit)).allowed).toBe(true)
  })

  it.each([null, '', 'null', '{}', '["x"]', '[1,'])(
    'reads a row whose log is %j as if all had come last',
    async (recent) => {
      const { verbs, rows } = testStore({ recent: true })
      rows.set('k', { id: 'k', key: 'k', count: 3, lastRequest: START, recent })
      let now = START + 9_999
      const limiter = storeLimiter(verbs, rateLimitTable, () => now)
      expect(await limiter.consume('k', { window: 10, max: 3 })).toMatchObject({ allowed: false, retryAfter: 1 })
      expect((await limiter.consume('k', { window: 10, max: 4 })).allowed).toBe(true)
      now = START + 10_000
      expect((await limiter.consume('k', { window: 10, max: 3 })).allowed).toBe(true)
    },
  )

  it('starts anew only after a quiet window where there is no log', async () => {
    const { verbs } = testStore({ recent: false })
    let now = START
    const limiter = storeLimiter(verbs, rateLimitTable, () => now)
    const limit = { window: 10, max: 2 }
    const seen: boolean[] = []
    for (const gap of [0, 9_000, 9_000, 1_000, 9_999]) {
      now += gap
      seen.push((await limiter.consume('k', limit)).allowed)
    }
    expect(seen).toEqual([true, true, false, true, true])
  })

  it('lets one process alone start anew where there is no log', async () => {
    const { verbs } = testStore({ recent: false })
    let now = START
    const processes = Array.from({ length: 2 }, () => storeLimiter(verbs, rateLimitTable, () => now))
    for (let window = 0; window < 3; window++) {
      const all = await Promise.all(processes.map((limiter) => limiter.consume('k', { window: 10, max: 1 })))
      expect(all.filter((one) => one.allowed).length).toBe(1)
      now += 10_000
    }
  })

  it('takes any admission back where there is no log', async () => {
    const { verbs } = testStore({ recent: false })
    let now = START
    const limiter = storeLimiter(verbs, rateLimitTable, () => now)
    const first = await limiter.consume('k', { window: 10, max: 2 })
    now += 5_000
    await limiter.consume('k', { window: 10, max: 2 })
    await limiter.release('k', first.at)
    expect((await limiter.consume('k', { window: 10, max: 2 })).allowed).toBe(true)
  })

  it('keeps its counter within 32 bits', async () => {
    const { verbs, rows } = testStore({ recent: true })
    rows.set('k', { id: 'k', key: 'k', count: 2_000_000_000, lastRequest: START, recent: '[]' })
    const limiter = storeLimiter(verbs, rateLimitTable, () => START)
    await limiter.consume('k', limit)
    expect(rows.get('k')?.count).toBeLessThanOrEqual(1_000_000_000)
  })
})
