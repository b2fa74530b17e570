import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, origin, setup } from '../support.ts'
import { baseMessages, invalid, refusal, told } from './codes.ts'

const undefinedString = (name: string) => `[body.${name}] Invalid input: expected string, received undefined`

describe('2.2 validation', () => {
  const cases: readonly [path: string, body: unknown, message: string][] = [
    ['/sign-up/email', {}, ['name', 'email', 'password'].map(undefinedString).join('; ')],
    [
      '/sign-up/email',
      undefined,
      '[body] Invalid input: expected object, received undefined; [body] Invalid input: expected record, received undefined',
    ],
    [
      '/sign-up/email',
      { name: 5, email: 'Ab.co', password: '', rememberMe: 'x' },
      '[body.name] Invalid input: expected string, received number; [body.email] Invalid email address; [body.password] Too small: expected string to have >=1 characters; [body.rememberMe] Invalid input: expected boolean, received string',
    ],
    ['/sign-in/email', {}, ['email', 'password'].map(undefinedString).join('; ')],
    ['/sign-in/email', undefined, '[body] Invalid input: expected object, received undefined'],
    ['/sign-in/email', [], '[body] Invalid input: expected object, received array'],
    ['/sign-in/email', null, '[body] Invalid input: expected object, received null'],
    [
      '/sign-in/email',
      { email: null, password: [] },
      '[body.email] Invalid input: expected string, received null; [body.password] Invalid input: expected string, received array',
    ],
    [
      '/sign-in/email',
      { ...ada, callbackURL: '/x', rememberMe: 1 },
      '[body.rememberMe] Invalid input: expected boolean, received number',
    ],
    ['/sign-out', { disableRedirect: 'x' }, '[body.disableRedirect] Invalid input: expected boolean, received string'],
    ['/update-user', [], '[body] Invalid input: expected record, received array'],
    ['/update-user', undefined, '[body] Invalid input: expected record, received undefined'],
    ['/revoke-session', {}, undefinedString('token')],
    ['/revoke-session', { token: 5 }, '[body.token] Invalid input: expected string, received number'],
    ['/change-password', {}, ['newPassword', 'currentPassword'].map(undefinedString).join('; ')],
    [
      '/change-password',
      { newPassword: 'a', currentPassword: 'b', revokeOtherSessions: 'yes' },
      '[body.revokeOtherSessions] Invalid input: expected boolean, received string',
    ],
    ['/verify-password', {}, undefinedString('password')],
  ]
  // Trap 1: nobody is signed in here, and yet it is the body that is told of.
  it.each(cases)('%s %j', async (path, body, message) => {
    expect(told(await setup().browser().post(path, body))).toEqual(invalid(message))
  })

  it('trap 18: a form holds no boolean', async () => {
    const form = new URLSearchParams({ email: ada.email, password: ada.password, rememberMe: 'false' }).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(told(await setup().browser().post('/sign-in/email', form, type))).toEqual(
      invalid('[body.rememberMe] Invalid input: expected boolean, received string'),
    )
  })

  it.each(['a@b.co', 'a+b@c.de', 'A@B.COM'])('the address %s is one', async (email) => {
    expect(
      (
        await setup()
          .browser()
          .signUp({ ...ada, email })
      ).status,
    ).toBe(200)
  })
  it.each(['a@b', 'a@b.c', 'ä@b.de', 'a..b@c.de', 'a@-b.de', '"a"@b.de', 'a@b_c.de', ' a@b.co', 'a@b.co ', ''])(
    'the address %j is none',
    async (email) => {
      expect(
        told(
          await setup()
            .browser()
            .signUp({ ...ada, email }),
        ),
      ).toEqual(invalid('[body.email] Invalid email address'))
    },
  )
})

