/** Attacks on the schemes of an app's own endpoints. */
import {
  apiKey,
  basic,
  basicAuth,
  bearer,
  controller,
  createApi,
  endpoint,
  type SchemeList,
  session,
} from '@keystile/core/api'
import { describe, expect, it } from 'vitest'
import { cookieHeader, open, origin, type Site, v } from './support.ts'

const challenge = 'Basic realm="api", charset="UTF-8"'

/** An endpoint behind `schemes`: the status, who was found, and the challenges. */
function guarding(site: Site, schemes: SchemeList) {
  const endpoints = {
    get: endpoint({ method: 'GET', auth: schemes }, ({ auth }) => auth),
    post: endpoint({ method: 'POST', auth: schemes, status: 200 }, ({ auth }) => auth),
  }
  const api = createApi({ auth: site.auth, controllers: [controller('/me', { endpoints })] })
  return async (headers: HeadersInit, { method = 'GET', query = '' } = {}) => {
    const answer = await api.handler(new Request(`${origin}/api/me${query}`, { method, headers }))
    const { scheme = null, identity = null } = answer.status === 200 ? await answer.json() : {}
    return { status: answer.status, scheme, identity, challenges: answer.headers.get('www-authenticate') }
  }
}

describe('API keys', () => {
  const owners: Record<string, string> = { 'key-a': 'a', 'key-b': 'b' }
  const lookup = (key: string) => owners[key] ?? null

  it('AK-08 takes a key from the place that the scheme names, and from no other', async () => {
    const site = await open()
    const inHeader = guarding(site, [apiKey({ lookup })])
    const refused = { status: 401, scheme: null }
    for (const query of ['?x-api-key=key-a', '?api_key=key-a', '?key=key-a', '?apiKey=key-a', '?token=key-a']) {
      expect(await inHeader({}, { query }), query).toMatchObject(refused)
    }
    for (const cookie of ['x-api-key=key-a', 'api_key=key-a', 'key=key-a']) {
      expect(await inHeader({ cookie }), cookie).toMatchObject(refused)
    }
    for (const header of ['authorization', 'x-key', 'api-key']) {
      expect(await inHeader({ [header]: 'key-a' }), header).toMatchObject(refused)
    }
    expect(await inHeader({ 'x-api-key': 'key-a' })).toMatchObject({ status: 200, identity: 'a' })

    const inCookie = guarding(site, [apiKey({ cookie: 'key', lookup })])
    for (const headers of [
      { 'x-api-key': 'key-a' },
      { key: 'key-a' },
      { cookie: 'x-api-key=key-a' },
      { cookie: 'Key=key-a' },
    ]) {
      expect(await inCookie(headers as HeadersInit), JSON.stringify(headers)).toMatchObject(refused)
    }
    expect(await inCookie({}, { query: '?key=key-a' })).toMatchObject(refused)
    expect(await inCookie({ cookie: 'key=key-a' })).toMatchObject({ status: 200, identity: 'a' })
    // Whoever a browser sends along by itself, another site's page may not act as.
    for (const from of ['https://evil.example', 'null', undefined]) {
      const headers = { cookie: 'key=key-a', ...(from ? { origin: from } : {}) }
      expect(await inCookie(headers, { method: 'POST' })).toMatchObject({ status: 403 })
    }
    expect(await inCookie({ cookie: 'key=key-a', origin }, { method: 'POST' })).toMatchObject({ status: 200 })
  })

  it('AK-08 holds where an API has no auth of its own: the origin is that of the request', async () => {
    const endpoints = {
      post: endpoint({ method: 'POST', auth: [apiKey({ cookie: 'key', lookup })], status: 200 }, () => 'in'),
    }
    const api = createApi({ controllers: [controller('/me', { endpoints })], logger: { log: () => {} } })
    const post = async (headers: HeadersInit) =>
      (await api.handler(new Request('https://app.example/api/me', { method: 'POST', headers }))).status
    const cookie = 'key=key-a'
    expect(await post({ cookie })).toBe(403)
    expect(await post({ cookie, origin: 'https://evil.example' })).toBe(403)
    expect(await post({ cookie, origin: 'https://app.example.evil.example' })).toBe(403)
    expect(await post({ cookie, origin: 'https://app.example' })).toBe(200)
  })

  it('AK-09 takes the one header that is configured, and of two keys in it neither', async () => {
    const ask = guarding(await open(), [apiKey({ lookup })])
    expect(await ask({ 'x-api-key': 'key-a', 'api-key': 'key-b', authorization: 'key-b' })).toMatchObject({
      identity: 'a',
    })
    for (const pair of [
      ['key-a', 'key-b'],
      ['key-a', 'key-a'],
      ['key-a', 'none'],
      ['none', 'key-a'],
    ]) {
      const headers = pair.map((key): [string, string] => ['x-api-key', key])
      expect(await ask(headers), pair.join()).toMatchObject({ status: 400, scheme: null })
    }
    // Nor does another scheme make up for it.
    const both = guarding(await open(), [apiKey({ lookup }), basic({ authenticate: () => 'someone' })])
    const authorization = basicAuth('a', 'b')
    expect(await both({ authorization, 'x-api-key': 'key-a, key-b' })).toMatchObject({ status: 400 })
    expect(await both({ authorization })).toMatchObject({ status: 200 })
  })
})

