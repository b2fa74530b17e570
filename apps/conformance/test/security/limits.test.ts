import { describe, expect, it } from 'vitest'
import { type Answer, direct, open, origin, type Site, v, w } from './support.ts'

const production = { production: true } as const
const wrong = { ...v, password: 'not-the-password' }
const mebibyte = 1 << 20

/** How many of so many requests were let in; the others must have been answered 429. */
async function admitted(times: number, ask: (i: number) => Promise<Answer>): Promise<number> {
  let count = 0
  for (let i = 0; i < times; i++) {
    const { status } = await ask(i)
    if (status !== 429) count++
  }
  return count
}

const from = (site: Site, remoteAddress: string) => site.browser({ remoteAddress })

const post = (site: Site, body: BodyInit, headers: Record<string, string>) =>
  site.handler(
    new Request(`${origin}/api/auth/sign-in/email`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
  )

/** A body that gives chunk after chunk and tells how many bytes were taken of it. */
function stream(
  chunks: number,
  size = 65536,
): { readonly body: ReadableStream<Uint8Array>; readonly taken: () => number } {
  let given = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given >= chunks) return controller.close()
        given++
        controller.enqueue(new Uint8Array(size).fill(0x61))
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken: () => given * size }
}

describe('limits', () => {
  it('RL-01 lets a client sign in three times in ten seconds, in production without being asked', async () => {
    const site = await open(production)
    const caller = from(site, '203.0.113.1')
    for (let i = 0; i < 3; i++) expect((await caller.signIn(wrong)).status).toBe(401)
    const hashes = site.hashes.count
    const denied = await caller.signIn(v)
    expect(denied).toMatchObject({
      status: 429,
      json: { message: 'Too many requests. Please try again later.' },
      setCookies: [],
    })
    expect(Object.keys(denied.json)).toEqual(['message'])
    expect(denied.headers.get('retry-after')).toMatch(/^(?:[1-9]|10)$/)
    expect(denied.headers.get('x-retry-after')).toBe(denied.headers.get('retry-after'))
    expect(site.hashes.count).toBe(hashes)
    expect((await from(site, '203.0.113.2').signIn(v)).status).toBe(200)
    site.clock.now += 10_000
    expect((await caller.signIn(v)).status).toBe(200)
  })

  it('RL-02 bounds the failures of an account over all clients, and still lets its owner in', async () => {
    const site = await open({}, { users: [v, w] })
    expect((await from(site, '198.51.100.7').signIn(v)).status).toBe(200)
    expect((await site.browser({ remoteAddress: '2001:db8:1:2::1' }).signIn(v)).status).toBe(200)
    for (let i = 0; i < 20; i++) expect((await from(site, `203.0.113.${i}`).signIn(wrong)).status).toBe(401)
    for (const guess of [wrong, v]) {
      const denied = await from(site, '203.0.113.99').signIn(guess)
      expect(denied.status).toBe(429)
      expect(Number(denied.headers.get('retry-after'))).toBeGreaterThan(800)
    }
    // Known: the address, or its IPv6 network, has had a session of this user.
    expect((await from(site, '198.51.100.7').signIn(v)).status).toBe(200)
    expect((await from(site, '2001:db8:1:2:ffff::9').signIn(v)).status).toBe(200)
    // Neither the case of the address nor forwarded headers make another account or another client of it.
    expect((await from(site, '203.0.113.99').signIn({ ...v, email: 'V@EXAMPLE.com' })).status).toBe(429)
    const forged = await from(site, '203.0.113.99').post('/sign-in/email', v, { 'x-forwarded-for': '198.51.100.7' })
    expect(forged.status).toBe(429)
    expect((await from(site, '203.0.113.99').signIn(w)).status).toBe(200)
    // An address of nobody is counted alike, so that the limit tells nothing.
    const nobody = { ...wrong, email: 'nobody@example.com' }
    expect(await admitted(30, (i) => from(site, `203.0.113.${i}`).signIn(nobody))).toBe(20)
    site.clock.now += 15 * 60_000
    expect((await from(site, '203.0.113.99').signIn(v)).status).toBe(200)
  })

  it('RL-05 takes the right-most hop that is no trusted proxy for the client', async () => {
    const site = await open({
      ...production,
      advanced: { ipAddress: { trustedProxies: ['10.0.0.0/8', '2001:db8:ffff::/48'] } },
    })
    const addressOf = async (forwarded: string, remoteAddress = '10.0.0.1') => {
      await site.domain.store.remove(site.domain.tables.session, {})
      site.clock.now += 60_000
      const answer = await from(site, remoteAddress).post('/sign-in/email', v, { 'x-forwarded-for': forwarded })
      expect(answer.status).toBe(200)
      return (await site.rows('session'))[0]?.ipAddress
    }
    expect(await addressOf('6.6.6.6, 198.51.100.7, 10.0.0.9')).toBe('198.51.100.7')
    expect(await addressOf('6.6.6.6,198.51.100.7')).toBe('198.51.100.7')
    expect(await addressOf('10.0.0.5, 198.51.100.7, 10.1.1.1, 10.0.0.9')).toBe('198.51.100.7')
    expect(await addressOf('198.51.100.7, 2001:db8:ffff::1', '2001:db8:ffff::2')).toBe('198.51.100.7')
    // A hop that is no address, or proxies alone: not known, rather than a guess.
    expect(await addressOf('6.6.6.6, unknown, 10.0.0.9')).toBe('')
    expect(await addressOf('10.0.0.5, 10.0.0.9')).toBe('')
    // A peer that is no proxy is the client itself, whatever it says.
    expect(await addressOf('6.6.6.6', '203.0.113.5')).toBe('203.0.113.5')

    site.clock.now += 60_000
    const chain = (i: number) => ({ 'x-forwarded-for': `6.6.6.${i}, 198.51.100.7, 10.0.0.9` })
    expect(await admitted(9, (i) => from(site, '10.0.0.1').post('/sign-in/email', wrong, chain(i)))).toBe(3)
  })

  it('RL-06 gives clients of unknown address one generous share, and warns once', async () => {
    const site = await open(production)
    site.logged.length = 0
    const count = await admitted(1000, (i) =>
      site
        .browser()
        .post('/sign-in/email', { ...wrong, email: `u${i}@example.com` }, { 'x-forwarded-for': `6.6.6.${i % 250}` }),
    )
    expect(count).toBe(300)
    expect((await from(site, '203.0.113.5').signIn(v)).status).toBe(200)
    // What an account bears holds for them as for anyone.
    site.clock.now += 60_000
    expect(await admitted(30, () => site.browser().signIn(wrong))).toBe(20)
    const told = await open(production)
    expect(told.logged.filter((line) => /^warn: .*address/.test(line))).toHaveLength(1)
    expect(site.logged.filter((line) => /^warn: .*address/.test(line))).toEqual([])
  })

  it('RL-09 admits no more than the limit in any window', async () => {
    for (const storage of ['memory', 'database'] as const) {
      const site = await open({ rateLimit: { enabled: true, window: 10, max: 10, storage } })
      const begun = site.clock.now
      const moments: number[] = []
      for (const ms of [0, 3_000, 9_900, 10_100, 12_950, 13_050, 19_950, 20_050, 60_000]) {
        site.clock.now = begun + ms
        const count = await admitted(ms === 0 || ms === 3_000 ? 3 : 10, () => from(site, '203.0.113.1').get('/ok'))
        for (let i = 0; i < count; i++) moments.push(ms)
      }
      for (const moment of moments) {
        expect(moments.filter((other) => other > moment - 10_000 && other <= moment).length).toBeLessThanOrEqual(10)
      }
      // 3 and 3, then 4; three places free at 10.1 s and three at 13.05 s; four at 19.95 s …
      expect(moments.filter((ms) => ms === 9_900)).toHaveLength(4)
      expect(moments.filter((ms) => ms === 10_100)).toHaveLength(3)
      expect(moments.filter((ms) => ms === 12_950)).toHaveLength(0)
      expect(moments.filter((ms) => ms === 13_050)).toHaveLength(3)
      expect(moments.filter((ms) => ms === 60_000)).toHaveLength(10)
    }
  })

  it('RL-11 lifts a limit where a rule says so, and keeps it where a rule fails', async () => {
    const site = await open({
      rateLimit: {
        enabled: true,
        customRules: {
          '/sign-in/*': false,
          '/sign-up/email': () => {
            throw new Error('the rule is out of order')
          },
          '/sign-out': async () => {
            throw new Error('the rule is out of order')
          },
          '/update-user': (_request, rule) => ({ ...rule, max: 5 }),
          '/ok': async () => false as const,
        },
        window: 10,
        max: 8,
      },
    })
    const caller = from(site, '203.0.113.1')
    expect(await admitted(12, (i) => caller.signIn({ ...v, email: `u${i}@example.com` }))).toBe(12)
    expect(await admitted(12, () => caller.signUp({}))).toBe(3)
    expect(await admitted(12, () => caller.post('/sign-out'))).toBe(8)
    expect(await admitted(12, () => caller.post('/update-user', {}))).toBe(5)
    expect(await admitted(12, () => caller.get('/ok'))).toBe(12)
    expect(site.logged.some((line) => line.startsWith('error: a rate limit rule failed'))).toBe(true)
  })

  it('RL-12 stops reading a body at its limit', async ({ skip }) => {
    direct(skip, 'what a connection holds is not read yet, but gone from the sender')
    const site = await open()
    const types = ['application/json', 'application/x-www-form-urlencoded']
    for (const type of types) {
      const headers = { 'content-type': type }
      const whole = await post(site, 'a'.repeat(10 * mebibyte), headers)
      expect(whole.status).toBe(413)
      expect(await whole.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
      for (const chunks of [160, Number.POSITIVE_INFINITY]) {
        const { body, taken } = stream(chunks)
        expect((await post(site, body, headers)).status).toBe(413)
        expect(taken()).toBeLessThanOrEqual(mebibyte + 2 * 65536)
      }
      // What the sender says of the length is believed only when it is too much.
      const { body, taken } = stream(160)
      expect((await post(site, body, { ...headers, 'content-length': String(10 * mebibyte) })).status).toBe(413)
      expect(taken()).toBe(0)
      const lying = stream(160)
      expect((await post(site, lying.body, { ...headers, 'content-length': '10' })).status).toBe(413)
    }
    // Below the limit a body is read: this one is no JSON.
    expect((await post(site, 'a'.repeat(mebibyte), { 'content-type': types[0] ?? '' })).status).toBe(400)
    expect((await post(site, 'a'.repeat(mebibyte + 1), { 'content-type': types[0] ?? '' })).status).toBe(413)

    const own = await open({ advanced: { maxBodySize: 100 } })
    expect((await own.browser().post('/sign-in/email', { ...v, callbackURL: `/${'a'.repeat(100)}` })).status).toBe(413)
  })

  it('bounds the memory that a flood of long bodies takes', async () => {
    const site = await open()
    const before = process.memoryUsage()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        post(site, stream(Number.POSITIVE_INFINITY).body, { 'content-type': 'application/json' }),
      ),
    )
    const after = process.memoryUsage()
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(413))
    const grown = after.heapUsed + after.external - before.heapUsed - before.external
    expect(grown / 20).toBeLessThan(4 * mebibyte)
  })
})
