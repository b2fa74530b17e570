import { createAuth, type Options, type Plugin } from '@keystile/core'
import { memoryAdapter } from '@keystile/core/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { open, origin, secret, tokenName, v } from './support.ts'

const app = 'https://app.example.com'
const lines: string[] = []

/** An auth that is only started. */
function begin(options: Partial<Options> = {}) {
  lines.length = 0
  const auth = createAuth({
    database: ':memory:',
    secret,
    baseURL: app,
    env: {},
    production: true,
    logger: { log: (level, message) => lines.push(`${level}: ${message}`) },
    ...options,
  })
  onTestFinished(() => auth.close())
  return auth
}

const refusal = (code: string) => expect.objectContaining({ name: 'ConfigError', code })
const shared = (domain: string, baseURL?: string): Partial<Options> => ({
  ...(baseURL ? { baseURL } : {}),
  advanced: { crossSubDomainCookies: { enabled: true, domain } },
})

/** The bases of the links mailed at sign-ups to these places, and the statuses of the answers. */
async function mailed(options: Partial<Options>, requests: readonly (readonly [url: string, headers: object])[]) {
  const links: string[] = []
  const site = await open(
    {
      rateLimit: { enabled: false },
      ...options,
      emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(url) },
    },
    { users: [] },
  )
  const statuses: number[] = []
  for (const [i, [url, headers]] of requests.entries()) {
    const body = JSON.stringify({ name: 'N', email: `n${i}@example.com`, password: 'password-of-n' })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }
    statuses.push((await site.handler(new Request(`${url}/api/auth/sign-up/email`, init))).status)
  }
  await site.auth.idle()
  return { statuses, bases: links.map((link) => new URL(link).origin) }
}

describe('cookies at start', () => {
  it('CK-02 warns of cookies in clear on a public host, and makes them Secure on demand', async () => {
    const plain = 'http://app.example.com'
    begin({ baseURL: plain })
    expect(lines).toEqual([expect.stringMatching(/^warn: .*in clear.*https:\/\/app\.example\.com/)])
    begin({ baseURL: 'http://localhost:3000' })
    expect(lines).toEqual([])
    begin({ baseURL: plain, production: false })
    expect(lines).toEqual([])
    const site = await open({ baseURL: plain, production: true, advanced: { useSecureCookies: true } })
    const { setCookies } = await site.browser().signIn(v)
    expect(setCookies[0]).toMatch(new RegExp(`^__Secure-${tokenName}=.*; Secure`))
    expect(site.logged.filter((line) => line.includes('Secure'))).toHaveLength(1)
  })

  it('CK-03 shares cookies on no domain that others can have names below', async () => {
    for (const domain of ['com', 'localhost', '.localhost', '127.0.0.1', '::1', '[::1]']) {
      expect(() => begin(shared(domain)), domain).toThrow(refusal('COOKIE_DOMAIN_PUBLIC'))
    }
    for (const domain of ['https://example.com', 'example.com:3000', '*.example.com', 'a..com', 'a b', '-']) {
      expect(() => begin(shared(domain)), domain).toThrow(/COOKIE_DOMAIN_(?:INVALID|PUBLIC)/)
    }
    for (const domain of ['example.org', 'pp.example.com', 'other.example.com', 'app.example.com.evil.example']) {
      expect(() => begin(shared(domain)), domain).toThrow(refusal('COOKIE_DOMAIN_FOREIGN'))
    }
    for (const [domain, host] of [
      ['co.uk', 'https://app.co.uk'],
      ['.github.io', 'https://me.github.io'],
    ] as const) {
      const auth = begin(shared(domain, host))
      await expect(auth.$context, domain).rejects.toEqual(refusal('COOKIE_DOMAIN_PUBLIC'))
      await auth.handler(new Request(`${host}/api/auth/ok`))
      await auth.idle()
      expect(lines.filter((line) => /^error: .*COOKIE_DOMAIN_PUBLIC/.test(line))).toHaveLength(1)
    }
    for (const domain of ['example.com', '.example.com', 'EXAMPLE.com', 'app.example.com']) {
      await expect(begin(shared(domain)).$context, domain).resolves.toBeDefined()
    }
    const attributes = { domain: 'com' }
    for (const advanced of [{ defaultCookieAttributes: attributes }, { cookies: { session_token: { attributes } } }]) {
      expect(() => begin({ advanced })).toThrow(refusal('COOKIE_DOMAIN_PUBLIC'))
    }
  })

  it('CK-10 starts with no cookie whose name is none', () => {
    for (const name of ['a;b', 'a b', 'é', '', 'a=b', 'a\r\nb']) {
      for (const advanced of [{ cookiePrefix: name || ' ' }, { cookies: { session_token: { name: name || ' ' } } }]) {
        expect(() => begin({ advanced }), name).toThrow(refusal('COOKIE_NAME_INVALID'))
      }
      const plugin: Plugin<'careless'> = { id: 'careless', init: ({ makeCookie }) => void makeCookie(`${name} `) }
      expect(() => begin({ plugins: [plugin] }), name).toThrow(/careless.*cookie name/i)
    }
    expect(() => begin({ advanced: { cookies: { session_token: { name: 'my-app.session!' } } } })).not.toThrow()
  })

  it('CK-11 starts with no cookie that needs Secure and lacks it', () => {
    const http = { baseURL: 'http://localhost:3000', production: false }
    for (const attributes of [{ sameSite: 'none' }, { sameSite: 'None' }, { partitioned: true }] as const) {
      for (const advanced of [
        { defaultCookieAttributes: attributes },
        { cookies: { session_token: { attributes } } },
        { useSecureCookies: true, defaultCookieAttributes: { ...attributes, secure: false } },
      ]) {
        expect(() => begin({ ...http, advanced })).toThrow(refusal('COOKIE_INSECURE'))
      }
      expect(() => begin({ advanced: { defaultCookieAttributes: attributes } })).not.toThrow()
      expect(() =>
        begin({ ...http, advanced: { defaultCookieAttributes: { ...attributes, secure: true } } }),
      ).not.toThrow()
    }
    for (const prefix of ['__Secure-x', '__Host-x', '__host-x']) {
      expect(() => begin({ ...http, advanced: { cookiePrefix: prefix } })).toThrow(refusal('COOKIE_PREFIX_INSECURE'))
    }
  })
})

