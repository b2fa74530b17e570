import { type AnyPlugin, endpoint, type Options } from '@keystile/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type Answer, ada, setup } from '../support.ts'

type Limits = NonNullable<Options['rateLimit']>

const address = '192.0.2.1'
const limited = (rateLimit: Limits = {}, options: Partial<Options> = {}) => {
  const made = setup({ ...options, rateLimit: { enabled: true, ...rateLimit } })
  return { ...made, caller: made.browser({ remoteAddress: address }) }
}

/** How many of `tries` requests pass before the first 429, and that one. */
async function passing(ask: () => Promise<Answer>, tries = 120) {
  for (let passed = 0; passed < tries; passed++) {
    const answer = await ask()
    if (answer.status === 429) return { passed, refused: answer }
  }
  return { passed: tries, refused: undefined }
}

describe('5 when it is on', () => {
  const cases: readonly [string, Partial<Options>, on: boolean][] = [
    ['not while developing', {}, false],
    ['in production', { production: true }, true],
    ['switched on', { rateLimit: { enabled: true } }, true],
    ['switched off in production', { production: true, rateLimit: { enabled: false } }, false],
    ['not without addresses', { production: true, advanced: { ipAddress: { disableIpTracking: true } } }, false],
  ]
  it.each(cases)('%s', async (_title, options, on) => {
    const caller = setup(options).browser({ remoteAddress: address })
    const { passed } = await passing(() => caller.post('/sign-in/email', { email: 'x', password: 'x' }), 5)
    expect(passed).toBe(on ? 3 : 5)
  })
})

describe('5 the rules', () => {
  const rules: readonly [path: string, max: number, window: number][] = [
    ['/ok', 100, 10],
    ['/get-session', 100, 10],
    ['/nothing/here', 100, 10],
    ['/sign-in/email', 3, 10],
    ['/sign-in/username', 3, 10],
    ['/sign-up/email', 3, 10],
    ['/change-password', 3, 10],
    ['/change-email', 3, 10],
    ['/request-password-reset', 3, 60],
    ['/send-verification-email', 3, 60],
    ['/forget-password/email', 3, 60],
    ['/email-otp/send-verification-otp', 3, 60],
    ['/email-otp/request-password-reset', 3, 60],
  ]
  it.each(rules)('%s: %d in %d seconds', async (path, max, window) => {
    const { caller, clock } = limited()
    const { passed, refused } = await passing(() => caller.get(path))
    expect(passed).toBe(max)
    expect(refused?.headers.get('retry-after')).toBe(String(window))
    clock.now += window * 1000 - 1
    expect((await caller.get(path)).headers.get('retry-after')).toBe('1')
    clock.now += 1
    expect((await caller.get(path)).status).not.toBe(429)
  })

  it('2.1 the answer: both headers, JSON, no code', async () => {
    const { caller } = limited({ max: 1 })
    await caller.get('/ok')
    const answer = await caller.get('/ok')
    expect([answer.status, answer.statusText, answer.text]).toEqual([
      429,
      'TOO_MANY_REQUESTS',
      '{"message":"Too many requests. Please try again later."}',
    ])
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(answer.headers.get('x-retry-after')).toBe('10')
  })

  it('at most max in any window, and a steady client below the rate always passes', async () => {
    const { caller, clock } = limited({ window: 10, max: 3 })
    for (const [at, status] of [
      [0, 200],
      [9000, 200],
      [9500, 200],
      [9900, 429],
      [10_000, 200],
      [18_999, 429],
      [19_000, 200],
    ] as const) {
      clock.now = Date.UTC(2026, 0, 1) + at
      expect([at, (await caller.get('/ok')).status]).toEqual([at, status])
    }
    for (let i = 0; i < 20; i++) {
      clock.now += 5000
      expect((await caller.get('/ok')).status).toBe(200)
    }
  })

  it('each path and each address counts by itself; a trailing slash is the same path', async () => {
    const { browser, caller } = limited({ max: 2 })
    expect((await passing(() => caller.get('/ok'))).passed).toBe(2)
    expect((await caller.get('/ok/')).status).toBe(429)
    expect((await caller.get('/get-session')).status).toBe(200)
    expect((await browser({ remoteAddress: '192.0.2.2' }).get('/ok')).status).toBe(200)
  })

  it('paths that lead nowhere count together', async () => {
    const { caller } = limited({ max: 2 })
    const answers = []
    for (const path of ['/a', '/b', '/c']) answers.push((await caller.get(path)).status)
    expect(answers).toEqual([404, 404, 429])
    expect((await caller.get('/ok')).status).toBe(200)
  })

  it('one IPv6 /64 is one client', async () => {
    const { browser } = limited({ max: 1 })
    expect((await browser({ remoteAddress: '2001:db8::1' }).get('/ok')).status).toBe(200)
    expect((await browser({ remoteAddress: '2001:db8::2' }).get('/ok')).status).toBe(429)
    expect((await browser({ remoteAddress: '2001:db8:0:1::1' }).get('/ok')).status).toBe(200)
  })

  it('clients of unknown address share a generous limit', async () => {
    const { browser } = limited({ max: 1 })
    const caller = browser()
    expect((await passing(() => caller.get('/ok'))).passed).toBe(100)
  })

  it('that clients are of unknown address is told once, and what helps', async () => {
    const { browser, logged } = limited()
    for (let i = 0; i < 3; i++) await browser().get('/ok')
    const told = logged.filter((line) => line.includes('address'))
    expect(told).toEqual([expect.stringMatching(/^warn: the address of a client .* remoteAddress.*trustedProxies/)])
  })

  it('disabled paths do not count, server calls neither', async () => {
    const { auth, caller } = limited({ max: 1 }, { disabledPaths: ['/ok'] })
    for (let i = 0; i < 3; i++) expect((await caller.get('/ok')).status).toBe(404)
    for (let i = 0; i < 3; i++) expect(await auth.api.ok()).toEqual({ ok: true })
  })

  it('a refused request does nothing', async () => {
    const { caller, rows } = limited()
    for (let i = 0; i < 5; i++) await caller.signUp({ ...ada, email: `a${i}@b.co` })
    expect(rows.user).toHaveLength(3)
  })
})

