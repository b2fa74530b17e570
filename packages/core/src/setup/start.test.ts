import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuth } from '../auth.ts'
import type { Options } from '../contract/options.ts'
import type { ConfigError } from '../lib/errors.ts'

const secret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'

function begin(options: object) {
  const logged: string[] = []
  const auth = createAuth({
    database: ':memory:',
    secret,
    baseURL: 'https://app.example.com',
    env: {},
    production: true,
    logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
    ...options,
  } as Options)
  onTestFinished(() => auth.close())
  return { auth, logged }
}

function refusalOf(options: object): ConfigError {
  try {
    begin(options)
  } catch (error) {
    return error as ConfigError
  }
  throw new Error('it started')
}

describe('start', () => {
  it('shows all that is wrong together, each with what was seen, what was expected and a fix', () => {
    const error = refusalOf({
      secret: 'short',
      baseURL: 'app.example.com',
      databse: 1,
      database: 'postgres://localhost/auth',
      session: { expiresIn: -1 },
      advanced: {
        ipAddress: { trustedProxies: ['proxy'], ipv6Subnet: 200 },
        cookiePrefix: 'a b',
        defaultCookieAttributes: { domain: 'com' },
      },
      rateLimit: { window: Number.POSITIVE_INFINITY },
    })
    expect(error.problems.map(({ code }) => code).sort()).toEqual([
      'BASE_URL_INVALID',
      'COOKIE_NAME_INVALID',
      'DATABASE_UNSUPPORTED',
      'IPV6_SUBNET_INVALID',
      'OPTION_UNKNOWN',
      'PROXY_RANGE_INVALID',
      'RATE_LIMIT_INVALID',
      'SECRET_WEAK',
      'SESSION_TIME_INVALID',
    ])
    for (const { code, message, seen, expected, fix } of error.problems) {
      expect(error.message).toContain(`${fix} (${code})`)
      expect(error.message).toContain(message)
      expect([seen, expected], code).not.toContain(undefined)
    }
    expect(error.message).toMatch(/trustedProxies holds.*\n {2}seen: "proxy"\n {2}expected: IP.*\n {2}fix: write/)
  })

  it.each([
    ['/api/aüth', '/api/a%C3%BCth'],
    ['/a b', '/a%20b'],
    ['/api/../auth', '/auth'],
    ['/api?v=1', '/api'],
    ['/api#auth', '/api'],
  ])('takes no base path %s, for clients ask for another', (basePath, sent) => {
    const problem = { code: 'BASE_PATH_INVALID', seen: JSON.stringify(basePath), fix: `set basePath: '${sent}'` }
    expect(refusalOf({ basePath }).problems).toMatchObject([problem])
  })

  it.each(['', '/', 'auth', '/auth/', '/a%20b', '/v1.0/~me', 'https'])('takes the base path “%s”', (basePath) => {
    expect(() => begin({ basePath })).not.toThrow()
  })

  it.each([
    [{ window: 0 }],
    [{ window: Number.NaN }],
    [{ max: -1 }],
    [{ max: Number.POSITIVE_INFINITY }],
    [{ customRules: { '/sign-in/*': { window: Number.POSITIVE_INFINITY, max: 5 } } }],
  ])('takes no rate limit of %o', (rateLimit) => {
    expect(refusalOf({ rateLimit }).code).toBe('RATE_LIMIT_INVALID')
  })

  it('takes no endless rate limit of a plugin either', () => {
    const rateLimits = [{ path: () => true, window: 1, max: Number.NaN }]
    expect(refusalOf({ plugins: [{ id: 'greedy', rateLimits }] }).message).toContain('plugin greedy')
  })

  it.each([{ window: 1, max: 0 }, { customRules: { '/ok': false, '/x': () => false, '/y': { window: 0.5, max: 1 } } }])(
    'takes rate limits of %o',
    (rateLimit) => {
      expect(() => begin({ rateLimit })).not.toThrow()
    },
  )

  it('while developing on one host of one name keeps shared cookies to it', async () => {
    const options = { advanced: { crossSubDomainCookies: { enabled: true } }, emailAndPassword: { enabled: true } }
    const local = { ...options, baseURL: 'http://localhost:3000' }
    expect(refusalOf(local).code).toBe('COOKIE_DOMAIN_PUBLIC')
    const { auth } = begin({ ...local, production: false })
    const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const answer = await auth.handler(new Request('http://localhost:3000/api/auth/sign-up/email', init))
    expect([answer.status, answer.headers.getSetCookie()[0]]).toEqual([200, expect.not.stringContaining('Domain')])
  })

  it.each([
    ['example.com', ['app.example.com', 'localhost:*'], true],
    ['example.com', ['*.example.com:8443'], true],
    ['example.com', ['*'], true],
    ['example.com', [], true],
    ['example.com', ['app.example.org', 'notexample.com'], false],
    ['app.example.com', ['*.example.com'], false],
  ])('holds the cookie domain %s against the hosts %o: %s', (domain, allowedHosts, starts) => {
    const advanced = { crossSubDomainCookies: { enabled: true, domain } }
    const baseURL = allowedHosts.length > 0 ? { allowedHosts } : undefined
    if (starts) expect(() => begin({ baseURL, advanced })).not.toThrow()
    else expect(refusalOf({ baseURL, advanced }).code).toBe('COOKIE_DOMAIN_FOREIGN')
  })

  it('while developing only warns that a cookie is not for this machine', () => {
    const options = {
      baseURL: 'http://localhost:3000',
      advanced: { crossSubDomainCookies: { enabled: true, domain: 'example.com' } },
    }
    expect(refusalOf(options).code).toBe('COOKIE_DOMAIN_FOREIGN')
    expect(begin({ ...options, production: false }).logged).toEqual([expect.stringContaining('COOKIE_DOMAIN_FOREIGN')])
  })
})