describe('2.3 media types', () => {
  const jsonOnly = 'Allowed types: application/json'
  const withForm = 'Allowed types: application/x-www-form-urlencoded, application/json'
  const cases: readonly [path: string, type: string | null, message: string][] = [
    ['/update-user', null, `Content-Type is required. ${jsonOnly}`],
    ['/sign-in/email', null, `Content-Type is required. ${withForm}`],
    ['/sign-in/email', 'text/plain', `Content-Type "text/plain" is not allowed. ${withForm}`],
    ['/update-user', 'text/plain', `Content-Type "text/plain" is not allowed. ${jsonOnly}`],
    [
      '/update-user',
      'application/x-www-form-urlencoded',
      `Content-Type "application/x-www-form-urlencoded" is not allowed. ${jsonOnly}`,
    ],
    [
      '/sign-in/email',
      'application/vnd.api+json',
      `Content-Type "application/vnd.api+json" is not allowed. ${withForm}`,
    ],
    [
      '/sign-in/email',
      'multipart/form-data; boundary=x',
      `Content-Type "multipart/form-data; boundary=x" is not allowed. ${withForm}`,
    ],
  ]
  it.each(cases)('%s with %s', async (path, type, message) => {
    const answer = await setup().browser().post(path, '{}', { 'content-type': type })
    expect(told(answer)).toEqual(refusal(415, 'UNSUPPORTED_MEDIA_TYPE' as never, message))
  })

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset=UTF-8'])(
    'takes %s',
    async (type) => {
      expect(
        (await setup().browser().post('/sign-up/email', JSON.stringify(ada), { 'content-type': type })).status,
      ).toBe(200)
    },
  )

  it.each(['', '{', '{"a":1}}', 'null x', 'undefined'])('the text %j is no JSON', async (text) => {
    expect(told(await setup().browser().post('/sign-in/email', text))).toEqual(refusal(400, 'BAD_REQUEST'))
  })

  it('4.1.6 a request without body needs no type', async () => {
    const answer = await setup().browser().send('/sign-out', { method: 'POST' })
    expect(told(answer)).toEqual({ status: 200, json: { success: true } })
  })

  it('4.1.6 an empty stream of no type is no body either', async () => {
    const body = new ReadableStream({ start: (stream) => stream.close() })
    const request = new Request(`${origin}/api/auth/sign-out`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect((await setup().auth.handler(request)).status).toBe(200)
  })

  it('trap 1: media type, then JSON, then Origin, then validation', async () => {
    const caller = setup().browser()
    const evil = { cookie: 'a=b', origin: 'https://evil.example' }
    const type = { ...evil, 'content-type': 'text/plain' }
    expect((await caller.post('/sign-in/email', '{', type)).status).toBe(415)
    expect((await caller.post('/sign-in/email', '{', evil)).status).toBe(400)
    expect((await caller.post('/sign-in/email', {}, evil)).status).toBe(403)
    expect((await caller.post('/sign-in/email', {}, { cookie: 'a=b' })).status).toBe(400)
  })

  it('4.1.6 over 1 MiB is 413', async () => {
    const caller = setup().browser()
    const long = (size: number) => JSON.stringify({ email: 'x'.repeat(size), password: 'x' })
    expect((await caller.post('/sign-in/email', long(1 << 20))).status).toBe(413)
    expect(told(await caller.post('/sign-in/email', long(1 << 19)))).toEqual(refusal(400, 'INVALID_EMAIL'))
  })
})

