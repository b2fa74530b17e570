import type { Options } from '@keystile/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type Browser,
  bodyPaths,
  direct,
  getPaths,
  open,
  origin,
  postPaths,
  type Site,
  tokenName,
  v,
  w,
} from './support.ts'

const evil = 'https://evil.example'
const app = 'https://app.example.com'
const form = 'application/x-www-form-urlencoded'
const formText = new URLSearchParams({ email: v.email, password: v.password }).toString()

/** Requests that would change something, if they were let in. */
const writes: readonly (readonly [path: string, body: object])[] = [
  ['/sign-up/email', w],
  ['/sign-in/email', { email: v.email, password: v.password }],
  ['/sign-out', {}],
  ['/update-user', { name: 'Changed' }],
  ['/change-password', { currentPassword: v.password, newPassword: 'another-password' }],
  ['/revoke-session', { token: 'x' }],
  ['/revoke-sessions', {}],
  ['/revoke-other-sessions', {}],
]

/** Sends every write with these headers; nothing may change. */
async function expectRefused(site: Site, caller: Browser, headers: Record<string, string | null>, code: string) {
  const before = [await site.dump(), site.hashes.count]
  for (const [path, body] of writes) {
    const answer = await caller.post(path, body, headers)
    expect(answer, path).toMatchObject({ status: 403, json: { code }, setCookies: [] })
  }
  expect([await site.dump(), site.hashes.count]).toEqual(before)
}

/** What an Origin is answered with by a write that needs no more than to be let in. */
async function admits(site: Site, sent: string): Promise<boolean> {
  const caller = await site.signedIn()
  const { status } = await caller.post('/update-user', { name: 'Changed' }, { origin: sent })
  expect([200, 403]).toContain(status)
  return status === 200
}

afterEach(() => {
  vi.useRealTimers()
})