describe('hints while developing', () => {
  const refused = { method: 'POST', headers: { cookie: 'a=b', origin: 'https://web.example.com' } }
  const ask = async (production: boolean, path: string, init?: RequestInit, more: object = {}) => {
    const { auth, logged } = begin({ production, trustedOrigins: ['https://admin.example.com'], ...more })
    const answer = await auth.handler(new Request(`https://app.example.com${path}`, init), { remoteAddress: '1.2.3.4' })
    return { status: answer.status, text: await answer.text(), logged }
  }

  it('say which origin came, which are trusted and what to add, to the log alone', async () => {
    const hinted = await ask(false, '/api/auth/sign-out', refused)
    expect(hinted.logged).toEqual([
      "warn: INVALID_ORIGIN: Origin https://web.example.com is not trusted; trusted are https://app.example.com, https://admin.example.com; add it to createAuth: trustedOrigins: ['https://web.example.com']",
    ])
    const plain = await ask(true, '/api/auth/sign-out', refused)
    expect(plain).toEqual({ ...hinted, logged: [] })
  })

  it.each([
    [undefined, '(none)'],
    ['null', 'null'],
  ])('say so of the origin %s', async (origin, told) => {
    const headers = { cookie: 'a=b', ...(origin ? { origin } : {}) }
    const { logged } = await ask(false, '/api/auth/sign-out', { method: 'POST', headers })
    expect(logged).toEqual([
      expect.stringContaining(`MISSING_OR_NULL_ORIGIN: Origin ${told} is not trusted; trusted are`),
    ])
  })

  it('say so of a callback URL', async () => {
    const body = JSON.stringify({ email: 'a@example.com', password: 'x', callbackURL: 'https://web.example.com/x?y' })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const { logged, status } = await ask(false, '/api/auth/sign-in/email', init)
    expect([status, logged]).toEqual([
      403,
      [expect.stringMatching(/callbackURL https.*\['https:\/\/web\.example\.com'\]$/)],
    ])
  })

  it('say it of the list of a function too, which is asked once', async () => {
    let asked = 0
    const trustedOrigins = () => [`https://n${++asked}.example.com`]
    const { logged } = await ask(false, '/api/auth/sign-out', refused, { trustedOrigins })
    expect([asked, logged]).toEqual([1, [expect.stringContaining('https://n1.example.com')]])
  })

  it.each([
    ['POST', '/sign-in/emial', 'POST /api/auth/sign-in/email'],
    ['POST', '/signin/email', 'POST /api/auth/sign-in/email'],
    ['GET', '/sign-out', 'POST /api/auth/sign-out'],
    ['GET', '/session', 'GET /api/auth/get-session'],
    ['GET', `/${'x'.repeat(9999)}`, 'auth.api'],
  ])('name the route nearest to %s %s', async (method, path, near) => {
    const { status, text, logged } = await ask(false, `/api/auth${path}`, { method })
    expect([status, text, logged.length]).toEqual([404, '', 1])
    expect(logged[0]).toContain(near)
    expect(await ask(true, `/api/auth${path}`, { method })).toEqual({ status: 404, text: '', logged: [] })
  })
})
