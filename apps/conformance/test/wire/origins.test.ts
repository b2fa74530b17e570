import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, origin, setup } from '../support.ts'
import { type Code, refusal, told } from './codes.ts'

const evil = 'https://evil.example'
type Headers = Readonly<Record<string, string | null>>
const none: Headers = { origin: null }
const off = {
  disableCSRFCheck: { advanced: { disableCSRFCheck: true } },
  disableOriginCheck: { advanced: { disableOriginCheck: true } },
}

describe('4.5 A1: the Origin of what carries cookies', () => {
  const cases: readonly [string, Headers, Code | 'ok'][] = [
    ['no cookie, no Origin', none, 'ok'],
    ['no cookie, evil Origin', { origin: evil }, 'ok'],
    ['a cookie, no Origin', { ...none, cookie: 'a=b' }, 'MISSING_OR_NULL_ORIGIN'],
    ['a cookie, empty Origin', { origin: '', cookie: 'a=b' }, 'MISSING_OR_NULL_ORIGIN'],
    ['a cookie, Origin null', { origin: 'null', cookie: 'a=b' }, 'MISSING_OR_NULL_ORIGIN'],
    ['a cookie, evil Origin', { origin: evil, cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['an empty cookie header, evil Origin', { origin: evil, cookie: '' }, 'INVALID_ORIGIN'],
    ['a cookie, own Origin', { origin, cookie: 'a=b' }, 'ok'],
    ['a cookie, Origin of another port', { origin: 'http://localhost:3001', cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['a cookie, Origin of another scheme', { origin: 'https://localhost:3000', cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['a cookie, own Referer', { ...none, referer: `${origin}/page?x=1`, cookie: 'a=b' }, 'ok'],
    ['a cookie, evil Referer', { ...none, referer: `${evil}/?${origin}`, cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['a cookie, evil Origin, own Referer', { origin: evil, referer: origin, cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['a cookie, a path for an Origin', { origin: '/', cookie: 'a=b' }, 'INVALID_ORIGIN'],
  ]
  it.each(cases)('%s', async (_title, headers, outcome) => {
    const answer = await setup().browser().post('/sign-out', {}, headers)
    expect(told(answer)).toEqual(outcome === 'ok' ? { status: 200, json: { success: true } } : refusal(403, outcome))
  })

  it('nothing is done before the check', async () => {
    const { browser, rows } = setup()
    const caller = browser()
    await caller.signUp()
    expect((await caller.post('/sign-out', {}, { origin: evil })).status).toBe(403)
    expect((await caller.post('/revoke-sessions', {}, none)).status).toBe(403)
    expect(rows.session).toHaveLength(1)
  })

  it('GET is not checked', async () => {
    const caller = setup().browser()
    await caller.signUp()
    expect((await caller.get('/list-sessions', { origin: evil })).status).toBe(200)
  })

  it.each([{ NODE_ENV: 'test' }, { NODE_ENV: 'development' }, { TEST: 'true' }])(
    'the environment %j changes nothing',
    async (env) => {
      const answer = await setup({ env }).browser().post('/sign-out', {}, { origin: evil, cookie: 'a=b' })
      expect(told(answer)).toEqual(refusal(403, 'INVALID_ORIGIN'))
    },
  )
})

describe('4.5 A2: callback URLs', () => {
  const fields: readonly [field: string, label: string, Code][] = [
    ['callbackURL', 'callbackURL', 'INVALID_CALLBACK_URL'],
    ['redirectTo', 'redirectURL', 'INVALID_REDIRECT_URL'],
    ['errorCallbackURL', 'errorCallbackURL', 'INVALID_ERROR_CALLBACK_URL'],
    ['newUserCallbackURL', 'newUserCallbackURL', 'INVALID_NEW_USER_CALLBACK_URL'],
  ]
  it.each(fields)('%s untrusted, of another type, relative', async (field, label, code) => {
    const caller = setup().browser()
    expect(told(await caller.post('/sign-out', { [field]: evil }))).toEqual(refusal(403, code))
    expect(told(await caller.post('/sign-out', { [field]: 5 }))).toEqual({
      status: 400,
      json: { message: `Invalid ${label}: expected a string` },
    })
    expect((await caller.post('/sign-out', { [field]: '/dash' })).status).toBe(200)
    expect((await caller.post('/sign-out', { [field]: '' })).status).toBe(200)
  })

  it('callbackURL of the query counts where the body has none, the others do not', async () => {
    const caller = setup().browser()
    const query = `?callbackURL=${encodeURIComponent(evil)}`
    expect(told(await caller.post(`/sign-out${query}`, {}))).toEqual(refusal(403, 'INVALID_CALLBACK_URL'))
    expect((await caller.post(`/sign-out${query}`, { callbackURL: '/ok' })).status).toBe(200)
    expect((await caller.post(`/sign-out?redirectTo=${evil}`, {})).status).toBe(200)
  })

  it('trap 1: it stands before validation', async () => {
    expect(told(await setup().browser().post('/sign-in/email', { callbackURL: evil }))).toEqual(
      refusal(403, 'INVALID_CALLBACK_URL'),
    )
  })

  // 4.4, the table, through the handler.
  const accepted = [
    '/',
    '/dash',
    '/a/b?c=d&e=%20f',
    '/@me',
    '/a?u=a+b',
    '/a//b',
    '/a/../b',
    origin,
    `${origin}/x?y#z`,
    'http://LOCALHOST:3000',
  ]
  const rejected = [
    '//evil.com',
    '/\\evil.com',
    '/%2fevil.com',
    '/%2Fevil.com',
    '/%5cevil',
    '/a#frag',
    '/a?x=http://evil.com',
    '/a b',
    '/a:b',
    '/a,b',
    '/a;b',
    '/~user',
    '/é',
    '/a\\b',
    '/a?x[]=1',
    '/a?t=1:2',
    '/a?x=1?y',
    'dash',
    'https://localhost:3000',
    'http://localhost:3001',
    'javascript:alert(1)',
    'data:text/html,x',
  ]
  it.each(accepted)('4.4 accepts %s', async (callbackURL) => {
    expect((await setup().browser().post('/sign-out', { callbackURL })).status).toBe(200)
  })
  it.each(rejected)('4.4 rejects %s', async (callbackURL) => {
    expect(told(await setup().browser().post('/sign-out', { callbackURL }))).toEqual(
      refusal(403, 'INVALID_CALLBACK_URL'),
    )
  })
})

describe('4.5 B: forms', () => {
  const metadata = (site: string, mode: string): Headers => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': 'document',
  })
  const cases: readonly [string, Headers, Code | 'ok'][] = [
    ['neither metadata nor Origin', none, 'ok'],
    ['own Origin', { origin }, 'ok'],
    ['evil Origin', { origin: evil }, 'INVALID_ORIGIN'],
    ['Origin null', { origin: 'null' }, 'MISSING_OR_NULL_ORIGIN'],
    ['evil Referer', { ...none, referer: `${evil}/x` }, 'INVALID_ORIGIN'],
    ['own Referer', { ...none, referer: `${origin}/x` }, 'ok'],
    [
      'cross-site navigation',
      { origin: evil, ...metadata('cross-site', 'navigate') },
      'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED',
    ],
    [
      'cross-site navigation, own Origin',
      { origin, ...metadata('cross-site', 'navigate') },
      'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED',
    ],
    ['cross-site fetch, evil Origin', { origin: evil, ...metadata('cross-site', 'cors') }, 'INVALID_ORIGIN'],
    ['cross-site fetch, own Origin', { origin, ...metadata('cross-site', 'cors') }, 'ok'],
    ['same-origin navigation', { origin, ...metadata('same-origin', 'navigate') }, 'ok'],
    ['metadata without Origin', { ...none, ...metadata('same-origin', 'navigate') }, 'MISSING_OR_NULL_ORIGIN'],
    ['one piece of metadata without Origin', { ...none, 'sec-fetch-dest': 'empty' }, 'MISSING_OR_NULL_ORIGIN'],
    ['blank metadata', { ...none, 'sec-fetch-site': ' ' }, 'ok'],
    ['a cookie without Origin', { ...none, cookie: 'a=b' }, 'MISSING_OR_NULL_ORIGIN'],
    ['a cookie and evil Origin', { origin: evil, cookie: 'a=b' }, 'INVALID_ORIGIN'],
    ['a cookie and own Origin', { origin, cookie: 'a=b' }, 'ok'],
  ]
  describe.each(['/sign-in/email', '/sign-up/email'])('%s', (path) => {
    it.each(cases)('%s', async (_title, headers, outcome) => {
      const { browser, rows } = setup()
      if (path === '/sign-in/email') await browser().signUp()
      const answer = await browser().post(path, ada, headers)
      if (outcome === 'ok') expect(answer.status).toBe(200)
      else expect(told(answer)).toEqual(refusal(403, outcome))
      const before = path === '/sign-in/email' ? 1 : 0
      expect(rows.session).toHaveLength(outcome === 'ok' ? before + 1 : before)
    })
  })

  it('it stands after validation', async () => {
    expect((await setup().browser().post('/sign-in/email', {}, { origin: evil })).status).toBe(400)
  })
})

describe('4.5 the switches, each alone', () => {
  const csrf: Headers = { origin: evil, cookie: 'a=b' }
  const cross: Headers = { origin: evil, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  const cases: readonly [string, Partial<Options>, path: string, body: object, Headers, number][] = [
    ['disableCSRFCheck ends A1', off.disableCSRFCheck, '/sign-out', {}, csrf, 200],
    ['disableCSRFCheck ends B', off.disableCSRFCheck, '/sign-up/email', ada, cross, 200],
    ['disableCSRFCheck keeps A2', off.disableCSRFCheck, '/sign-out', { callbackURL: evil }, none, 403],
    ['disableOriginCheck ends A2', off.disableOriginCheck, '/sign-out', { callbackURL: evil }, none, 200],
    ['disableOriginCheck keeps A1', off.disableOriginCheck, '/sign-out', {}, csrf, 403],
    ['disableOriginCheck keeps B', off.disableOriginCheck, '/sign-up/email', ada, cross, 403],
  ]
  it.each(cases)('%s', async (_title, options, path, body, headers, status) => {
    expect((await setup(options).browser().post(path, body, headers)).status).toBe(status)
  })

  it.each([
    ['/sign-up', '/sign-up/email', 200],
    ['/sign-up/email', '/sign-up/email', 200],
    ['/sign-u', '/sign-up/email', 403],
    ['/sign-out', '/sign-up/email', 403],
  ])('the list [%s] and %s: %d', async (listed, path, status) => {
    const { browser } = setup({ advanced: { disableOriginCheck: [listed] } })
    expect((await browser().post(path, { ...ada, callbackURL: evil })).status).toBe(status)
    // It lifts the check of callback URLs, never that of the origin.
    expect((await browser().post(path, { ...ada, email: 'b@b.co' }, csrf)).status).toBe(403)
    expect((await browser().post(path, { ...ada, email: 'c@b.co' }, cross)).status).toBe(403)
  })

  it('11.4 server calls are not checked', async () => {
    const { auth } = setup()
    await auth.api.signUpEmail({ body: ada })
    expect(await auth.api.signInEmail({ body: { ...ada, callbackURL: evil } })).toMatchObject({
      url: evil,
      redirect: true,
    })
  })
})

describe('4.4 trusted origins', () => {
  const cases: readonly [string, Partial<Options>, from: string, trusted: boolean][] = [
    ['listed', { trustedOrigins: ['https://a.com'] }, 'https://a.com', true],
    ['not listed', { trustedOrigins: ['https://a.com'] }, 'https://b.com', false],
    ['the own one stays', { trustedOrigins: ['https://a.com'] }, origin, true],
    ['falsy entries', { trustedOrigins: [null, undefined, false, '', 'https://a.com'] }, 'https://a.com', true],
    ['a trailing slash never matches', { trustedOrigins: ['https://a.com/'] }, 'https://a.com', false],
    ['a bare host never matches', { trustedOrigins: ['a.com'] }, 'https://a.com', false],
    ['a wildcard host', { trustedOrigins: ['*.a.com'] }, 'http://x.y.a.com', true],
    ['trap 20: not the bare domain', { trustedOrigins: ['*.a.com'] }, 'https://a.com', false],
    ['trap 20: not another port', { trustedOrigins: ['*.a.com'] }, 'https://x.a.com:8080', false],
    ['a wildcard with scheme', { trustedOrigins: ['https://*.a.com'] }, 'http://x.a.com', false],
    ['a wildcard port', { trustedOrigins: ['http://localhost:*'] }, 'http://localhost:5173', true],
    ['a question mark', { trustedOrigins: ['https://preview-?.a.com'] }, 'https://preview-12.a.com', false],
    ['a custom scheme', { trustedOrigins: ['myapp://'] }, 'myapp://cb', true],
    ['a function', { trustedOrigins: async () => ['https://a.com', undefined] }, 'https://a.com', true],
    [
      'a function of the request',
      { trustedOrigins: (request) => [request?.headers.get('x-tenant')] },
      'https://tenant.example',
      true,
    ],
    ['a function that fails', { trustedOrigins: () => Promise.reject(new Error('no')) }, 'https://a.com', false],
    [
      'a function that fails: the own one stays',
      { trustedOrigins: () => Promise.reject(new Error('no')) },
      origin,
      true,
    ],
    [
      'BETTER_AUTH_TRUSTED_ORIGINS',
      { env: { BETTER_AUTH_TRUSTED_ORIGINS: 'https://x.com, https://a.com' } },
      'https://a.com',
      true,
    ],
    ['KEYSTILE_TRUSTED_ORIGINS', { env: { KEYSTILE_TRUSTED_ORIGINS: 'https://a.com' } }, 'https://a.com', true],
    [
      'environment and list',
      { env: { BETTER_AUTH_TRUSTED_ORIGINS: 'https://x.com' }, trustedOrigins: ['https://a.com'] },
      'https://x.com',
      true,
    ],
    [
      'environment and function',
      { env: { BETTER_AUTH_TRUSTED_ORIGINS: 'https://x.com' }, trustedOrigins: () => [] },
      'https://x.com',
      true,
    ],
    ['no base URL: the request’s own', { baseURL: undefined }, origin, true],
    ['no base URL: nobody else', { baseURL: undefined }, evil, false],
    [
      'dynamic: an allowed host over https',
      { baseURL: { allowedHosts: ['localhost:3000', 'a.com'] } },
      'https://a.com',
      true,
    ],
    [
      'dynamic: an allowed host over http',
      { baseURL: { allowedHosts: ['localhost:3000', 'a.com'] } },
      'http://a.com',
      true,
    ],
    [
      'dynamic https: not over http',
      { baseURL: { allowedHosts: ['localhost:3000', 'a.com'], protocol: 'https' } },
      'http://a.com',
      false,
    ],
    [
      'dynamic https: loopback over http',
      { baseURL: { allowedHosts: ['localhost:3000'], protocol: 'https' } },
      origin,
      true,
    ],
    [
      'dynamic: the fallback',
      { baseURL: { allowedHosts: ['localhost:3000'], fallback: 'https://f.com' } },
      'https://f.com',
      true,
    ],
    ['dynamic: nobody else', { baseURL: { allowedHosts: ['localhost:3000'] } }, evil, false],
  ]
  it.each(cases)('%s', async (_title, options, from, trusted) => {
    const { browser } = setup(options)
    const answer = await browser().post(
      '/sign-out',
      {},
      { origin: from, cookie: 'a=b', 'x-tenant': 'https://tenant.example' },
    )
    expect(told(answer)).toEqual(trusted ? { status: 200, json: { success: true } } : refusal(403, 'INVALID_ORIGIN'))
  })

  it('a server call needs no origin, dynamic base URL or not', async () => {
    const { auth } = setup({ baseURL: { allowedHosts: ['a.com'] } })
    expect(await auth.api.ok()).toEqual({ ok: true })
  })
})