describe('hosts and proxies', () => {
  it('HD-01 says at start that no base URL is set, and strictly goes without none', () => {
    begin({ baseURL: undefined })
    expect(lines).toEqual([expect.stringMatching(/^warn: .*base URL.*allowedHosts/)])
    expect(() => begin({ baseURL: undefined, preset: 'strict' })).toThrow(refusal('BASE_URL_MISSING'))
    expect(() => begin({ baseURL: { allowedHosts: ['app.example.com'] }, preset: 'strict' })).not.toThrow()
  })

  it('HD-02 answers no host that is not allowed, and mails it no link', async () => {
    const baseURL = { allowedHosts: ['app.example.com'] }
    expect(
      await mailed({ baseURL }, [
        ['https://evil.example', {}],
        [app, { host: 'evil.example' }],
        [app, { host: 'app.example.com.evil.example' }],
        [app, {}],
      ]),
    ).toEqual({ statuses: [400, 400, 400, 200], bases: [app] })
  })

  it('HD-03 looks at no forwarded header unless it is told to', async () => {
    const forwarded = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    }
    const here = 'http://here.example'
    const asked = [[here, forwarded]] as const
    expect(await mailed({ baseURL: undefined }, asked)).toEqual({ statuses: [200], bases: [here] })
    expect(await mailed({ baseURL: app }, asked)).toEqual({ statuses: [200], bases: [app] })
    const baseURL = { allowedHosts: ['here.example', 'evil.example'] }
    expect(await mailed({ baseURL }, asked)).toEqual({ statuses: [200], bases: [here] })
  })

  it('HD-04 keeps nothing of the host of the first request', async () => {
    const requests = [
      ['http://evil.example', {}],
      [app, {}],
    ] as const
    expect(await mailed({ baseURL: undefined }, requests)).toEqual({
      statuses: [200, 200],
      bases: ['http://evil.example', app],
    })
  })

  it('HD-05 takes a host in its one form or not at all', async () => {
    const baseURL = { allowedHosts: ['*'], protocol: 'https' as const }
    const hosts = [
      'APP.example.com:8443',
      'user:pw@evil.example',
      'evil.example/x',
      '[fe80::1%25eth0]',
      'a.example:99999',
      'evil.example\\x',
      'a b',
      'a..b',
      '[2001:db8::1]:3000',
    ]
    const got = await mailed(
      { baseURL },
      hosts.map((host) => [app, { host }] as const),
    )
    expect(got.statuses).toEqual([200, 400, 400, 400, 400, 400, 400, 400, 200])
    expect(got.bases).toEqual(['https://app.example.com:8443', 'https://[2001:db8::1]:3000'])
  })

  it('HD-06 lets no header change method or path', async () => {
    const site = await open()
    const own = await site.signedIn()
    const headers = {
      'x-http-method-override': 'POST',
      'x-http-method': 'DELETE',
      'x-original-url': '/api/auth/sign-out',
      'x-rewrite-url': '/api/auth/sign-out',
    }
    expect((await own.get('/sign-out', headers)).status).toBe(404)
    expect((await own.get('/get-session', headers)).json.user).toMatchObject({ email: v.email })
    expect((await own.post('/ok', {}, { ...headers, 'x-http-method-override': 'GET' })).status).toBe(404)
    expect(await site.rows('session')).toHaveLength(1)
  })

  it('HD-10 knows a client by one form of its address', async () => {
    const addressOf = async (header: string, ipAddress: NonNullable<Options['advanced']>['ipAddress'] = {}) => {
      const site = await open({ advanced: { ipAddress: { trustedProxies: ['10.0.0.0/8'], ...ipAddress } } })
      await site.browser({ remoteAddress: '10.0.0.1' }).post('/sign-in/email', v, { 'x-forwarded-for': header })
      return (await site.rows('session'))[0]?.ipAddress
    }
    for (const header of ['::ffff:203.0.113.7', '203.0.113.7:4711', '203.0.113.7', '[::ffff:cb00:7107]:80']) {
      expect(await addressOf(header), header).toBe('203.0.113.7')
    }
    for (const header of ['2001:db8:1:2::9', '[2001:DB8:1:2:0::9]:443', '2001:db8:1:2:ffff::1%eth0']) {
      expect(await addressOf(header), header).toBe('2001:0db8:0001:0002:0000:0000:0000:0000')
    }
    expect(() =>
      begin({ advanced: { ipAddress: { trustedProxies: ['10.0.0.0/8', '10.0.0.0/33', 'proxy'] } } }),
    ).toThrow(/"10\.0\.0\.0\/33", "proxy".*\n[\s\S]*PROXY_RANGE_INVALID/)
    for (const ipv6Subnet of [-1, 129, 1.5, Number.NaN]) {
      expect(() => begin({ advanced: { ipAddress: { ipv6Subnet } } })).toThrow(refusal('IPV6_SUBNET_INVALID'))
    }
  })

  it('CA-05 varies by Origin wherever the answer depends on it', async () => {
    const auth = begin({ trustedOrigins: ['https://web.example.com'] })
    const ask = (method: string, from: string | undefined, path = '/api/auth/ok') =>
      auth.handler(
        new Request(app + path, {
          method,
          headers: {
            ...(from ? { origin: from } : {}),
            ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : {}),
          },
        }),
        { cors: true },
      )
    for (const from of [undefined, 'https://web.example.com', 'https://evil.example', 'null']) {
      for (const path of ['/api/auth/ok', '/api/auth/none', '/api/auth/get-session']) {
        expect((await ask('GET', from, path)).headers.get('vary')).toBe('Origin')
      }
      const { status, headers } = await ask('OPTIONS', from)
      expect([status, headers.get('vary')]).toEqual([204, 'Origin, Access-Control-Request-Headers'])
      expect(headers.get('access-control-allow-origin')).toBe(from === 'https://web.example.com' ? from : null)
    }
    // Without it, no answer depends on the origin.
    const plain = await auth.handler(
      new Request(`${app}/api/auth/ok`, { headers: { origin: 'https://web.example.com' } }),
    )
    expect([plain.headers.get('vary'), plain.headers.get('access-control-allow-origin')]).toEqual([null, null])
  })
})