describe('origin', () => {
  it('OR-01 refuses a foreign Origin as soon as there is a cookie', async () => {
    const site = await open()
    await expectRefused(site, await site.signedIn(), { origin: evil }, 'INVALID_ORIGIN')
    // Any cookie will do: whose it is cannot be told before it is read.
    const other = site.browser()
    other.jar.set('theme', 'dark')
    await expectRefused(site, other, { origin: evil }, 'INVALID_ORIGIN')
  })

  it('OR-02 refuses a request with a cookie that does not say where it is from', async () => {
    const site = await open()
    await expectRefused(site, await site.signedIn(), { origin: null }, 'MISSING_OR_NULL_ORIGIN')
    await expectRefused(site, await site.signedIn(), { origin: '' }, 'MISSING_OR_NULL_ORIGIN')
  })

  it('OR-03 reads a Referer as the origin it begins with', async () => {
    const site = await open()
    const foreign = [
      `${evil}/${origin}/`,
      `${evil}?${origin}`,
      `${evil}#${origin}`,
      `${origin}.evil.example/`,
      `http://localhost:3000@evil.example/`,
      `${evil}/`,
      'localhost:3000',
      '/',
    ]
    for (const referer of foreign) {
      await expectRefused(site, await site.signedIn(), { origin: null, referer }, 'INVALID_ORIGIN')
    }
    for (const referer of [origin, `${origin}/`, `${origin}/account?tab=1`]) {
      const caller = await site.signedIn()
      expect((await caller.post('/update-user', { name: 'Changed' }, { origin: null, referer })).status).toBe(200)
    }
    // An Origin that is there is what counts.
    await expectRefused(site, await site.signedIn(), { origin: evil, referer: `${origin}/` }, 'INVALID_ORIGIN')
  })

  it('OR-05 trusts nobody but itself when the list of origins fails, and waits a second at most', async ({ skip }) => {
    direct(skip, 'its clock is faked, and sockets wait by the real one')
    const lists: NonNullable<Options['trustedOrigins']>[] = [
      (request) => {
        if (request) throw new Error('the list is out of order')
        return []
      },
      async (request) => {
        if (request) throw new Error('the list is out of order')
        return []
      },
      () => undefined,
      () => 'https://evil.example' as never,
      () => [evil.slice(0, -1), null, undefined, false, '', 5 as never, {} as never],
    ]
    for (const trustedOrigins of lists) {
      const site = await open({ trustedOrigins })
      await expectRefused(site, await site.signedIn(), { origin: evil }, 'INVALID_ORIGIN')
      expect(await admits(site, origin)).toBe(true)
    }
    const site = await open({
      trustedOrigins: (request) => (request?.headers.get('x-slow') ? new Promise<never>(() => {}) : []),
    })
    const caller = await site.signedIn()
    vi.useFakeTimers()
    const answer = caller.post('/update-user', { name: 'Changed' }, { origin: evil, 'x-slow': '1' })
    await vi.advanceTimersByTimeAsync(1001)
    expect(await answer).toMatchObject({ status: 403, json: { code: 'INVALID_ORIGIN' } })
    expect((await site.rows('user'))[0]?.name).toBe(v.name)
  })

  it('OR-06 tells a custom scheme from one that begins like it', async () => {
    const site = await open({ trustedOrigins: ['myapp://'] })
    const answers: Record<string, boolean> = {}
    for (const sent of [
      'myapp://x',
      'myapp://',
      'myapp.evil://x',
      'myapp-evil://x',
      'xmyapp://x',
      'https://myapp',
      'https://myapp://x',
    ]) {
      answers[sent] = await admits(site, sent)
      const callback = await site.browser().post('/sign-in/email', { ...v, callbackURL: sent })
      expect(callback.status).toBe(answers[sent] ? 200 : 403)
    }
    expect(answers).toEqual({
      'myapp://x': true,
      'myapp://': true,
      'myapp.evil://x': false,
      'myapp-evil://x': false,
      'xmyapp://x': false,
      'https://myapp': false,
      'https://myapp://x': false,
    })
    const narrow = await open({ trustedOrigins: ['myapp://callback'] })
    expect(await admits(narrow, 'myapp://callback')).toBe(true)
    expect(await admits(narrow, 'myapp://callback.attacker.example')).toBe(false)
  })

  it('OR-07 takes an origin whose canonical form is equal, and no other', async () => {
    const site = await open({ trustedOrigins: [app] })
    const others = [
      'http://app.example.com',
      `${app}:8443`,
      `${app}:80`,
      `${app}.`,
      `${app}.evil.example`,
      'https://evil.example.com',
      'https://app.example.com@evil.example',
      'https://app%2eexample.com.evil.example',
      'https://xapp.example.com',
      'https://example.com',
      'app.example.com',
      '//app.example.com',
    ]
    for (const other of others) expect(await admits(site, other), other).toBe(false)
    for (const same of [app, 'HTTPS://APP.example.COM', `${app}:443`]) expect(await admits(site, same), same).toBe(true)
  })

  it('OR-08 leads nobody to a foreign URL', async () => {
    const site = await open({ trustedOrigins: [app] })
    const fields = {
      callbackURL: 'INVALID_CALLBACK_URL',
      redirectTo: 'INVALID_REDIRECT_URL',
      errorCallbackURL: 'INVALID_ERROR_CALLBACK_URL',
      newUserCallbackURL: 'INVALID_NEW_USER_CALLBACK_URL',
    }
    const targets = [
      evil,
      `${evil}/${app}`,
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\t/evil.example',
      '/%2fevil.example',
      '/%5cevil.example',
      'https:evil.example',
      'https:/evil.example',
      ` ${evil}`,
      `${app}\n.evil.example`,
      `${app}@evil.example`,
      'javascript:alert(1)',
      'data:text/html,x',
      'http://localhost:3001/',
      'dash',
    ]
    const before = await site.dump()
    for (const path of bodyPaths) {
      for (const [field, code] of Object.entries(fields)) {
        for (const target of targets) {
          const sent = { ...w, [field]: target }
          const answer = await site.browser().post(path, sent)
          expect(answer, `${path} ${field} ${target}`).toMatchObject({ status: 403, json: { code }, setCookies: [] })
          expect(answer.headers.get('location')).toBeNull()
        }
      }
      const query = await site.browser().post(`${path}?callbackURL=${encodeURIComponent(evil)}`, w)
      expect(query).toMatchObject({ status: 403, json: { code: 'INVALID_CALLBACK_URL' } })
    }
    expect(await site.dump()).toBe(before)
  })

  it('OR-10 keeps a relative callback byte for byte, or refuses it', async () => {
    const site = await open()
    for (const callbackURL of ['/a?b=c#d', '/ü', '/a%20b', '/a b', '/a;b', '/a?b=[c]']) {
      const answer = await site.browser().post('/sign-in/email', { ...v, callbackURL })
      expect(answer, callbackURL).toMatchObject({ status: 403, json: { code: 'INVALID_CALLBACK_URL' } })
    }
    for (const callbackURL of [
      '/',
      '/a/b?c=d&e=%20f%C3%BC',
      '/a/../b/./c',
      '/@me',
      '/a//b',
      '/a?u=a+b&u=c',
      `${origin}/x?y=%2F#z`,
    ]) {
      const answer = await site.browser().post('/sign-in/email', { ...v, callbackURL })
      expect(answer).toMatchObject({ status: 200, json: { url: callbackURL } })
      expect(answer.headers.get('location')).toBe(callbackURL)
    }
  })

  it('OR-12 answers a path only to the method it was declared for', async () => {
    const site = await open()
    const caller = await site.signedIn()
    const before = await site.dump()
    const override = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' }
    for (const path of postPaths.filter((p) => p !== '/get-session')) {
      const query = new URLSearchParams({ _method: 'POST', ...v, name: 'Changed' })
      for (const headers of [{}, override]) {
        expect((await caller.get(`${path}?${query}`, headers)).status, path).toBe(404)
        expect((await caller.send(path, { method: 'HEAD', headers })).status, path).toBe(404)
      }
    }
    for (const path of ['/ok', '/error', '/list-sessions']) {
      expect((await caller.post(path, { _method: 'GET' }, { 'x-http-method-override': 'GET' })).status).toBe(404)
    }
    expect((await caller.post('/get-session', {})).status).toBe(405)
    const deleting = await caller.post(
      '/get-session?_method=DELETE',
      { _method: 'DELETE' },
      { 'x-http-method-override': 'DELETE' },
    )
    expect(deleting.status).toBe(405)
    expect(await site.dump()).toBe(before)
  })

  it('OR-13 knows no other methods, and opens no door to other origins', async ({ skip }) => {
    direct(skip, 'a method in lower case does not get past the parser of Node')
    const site = await open()
    const caller = await site.signedIn()
    const before = await site.dump()
    for (const path of [...getPaths, ...postPaths]) {
      for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'HEAD', 'PROPFIND', 'post']) {
        const request = new Request(`${origin}/api/auth${path}`, {
          method: method === 'TRACE' || method === 'post' ? 'DELETE' : method,
          headers: {
            origin: evil,
            cookie: `${tokenName}=${caller.jar.get(tokenName)}`,
            'access-control-request-method': 'POST',
          },
        })
        // Fetch forbids TRACE and upper-cases `post`: a host's own Request may not.
        if (method === 'TRACE' || method === 'post') Object.defineProperty(request, 'method', { value: method })
        const answer = await site.handler(request)
        expect([404, 405], `${method} ${path}`).toContain(answer.status)
        expect(
          [...answer.headers.keys()].filter((name) => name.startsWith('access-control') || name === 'set-cookie'),
        ).toEqual([])
      }
    }
    expect(await site.dump()).toBe(before)
  })

  it('OR-14 takes a form only where one is expected, and only from its own site', async () => {
    const site = await open()
    const caller = await site.signedIn()
    const listed = ['/sign-up/email', '/sign-in/email']
    for (const path of postPaths) {
      for (const type of [form, 'text/plain', 'multipart/form-data; boundary=x', `text/plain; a=application/json`]) {
        if (type === form && listed.includes(path)) continue
        const text = JSON.stringify({ ...v, name: 'Changed', token: 'x' })
        const answer = await caller.post(path, text, { 'content-type': type })
        expect(answer, `${path} ${type}`).toMatchObject({ status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
      }
    }
    const before = await site.dump()
    const post = (headers: Record<string, string | null>) =>
      site.browser().post('/sign-in/email', formText, { 'content-type': form, ...headers })
    const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect(await post({ ...navigation, origin: evil })).toMatchObject({
      status: 403,
      json: { code: 'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED' },
    })
    expect((await post({ ...navigation, origin: null })).status).toBe(403)
    expect((await post({ ...navigation, 'sec-fetch-mode': 'no-cors', origin: evil })).status).toBe(403)
    expect((await post({ ...navigation, 'sec-fetch-mode': 'cors', origin: null })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', origin: evil })).status).toBe(403)
    expect((await post({ origin: evil })).status).toBe(403)
    expect((await post({ origin: 'null' })).status).toBe(403)
    expect((await post({ origin: null, referer: `${evil}/` })).status).toBe(403)
    expect(await site.dump()).toBe(before)
    expect((await post({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' })).status).toBe(200)
    expect((await post({})).status).toBe(200)
  })

  it('OR-15 switches each check by itself, and says so at start in production', async () => {
    const target = { ...v, callbackURL: evil }
    const csrfOff = await open({
      production: true,
      rateLimit: { enabled: false },
      advanced: { disableCSRFCheck: true },
    })
    expect(await admits(csrfOff, evil)).toBe(true)
    expect(await csrfOff.browser().post('/sign-in/email', target)).toMatchObject({
      status: 403,
      json: { code: 'INVALID_CALLBACK_URL' },
    })

    const originOff = await open({
      production: true,
      rateLimit: { enabled: false },
      advanced: { disableOriginCheck: true },
    })
    expect(await admits(originOff, evil)).toBe(false)
    expect((await originOff.browser().post('/sign-in/email', target)).status).toBe(200)

    const somePaths = await open({
      production: true,
      rateLimit: { enabled: false },
      advanced: { disableOriginCheck: ['/sign-in'] },
    })
    expect(await admits(somePaths, evil)).toBe(false)
    expect((await somePaths.browser().post('/sign-in/email', target)).status).toBe(200)
    expect((await somePaths.browser().post('/sign-up/email', { ...w, callbackURL: evil })).status).toBe(403)

    const told = (site: Site) =>
      site.logged.filter((line) => /^warn: .*(?:disableCSRFCheck|disableOriginCheck)/.test(line))
    expect(told(csrfOff)).toHaveLength(1)
    expect(told(csrfOff)[0]).toContain('disableCSRFCheck')
    expect(told(originOff)).toHaveLength(1)
    expect(told(originOff)[0]).toContain('disableOriginCheck')
    expect(told(somePaths)).toHaveLength(1)
    expect(told(await open({ production: true }))).toEqual([])
    expect(told(await open({ advanced: { disableCSRFCheck: true } }))).toEqual([])
  })

  it('OR-16 takes a list of origins for none', async () => {
    const site = await open({ trustedOrigins: [app] })
    const lists = [
      'http://a, http://b',
      `${origin}, ${evil}`,
      `${evil}, ${origin}`,
      `${origin} ${evil}`,
      `${origin},${app}`,
      `${app} ${app}`,
    ]
    for (const list of lists) expect(await admits(site, list), list).toBe(false)
    const caller = await site.signedIn()
    for (const pair of [
      [origin, evil],
      [evil, origin],
      [origin, origin],
    ]) {
      const headers = new Headers({
        'content-type': 'application/json',
        cookie: `${tokenName}=${caller.jar.get(tokenName)}`,
      })
      for (const sent of pair) headers.append('origin', sent)
      const request = new Request(`${origin}/api/auth/update-user`, {
        method: 'POST',
        headers,
        body: '{"name":"Changed"}',
      })
      expect((await site.handler(request)).status).toBe(403)
    }
  })

  it('OR-17 refuses the opaque origin of a sandboxed frame', async () => {
    for (const options of [{}, { trustedOrigins: ['null', '*', 'null://'] }]) {
      const site = await open(options)
      await expectRefused(site, await site.signedIn(), { origin: 'null' }, 'MISSING_OR_NULL_ORIGIN')
      await expectRefused(
        site,
        await site.signedIn(),
        { origin: 'null', referer: `${origin}/` },
        'MISSING_OR_NULL_ORIGIN',
      )
    }
  })

  it('OR-18 lets a wildcard stand for one label where the preset is strict, for any run without slash elsewhere', async () => {
    const trustedOrigins = ['https://*-preview.example.com']
    const wire = await open({ trustedOrigins })
    const strict = await open({ trustedOrigins, preset: 'strict' })
    for (const [sent, onWire, whenStrict] of [
      ['https://a-preview.example.com', true, true],
      ['https://a.b-preview.example.com', true, false],
      ['http://a-preview.example.com', false, false],
      ['https://a-preview.example.com.evil.example', false, false],
      ['https://evil.example/-preview.example.com', false, false],
      ['https://evil.example?-preview.example.com', false, false],
      ['https://evil.example#-preview.example.com', false, false],
      ['https://evil.example\\-preview.example.com', false, false],
      ['https://a-preview.example.com:8443', false, false],
    ] as const) {
      expect([await admits(wire, sent), await admits(strict, sent)], sent).toEqual([onWire, whenStrict])
    }
  })
})