describe('5 custom rules', () => {
  const one = { window: 60, max: 1 }
  const cases: readonly [string, Limits['customRules'], path: string, passed: number][] = [
    ['exact', { '/ok': one }, '/ok', 1],
    ['exact is not a prefix', { '/ok': one }, '/okay', 5],
    ['one segment', { '/get-*': one }, '/get-session', 1],
    ['before a special rule', { '/sign-in/*': { window: 10, max: 4 } }, '/sign-in/email', 4],
    ['one level only', { '/sign-in/*': one }, '/sign-in/a/b', 3],
    ['the first that matches', { '/o*': one, '/ok': { window: 60, max: 2 } }, '/ok', 1],
    ['false lifts the limit', { '/sign-in/*': false }, '/sign-in/email', 5],
    [
      'a function',
      { '/ok': (request, rule) => ({ window: rule.window, max: request.method === 'GET' ? 2 : 1 }) },
      '/ok',
      2,
    ],
    ['an async function that lifts it', { '/sign-in/email': async () => false as const }, '/sign-in/email', 5],
    [
      'a function that fails leaves the rule',
      { '/sign-in/email': () => Promise.reject(new Error('no')) },
      '/sign-in/email',
      3,
    ],
  ]
  it.each(cases)('%s', async (_title, customRules, path, expected) => {
    const { caller } = limited({ customRules })
    expect((await passing(() => caller.get(path), 5)).passed).toBe(expected)
  })

  it('a plugin’s rule stands between special and custom, the first plugin’s first', async () => {
    const rule = (max: number) => ({ window: 10, max, path: (path: string) => path === '/sign-in/email' })
    const plugins: AnyPlugin[] = [
      { id: 'a', rateLimits: [rule(2)] },
      { id: 'b', rateLimits: [rule(4)] },
    ]
    const { caller } = limited({}, { plugins })
    expect((await passing(() => caller.get('/sign-in/email'), 5)).passed).toBe(2)
    const custom = limited({ customRules: { '/sign-in/email': { window: 10, max: 1 } } }, { plugins })
    expect((await passing(() => custom.caller.get('/sign-in/email'), 5)).passed).toBe(1)
  })
})