describe('secrets at start', () => {
  it("LG-08 takes its own names before better-auth's, and has no secret of its own", async () => {
    const of = (name: string) => `${name}-${secret}`
    const env = { KEYSTILE_SECRET: of('one'), BETTER_AUTH_SECRET: of('two'), AUTH_SECRET: of('three') }
    const rows = {}
    const signer = async (given: Record<string, string>, own?: string) => {
      const site = await open(
        { database: memoryAdapter(rows), secret: own, env: given, production: true, rateLimit: { enabled: false } },
        { users: [] },
      )
      return site.browser()
    }
    await (await signer(env)).signUp(v)
    const withFirst = await signer(env)
    await withFirst.signIn(v)
    const cookies = { cookie: [...withFirst.jar].map(([name, value]) => `${name}=${value}`).join('; ') }
    const opens = async (given: Record<string, string>, own?: string) =>
      (await (await signer(given, own)).get('/get-session', cookies)).text !== 'null'
    expect(await opens({ KEYSTILE_SECRET: of('one') })).toBe(true)
    expect(await opens({ BETTER_AUTH_SECRET: of('one'), AUTH_SECRET: of('three') })).toBe(true)
    expect(await opens({ AUTH_SECRET: of('one') })).toBe(true)
    expect(await opens({ KEYSTILE_SECRET: of('two'), BETTER_AUTH_SECRET: of('one') })).toBe(false)
    expect(await opens(env, of('four'))).toBe(false)
    expect(await opens({ KEYSTILE_SECRET: of('four') }, of('one'))).toBe(true)
    for (const given of [{}, { KEYSTILE_SECRET: '' }, { SECRET: of('one') }]) {
      expect(() => begin({ secret: undefined, env: given })).toThrow(refusal('SECRET_MISSING'))
    }
    for (const weak of ['short', 'a'.repeat(64), 'better-auth-secret-123456789012345678901234567890']) {
      expect(() => begin({ secret: undefined, env: { KEYSTILE_SECRET: weak } })).toThrow(refusal('SECRET_WEAK'))
      try {
        begin({ secret: weak })
      } catch (error) {
        expect(String(error)).not.toContain(weak)
      }
    }
    // While developing one is made up: never the same twice.
    const bare = { production: false, secret: undefined, baseURL: origin, database: memoryAdapter(rows) }
    const made = await open(bare, { users: [] })
    const own = made.browser()
    await own.signIn(v)
    const again = await open(bare, { users: [] })
    const kept = { cookie: [...own.jar].map(([name, value]) => `${name}=${value}`).join('; ') }
    expect((await made.browser().get('/get-session', kept)).text).not.toBe('null')
    expect((await again.browser().get('/get-session', kept)).text).toBe('null')
  })
})