describe('2.1 shapes', () => {
  it('a refusal is JSON of message and code, its reason the name of the status', async () => {
    const answer = await setup().browser().post('/sign-in/email', { email: 'x', password: 'x' })
    expect(answer.text).toBe('{"message":"Invalid email","code":"INVALID_EMAIL"}')
    expect(answer.statusText).toBe('BAD_REQUEST')
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  it('2.4 $ERROR_CODES is the whole table, each entry prints as its code', () => {
    const { $ERROR_CODES } = setup().auth
    expect(Object.fromEntries(Object.entries($ERROR_CODES).map(([code, entry]) => [code, entry.message]))).toEqual(
      baseMessages,
    )
    for (const [code, entry] of Object.entries($ERROR_CODES)) expect([entry.code, String(entry)]).toEqual([code, code])
  })

  it('an unexpected failure is 500 with an empty body', async () => {
    const before = () => {
      throw new Error('secret detail')
    }
    const answer = await setup({ hooks: { before } }).browser().get('/ok')
    expect([answer.status, answer.statusText, answer.text]).toEqual([500, 'INTERNAL_SERVER_ERROR', ''])
  })

  it('what failed stands in the log under the id of the answer', async () => {
    const before = () => {
      throw new Error('secret detail')
    }
    const { browser, logged } = setup({ hooks: { before } })
    const { headers } = await browser().get('/ok')
    expect(logged).toContain(`error: a request failed unexpectedly (${headers.get('x-request-id')})`)
  })
})

describe('2.1, 4.2 what is not there', () => {
  const nowhere: readonly [method: string, path: string][] = [
    ['GET', '/api/auth/nothing'],
    ['GET', '/api/auth'],
    ['GET', '/api/auth/'],
    ['GET', '/api/auth/ok/'],
    ['GET', '/api/auth//ok'],
    ['GET', '/api//auth/ok'],
    ['GET', '//api/auth/ok'],
    ['GET', '/api/authx/ok'],
    ['GET', '/API/auth/ok'],
    ['GET', '/api/auth/OK'],
    ['GET', '/api/auth/%6fk'],
    ['GET', '/api/auth/ok/more'],
    ['GET', '/x/api/auth/ok'],
    ['GET', '/ok'],
    ['GET', '/api/auth/sign-in/email'],
    ['GET', '/api/auth/sign-out'],
    ['POST', '/api/auth/ok'],
    ['POST', '/api/auth/list-sessions'],
    ['PUT', '/api/auth/get-session'],
    ['DELETE', '/api/auth/get-session'],
    ['HEAD', '/api/auth/ok'],
    ['OPTIONS', '/api/auth/sign-in/email'],
    ['POST', '/api/auth/forget-password'],
    ['POST', '/api/auth/set-password'],
    ['GET', '/api/auth/constructor'],
    ['GET', '/api/auth/__proto__'],
  ]
  it.each(nowhere)('%s %s is an empty 404 without a type', async (method, path) => {
    const { headers, status, statusText, text } = await setup().browser().send(`${origin}${path}`, { method })
    expect([status, statusText, text]).toEqual([404, 'Not Found', ''])
    expect(headers.get('content-type')).toBeNull()
  })

  it.each(['/ok/', '/ok//'])('4.2 skipTrailingSlashes takes %s or not', async (path) => {
    const { status } = await setup({ advanced: { skipTrailingSlashes: true } })
      .browser()
      .get(path)
    expect(status).toBe(path === '/ok/' ? 200 : 404)
  })

  it.each(['/sign-up/email', '/sign-up/email/'])('4.1.2 disabledPaths: %s', async (path) => {
    const { browser, rows } = setup({ disabledPaths: ['/sign-up/email'], advanced: { skipTrailingSlashes: true } })
    const answer = await browser().post(path, ada)
    expect([answer.status, answer.text]).toEqual([404, 'Not Found'])
    expect(answer.headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(rows.user).toEqual([])
    expect((await browser().get('/ok')).status).toBe(200)
  })

  const bases: readonly [string, Partial<Options>, string][] = [
    ['basePath', { basePath: '/auth' }, '/auth/ok'],
    ['basePath with a trailing slash', { basePath: '/auth/' }, '/auth/ok'],
    ['basePath /', { basePath: '/' }, '/ok'],
    ['empty basePath', { basePath: '' }, '/ok'],
    ['a path in baseURL', { baseURL: 'http://localhost:3000/custom' }, '/custom/ok'],
    ['a path in baseURL with a slash', { baseURL: 'http://localhost:3000/custom/' }, '/custom/ok'],
    ['a path in baseURL before basePath', { baseURL: 'http://localhost:3000/custom', basePath: '/auth' }, '/custom/ok'],
    ['an origin with a slash', { baseURL: 'http://localhost:3000/' }, '/api/auth/ok'],
  ]
  it.each(bases)('4.2 %s', async (_title, options, path) => {
    const { browser } = setup(options)
    expect((await browser().get(`${origin}${path}`)).text).toBe('{"ok":true}')
    if (path !== '/api/auth/ok') expect((await browser().get(`${origin}/api/auth/ok`)).status).toBe(404)
  })

  it('4.2 the host of a request is not compared with a static baseURL', async () => {
    expect((await setup().browser().get('https://elsewhere.example/api/auth/ok')).status).toBe(200)
  })
})

describe('1.17 /ok and /error', () => {
  it('/ok', async () => {
    const { headers, status, text } = await setup().browser().get('/ok')
    expect([status, text, [...headers]]).toEqual([200, '{"ok":true}', [['content-type', 'application/json']]])
  })

  const pages: readonly [query: string, code: string, description: string | null][] = [
    ['', 'UNKNOWN', null],
    ['?error=access_denied', 'access_denied', null],
    ["?error=email_doesn't_match", 'email_doesn&#39;t_match', null],
    ['?error=<script>', 'UNKNOWN', null],
    ['?error=a%20b', 'UNKNOWN', null],
    ['?error=a&error=b', 'UNKNOWN', null],
    ['?error=a&error_description=%3Cb%3E%22%27%26%3C', 'a', '&lt;b&gt;&quot;&#39;&amp;&lt;'],
  ]
  it.each(pages)('/error%s shows %s', async (query, code, description) => {
    const answer = await setup().browser().get(`/error${query}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.text).toContain(`>${code}<`)
    if (description) expect(answer.text).toContain(description)
    expect(answer.text).not.toContain('<script')
    expect(answer.text).toContain('href="/"')
    expect(answer.text).toContain('Go Home')
  })

  const redirects: readonly [string, Partial<Options>, query: string, location: string][] = [
    ['in production', { production: true }, '?error=a', '/?error=a'],
    ['in production, unknown', { production: true }, '?error=a%20b', '/?error=UNKNOWN'],
    [
      'to errorURL',
      { onAPIError: { errorURL: 'https://app.example/oops' } },
      '?error=a&error_description=no%20way',
      'https://app.example/oops?error=a&error_description=no+way',
    ],
    ['to errorURL with a query', { onAPIError: { errorURL: '/oops?x=1' } }, '?error=a', '/oops?x=1&error=a'],
  ]
  it.each(redirects)('/error redirects %s', async (_title, options, query, location) => {
    const answer = await setup(options).browser().get(`/error${query}`)
    expect([answer.status, answer.headers.get('location'), answer.text]).toEqual([302, location, ''])
  })
})

describe('onAPIError', () => {
  it('onError is told of refusals and failures, not of redirects', async () => {
    const seen: unknown[] = []
    const { browser } = setup({ onAPIError: { onError: (error) => seen.push(error), errorURL: '/oops' } })
    await browser().get('/error?error=a')
    expect(seen).toEqual([])
    await browser().post('/sign-in/email', { email: 'x', password: 'x' })
    expect(seen).toEqual([expect.objectContaining({ name: 'APIError', status: 'BAD_REQUEST', statusCode: 400 })])
  })

  it('throw rethrows', async () => {
    const { browser } = setup({ onAPIError: { throw: true } })
    await expect(browser().post('/sign-in/email', { email: 'x', password: 'x' })).rejects.toMatchObject({
      name: 'APIError',
      body: { code: 'INVALID_EMAIL' },
    })
  })
})
