import { describe, expect, it } from 'vitest'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { openStore } from '../store/open.ts'
import { Exchange } from './exchange.ts'
import { memoryLimiter } from './limiter.ts'
import { sessionTable } from './model.ts'
import { createThrottle } from './throttle.ts'

const minute = 60_000
const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const ada = { account: 'ada', userId: 'ada' }

function site() {
  const clock = { now: start }
  const logged: string[] = []
  const rows: Record<string, unknown>[] = []
  const throttle = createThrottle({
    limiter: memoryLimiter(() => clock.now),
    store: openStore(memoryAdapter({ session: rows }), {
      tables: [sessionTable],
      makeId: () => `s${rows.length}`,
      idType: 'text',
    }),
    sessionTable,
    clock: () => clock.now,
    addressOf: (exchange) => exchange.remoteAddress ?? null,
    logger: { warn: (line: string) => logged.push(line) },
  })
  const from = (remoteAddress?: string) => new Exchange({ info: { remoteAddress } })
  /** 200 or 401 where the password is looked at, else what the refusal says. */
  const guess = async (right: boolean, address?: string, attempt: Parameters<typeof throttle.attempt>[1] = ada) => {
    try {
      return (await throttle.attempt(from(address), attempt, async () => right)) ? 200 : 401
    } catch (error) {
      return (error as { statusCode?: number }).statusCode
    }
  }
  const spend = async (attempt = ada) => {
    for (let i = 0; i < 20; i++) expect(await guess(false, undefined, attempt)).toBe(401)
  }
  return { clock, logged, rows, throttle, from, guess, spend }
}

describe('an account', () => {
  it('bears twenty failures in fifteen minutes, successes and errors not among them', async () => {
    const { clock, from, guess, spend, throttle } = site()
    const broken = async () => {
      throw new Error('broken')
    }
    for (let i = 0; i < 30; i++) {
      expect(await guess(true)).toBe(200)
      await expect(throttle.attempt(from(), ada, broken)).rejects.toThrow('broken')
    }
    await spend()
    clock.now += 15 * minute - 1
    expect(await guess(true)).toBe(429)
    const told = await throttle.attempt(from(), ada, async () => true).catch((error) => error)
    expect([...told.headers]).toEqual([
      ['retry-after', '1'],
      ['x-retry-after', '1'],
    ])
    expect(told.body).toEqual({ message: 'Too many requests. Please try again later.' })
    clock.now += 1
    expect(await guess(true)).toBe(200)
  })

  it('knows an address for thirty days after the session from there was last in use', async () => {
    const { clock, guess, rows, spend } = site()
    const used = new Date(start - 30 * day + minute)
    rows.push({ id: 's1', userId: 'ada', ipAddress: '192.0.2.1', updatedAt: used, token: 't', expiresAt: used })
    // Where the address of a session is not known, no other unknown one is the same.
    for (const ipAddress of [null, ''])
      rows.push({ id: 's2', userId: 'ada', ipAddress, updatedAt: new Date(start), token: 't2', expiresAt: used })
    await spend()
    expect(await guess(true, '192.0.2.1')).toBe(200)
    expect(await guess(true, '192.0.2.2')).toBe(429)
    expect(await guess(true)).toBe(429)
    clock.now += minute - 1
    expect(await guess(true, '192.0.2.1')).toBe(200)
    clock.now += 1
    expect(await guess(true, '192.0.2.1')).toBe(429)
  })

  it('knows it for as long after a sign-in whose session has ended', async () => {
    const { clock, from, guess, spend, throttle } = site()
    throttle.remember(from('192.0.2.1'), 'ada')
    throttle.remember(from(), 'ada')
    clock.now += 30 * day - minute
    await spend()
    expect(await guess(true, '192.0.2.1')).toBe(200)
    expect(await guess(true, '192.0.2.2')).toBe(429)
    expect(await guess(true)).toBe(429)
    clock.now += minute
    expect(await guess(true, '192.0.2.1')).toBe(429)
  })

  it('does not take an address that another user knows', async () => {
    const { from, guess, rows, spend, throttle } = site()
    const used = new Date(start)
    for (const userId of ['bob', '0', ''])
      rows.push({ id: userId, userId, ipAddress: '192.0.2.1', updatedAt: used, token: userId, expiresAt: used })
    for (const userId of ['bob', 'undefined', '0']) throttle.remember(from('192.0.2.1'), userId)
    await spend()
    expect(await guess(true, '192.0.2.1')).toBe(429)
    const nobody = { account: 'nobody', userId: undefined }
    for (let i = 0; i < 20; i++) await guess(false, undefined, nobody)
    expect(await guess(true, '192.0.2.1', nobody)).toBe(429)
  })

  it('is asked about in the store whether it is there or not', async () => {
    const asked: unknown[] = []
    const throttle = createThrottle({
      limiter: { consume: async () => ({ allowed: false, retryAfter: 9, at: 0 }), release: async () => {} },
      store: {
        find: async (_table: unknown, where: { userId: string }) => {
          asked.push(where.userId)
          return null
        },
      } as never,
      sessionTable,
      clock: () => start,
      addressOf: () => '192.0.2.1',
      logger: { warn: () => {} },
    })
    for (const userId of ['ada', undefined]) {
      await expect(throttle.attempt(new Exchange({}), { account: 'a', userId }, async () => true)).rejects.toThrow()
    }
    expect(asked).toEqual(['ada', expect.any(String)])
  })

  it('forgets, of 50,000 addresses, the one from which nobody has signed in for longest', async () => {
    const { from, guess, spend, throttle } = site()
    const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    for (let i = 0; i < 50_000; i++) throttle.remember(from(address(i)), 'ada')
    throttle.remember(from(address(0)), 'ada')
    // One that is not known takes no place.
    throttle.remember(from(), 'ada')
    await spend()
    expect(await guess(true, address(1))).toBe(200)
    throttle.remember(from(address(50_000)), 'ada')
    expect(await guess(true, address(0))).toBe(200)
    expect(await guess(true, address(1))).toBe(429)
    expect(await guess(true, address(2))).toBe(200)
  })
})

describe('one password tried on many accounts', () => {
  const many = async (guess: ReturnType<typeof site>['guess'], failures: number, successes = 0) => {
    for (let i = 0; i < successes; i++) await guess(true, undefined, { account: `s${i}`, userId: `s${i}` })
    for (let i = 0; i < failures; i++) await guess(false, undefined, { account: `f${i}`, userId: `f${i}` })
  }

  it('is told of at the hundredth failure in a minute, once', async () => {
    const { clock, guess, logged } = site()
    await many(guess, 99)
    expect(logged).toEqual([])
    await many(guess, 1)
    expect(logged).toEqual([expect.stringMatching(/^100 of 100 passwords in this minute were wrong/)])
    await many(guess, 200)
    expect(logged).toHaveLength(1)
    clock.now += minute
    await many(guess, 99)
    expect(logged).toHaveLength(1)
    await many(guess, 1)
    expect(logged).toHaveLength(2)
  })

  it('is not what a busy minute looks like, in which half of the passwords are right', async () => {
    const { guess, logged } = site()
    await many(guess, 120, 120)
    expect(logged).toEqual([])
    await many(guess, 1)
    expect(logged).toEqual([expect.stringMatching(/^121 of 241 /)])
  })

  it('does not count over the end of a minute', async () => {
    const { clock, guess, logged } = site()
    await many(guess, 99, 50)
    clock.now += minute - 1
    await many(guess, 1)
    expect(logged).toHaveLength(1)
    clock.now += 1
    await many(guess, 99)
    expect(logged).toHaveLength(1)
  })
})