it('DJ-12 takes a name and a password apart in one way, and challenges all else', async () => {
  const seen: (readonly [string, string])[] = []
  const scheme = basic({
    authenticate(name, password) {
      seen.push([name, password])
      return name === 'admin' && password === 'a:b:c' ? { name } : null
    },
  })
  const ask = guarding(await open(), [scheme])
  const sent = async (credentials: string) => {
    seen.length = 0
    const { status, challenges } = await ask({ authorization: `Basic ${credentials}` })
    expect(challenges).toBe(status === 200 ? null : challenge)
    return [status, ...seen]
  }
  const of = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64')
  expect(await sent(of('admin:a:b:c'))).toEqual([200, ['admin', 'a:b:c']])
  expect(await sent(of('admin:a:b'))).toEqual([401, ['admin', 'a:b']])
  expect(await sent(of(':a:b:c'))).toEqual([401, ['', 'a:b:c']])
  expect(await sent(of('admin:'))).toEqual([401, ['admin', '']])
  expect(await sent(of(':'))).toEqual([401, ['', '']])
  expect(await sent(of('admin:pässwörd'))).toEqual([401, ['admin', 'pässwörd']])
  // Nothing is decoded but base64: no percent signs, no mark of an order of bytes.
  expect(await sent(of('admin:a%3Ab%3Ac'))).toEqual([401, ['admin', 'a%3Ab%3Ac']])
  expect(await sent(of('\ufeffadmin:a:b:c'))).toEqual([401, ['\ufeffadmin', 'a:b:c']])
  const long = 'x'.repeat(10_000)
  expect(await sent(of(`admin:${long}`))).toEqual([401, ['admin', long]])
  expect(await sent(of(`${long}:a:b:c`))).toEqual([401, [long, 'a:b:c']])
  // What is no name and password at all reaches no check.
  const none = [
    'not base64!',
    '====',
    'YWRtaW46YTpiOmM*',
    'YWRtaW46 YTpiOmM=',
    of('admin'),
    of(new Uint8Array([0x61, 0x3a, 0xff, 0xfe])),
    of(new Uint8Array([0xc0, 0xba])),
    of('ad\0min:a:b:c'),
    of('admin:a:b:c\n'),
    of('admin:a:b:c\x7f'),
    long,
  ]
  for (const credentials of none) expect(await sent(credentials), credentials.slice(0, 20)).toEqual([401])
  for (const headers of [{}, { authorization: 'Basic' }, { authorization: of('admin:a:b:c') }] as HeadersInit[]) {
    expect(await ask(headers)).toMatchObject({ status: 401, challenges: challenge })
  }
})

it('DJ-14 asks schemes in the order they are declared, and overrules no refusal', async () => {
  const site = await open()
  const own = await site.signedIn()
  const cookie = cookieHeader(own.jar)
  const { token } = (await (await site.signedIn()).post('/sign-in/email', v)).json
  const stranger = await site.signedIn()
  const over = cookieHeader(stranger.jar)
  await stranger.post('/sign-out', {})

  const person = basic({ authenticate: (name, password) => (password === 'right' ? name : null) })
  const key = apiKey({ lookup: (sent) => (sent === 'right' ? 'bot' : null) })
  const ask = guarding(site, [bearer(), session(), person, key])
  const valid = { cookie, 'x-api-key': 'right' }

  // The first that knows decides, in whatever order the credentials come.
  expect((await ask({ ...valid, authorization: `Bearer ${token}` })).scheme).toBe('bearer')
  expect((await ask(valid)).scheme).toBe('session')
  expect((await ask({ 'x-api-key': 'right', authorization: basicAuth('a', 'right') })).scheme).toBe('basic')
  expect((await guarding(site, [key, person, session()])(valid)).scheme).toBe('api_key')

  // Absent, or of nobody: the next is asked.
  expect((await ask({ 'x-api-key': 'right', authorization: basicAuth('a', 'wrong') })).scheme).toBe('api_key')
  expect((await ask({ 'x-api-key': 'right', cookie: over })).scheme).toBe('api_key')

  // Refused: nobody else is asked.
  const invalid = { status: 401, scheme: null }
  for (const bad of [`${token}x`, 'wrong', 'right']) {
    expect(await ask({ ...valid, authorization: `Bearer ${bad}` }), bad).toMatchObject(invalid)
  }
  expect((await ask({ ...valid, authorization: 'Bearer wrong' })).challenges).toBe(
    `Bearer realm="api", error="invalid_token", ${challenge}`,
  )
  const evil = { ...valid, origin: 'https://evil.example', authorization: basicAuth('a', 'right') }
  expect(await ask(evil, { method: 'POST' })).toMatchObject({ status: 403, scheme: null })
  const { cookie: _, ...without } = evil
  expect((await ask(without, { method: 'POST' })).scheme).toBe('basic')
})