describe('5 storages', () => {
  it('database: one row per key, shared by instances', async () => {
    const first = limited({ storage: 'database', max: 3 })
    await first.caller.get('/ok')
    await first.caller.get('/ok')
    expect(first.rows.rateLimit).toEqual([
      expect.objectContaining({ key: `${address}|/ok`, count: 2, lastRequest: first.clock.now }),
    ])
    const second = setup({ rateLimit: { enabled: true, storage: 'database', max: 3 } }, first.rows)
    const caller = second.browser({ remoteAddress: address })
    expect((await passing(() => caller.get('/ok'))).passed).toBe(1)
  })

  it('database: 20 at once, as many as the limit pass', async () => {
    const { caller } = limited({ storage: 'database', max: 7 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.get('/ok')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7)
  })

  it('custom: asked by key and rule, its answer is the one', async () => {
    const asked: unknown[] = []
    const { caller } = limited({
      customStorage: {
        consume: async (key, rule) => {
          asked.push([key, rule])
          return { allowed: asked.length < 2, retryAfter: 42 }
        },
      },
    })
    expect((await caller.get('/ok')).status).toBe(200)
    expect((await caller.get('/ok')).headers.get('x-retry-after')).toBe('42')
    expect(asked[0]).toEqual([`${address}|/ok`, { window: 10, max: 100 }])
  })

  it.each([
    ['its path', address, '/ok', `${address}|/ok`],
    ['nowhere, where that leads', address, '/nothing', `${address}|nowhere`],
    ['no address, where that is unknown', undefined, '/ok', 'no-trusted-ip|/ok'],
    ['a long path, as far as it is read', address, `/files/${'x'.repeat(300)}`, `${address}|/files/${'x'.repeat(193)}`],
  ])('custom: the key names %s', async (_title, remoteAddress, path, expected) => {
    const keys: string[] = []
    const consume = async (key: string) => ({ allowed: keys.push(key) > 0, retryAfter: 0 })
    const file = endpoint(
      { path: '/files/:name', method: 'GET', access: 'public', summary: 'File', reply: v.unknown() },
      () => ({}),
    )
    const { browser } = limited({ customStorage: { consume } }, { plugins: [{ id: 'files', endpoints: { file } }] })
    await browser({ remoteAddress }).get(path)
    expect(keys).toEqual([expected])
  })
})

describe('5 the client’s address', () => {
  const proxies = ['10.0.0.0/8']
  const cases: readonly [
    string,
    trusted: readonly string[],
    peer: string | undefined,
    header: string | null,
    seen: string,
  ][] = [
    ['a header without trusted proxies is ignored', [], '203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['no peer and no proxies', [], undefined, '1.2.3.4', ''],
    ['walk from the right', proxies, '10.0.0.2', '9.9.9.9, 1.2.3.4, 10.0.0.1', '1.2.3.4'],
    ['a malformed hop', proxies, '10.0.0.2', '1.2.3.4, bad, 10.0.0.1', ''],
    ['one hop', proxies, '10.0.0.2', '6.6.6.6', '6.6.6.6'],
    ['a peer that is no proxy', proxies, '203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['IPv6 is masked', [], '2001:db8::1', null, '2001:0db8:0000:0000:0000:0000:0000:0000'],
    ['loopback of IPv6', [], '::1', null, '0000:0000:0000:0000:0000:0000:0000:0000'],
    ['IPv4 in IPv6', [], '::ffff:c000:0201', null, '192.0.2.1'],
  ]
  it.each(cases)('%s', async (_title, trustedProxies, remoteAddress, header, seen) => {
    const { browser, rows } = setup({ advanced: { ipAddress: { trustedProxies } } })
    await browser({ remoteAddress }).post('/sign-up/email', ada, { 'x-forwarded-for': header })
    expect(rows.session[0]?.ipAddress).toBe(seen)
  })
})
