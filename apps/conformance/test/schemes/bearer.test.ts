import { bearer, controller, createApi, endpoint, type Scheme, type SchemeList, session } from '@keystile/core/api'
import { expect, it } from 'vitest'
import { ada, day, setup } from '../support.ts'

const taken: Scheme<string, 'later'> = {
  name: 'later',
  securitySchemes: {},
  requirement: {},
  responses: { 401: 'no' },
  authenticate: ({ exchange }) => ({ identity: exchange.headers.get('authorization') ?? 'nothing' }),
}

/** Somebody who has signed in, and an API that takes the token of that session. */
async function site(options: Parameters<typeof setup>[0] = {}, schemes: SchemeList = [bearer()], rememberMe = true) {
  const { auth, rows, clock, browser } = setup(options)
  const own = browser()
  await own.post('/sign-up/email', { ...ada, rememberMe })
  const { token } = (await own.post('/sign-in/email', { ...ada, rememberMe })).json
  rows.session.splice(0, rows.session.length - 1)
  const who = endpoint({ method: 'GET', auth: schemes }, ({ auth }) => ({ scheme: auth?.scheme, who: auth?.identity }))
  const write = endpoint({ method: 'POST', auth: schemes, status: 200 }, ({ auth }) => ({ scheme: auth?.scheme }))
  const api = createApi({ auth, controllers: [controller('/me', { endpoints: { who, write } })] })
  const ask = async (authorization?: string, headers: Record<string, string> = {}, method = 'GET') => {
    const sent = authorization === undefined ? headers : { authorization, ...headers }
    const answer = await api.handler(new Request('http://localhost:3000/api/me', { method, headers: sent }))
    const { status } = answer
    return { status, headers: answer.headers, json: await answer.json(), cookies: answer.headers.getSetCookie() }
  }
  /** As it is now: a change puts another in its place. */
  const row = () => rows.session[0] as Record<string, unknown>
  return { ask, token: token as string, row, rows, clock, browser: own, api }
}

const invalid = 'Bearer realm="api", error="invalid_token"'

it('knows the session of a token, whatever the case of the word and however many spaces follow', async () => {
  const { ask, token } = await site()
  for (const word of ['Bearer ', 'bearer ', 'BEARER ', 'Bearer   ']) {
    const { status, json, headers } = await ask(word + token)
    expect([status, json.scheme, json.who.user.email]).toEqual([200, 'bearer', ada.email])
    expect(headers.get('vary')).toBe('authorization')
  }
})

it('challenges who sends none, and tells who sends one that does not hold', async () => {
  const { ask, token, row, browser } = await site()
  for (const none of [undefined, 'Basic YTpi', 'Bearer', 'Bearer ', `Bearer${token}`, token]) {
    const { status, headers } = await ask(none)
    expect([status, headers.get('www-authenticate')], none).toEqual([401, 'Bearer realm="api"'])
  }
  const signed = decodeURIComponent([...browser.jar.values()][0] ?? '')
  expect(signed).toContain(token)
  for (const bad of [
    `${token}x`,
    token.slice(1),
    signed,
    encodeURIComponent(signed),
    row().token,
    row().id,
    `${token}, Bearer ${token}`,
    'é',
  ]) {
    const { status, headers, cookies } = await ask(`Bearer ${bad}`)
    expect([status, headers.get('www-authenticate'), headers.get('cache-control'), cookies], String(bad)).toEqual([
      401,
      invalid,
      'no-store',
      [],
    ])
  }
})

it('takes no stored form, wherever tokens rest', async () => {
  for (const storeToken of ['hashed', 'plain'] as const) {
    const { ask, token, row } = await site({ session: { storeToken } })
    expect((await ask(`Bearer ${token}`)).status).toBe(200)
    row().token = `h1.${'a'.repeat(43)}`
    expect((await ask(`Bearer ${row().token}`)).status, storeToken).toBe(401)
  }
})

it('reads a token that another server left in clear, and seals it', async () => {
  const { ask, row } = await site()
  row().token = 'abcdefghijklmnopqrstuvwxyz012345'
  expect((await ask(`Bearer ${row().token}`)).status).toBe(200)
  expect(row().token).toMatch(/^h1\./)
})

it('stops the chain: no other credential makes up for a token that does not hold', async () => {
  const { ask, browser } = await site({}, [bearer(), session()])
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  expect((await ask(undefined, { cookie })).json.scheme).toBe('session')
  expect((await ask('Bearer wrong', { cookie })).status).toBe(401)
})

it('leaves tokens of three parts to the next scheme', async () => {
  const { ask } = await site({}, [bearer(), taken])
  for (const jwt of ['eyJhbGciOiJIUzI1NiJ9.e30.c2ln', 'a.b.', 'a..c']) {
    expect((await ask(`Bearer ${jwt}`)).json).toEqual({ scheme: 'later', who: `Bearer ${jwt}` })
  }
  for (const other of ['a.b', 'a.b.c.d', '..']) expect((await ask(`Bearer ${other}`)).status, other).toBe(401)
})

it('asks for no origin: no browser sends this by itself', async () => {
  const { ask, token, browser } = await site({}, [bearer(), session()])
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const evil = { origin: 'https://evil.example', cookie }
  expect((await ask(`Bearer ${token}`, evil, 'POST')).json).toEqual({ scheme: 'bearer' })
  expect((await ask(undefined, evil, 'POST')).status).toBe(403)
})

it('extends a session that is due, and sets no cookie', async () => {
  const { ask, token, row, clock } = await site({ session: { cookieCache: { enabled: true } } })
  const before = row().expiresAt as Date
  expect((await ask(`Bearer ${token}`)).cookies).toEqual([])
  expect(row().expiresAt).toEqual(before)
  clock.now += 2 * day
  expect((await ask(`Bearer ${token}`)).cookies).toEqual([])
  expect(row().expiresAt).toEqual(new Date(before.getTime() + 2 * day))
})

it('extends a session that lives for less than a day', async () => {
  const { ask, token, row, clock } = await site({ session: { expiresIn: 3600, updateAge: 60 } })
  clock.now += 600_000
  expect((await ask(`Bearer ${token}`)).status).toBe(200)
  expect(row().expiresAt).toEqual(new Date(clock.now + 3600_000))
})

it('extends no session that was not to be remembered', async () => {
  const { ask, token, row, rows, clock } = await site({}, undefined, false)
  const before = row().expiresAt
  clock.now += 0.9 * day
  expect((await ask(`Bearer ${token}`)).status).toBe(200)
  expect(row().expiresAt).toEqual(before)
  clock.now += 0.2 * day
  expect((await ask(`Bearer ${token}`)).headers.get('www-authenticate')).toBe(invalid)
  expect(rows.session).toEqual([])
})

it('knows no session that has ended', async () => {
  const { ask, token, browser } = await site()
  await browser.post('/sign-out', {})
  expect((await ask(`Bearer ${token}`)).status).toBe(401)
})

it('lets a check pass on to the next', async () => {
  const seen: string[] = []
  const check: NonNullable<Parameters<typeof bearer>[0]>['check'] = ({ user }) => seen.push(user.email) === 0
  const { ask, token } = await site({}, [bearer({ check }), taken])
  expect((await ask(`Bearer ${token}`)).json.scheme).toBe('later')
  expect(seen).toEqual([ada.email])
})
