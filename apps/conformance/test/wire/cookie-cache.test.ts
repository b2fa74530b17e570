import { createHmac } from 'node:crypto'
import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import {
  ada,
  cacheCookie,
  cleared,
  day,
  second,
  secret,
  setup,
  signed,
  start,
  tokenCookie,
  tokenIn,
} from '../support.ts'
import { refusal, told } from './codes.ts'

type Cache = NonNullable<NonNullable<Options['session']>['cookieCache']>

async function signedIn(cache: Cache = {}, options: Partial<Options> = {}, person: object = ada) {
  const made = setup({ ...options, session: { ...options.session, cookieCache: { enabled: true, ...cache } } })
  const caller = made.browser()
  const answer = await caller.signUp(person)
  /** Whether the caller is known although the store knows nobody. */
  const cached = async (query = '') => {
    const kept = made.rows.session.splice(0)
    const jar = new Map(caller.jar)
    const { text } = await caller.get(`/get-session${query}`)
    made.rows.session.push(...kept)
    for (const [name, value] of jar) caller.jar.set(name, value)
    return text !== 'null'
  }
  return { ...made, caller, answer, cached }
}

const decode = (value: string) => JSON.parse(Buffer.from(value, 'base64url').toString())
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')

describe('3.4 what is written', () => {
  it('payload, its keys’ order and its signature', async () => {
    const { answer, caller } = await signedIn()
    expect(answer.setCookies).toEqual([
      expect.stringContaining(`${tokenCookie}=`),
      `${cacheCookie}=${caller.jar.get(cacheCookie)}; Max-Age=300; Path=/; HttpOnly; SameSite=Lax`,
    ])
    const value = caller.jar.get(cacheCookie) ?? ''
    expect(value).toMatch(/^[\w-]+$/)
    const outer = decode(value)
    expect(Object.keys(outer)).toEqual(['session', 'expiresAt', 'signature'])
    expect(Object.keys(outer.session)).toEqual(['session', 'user', 'updatedAt', 'version'])
    expect(outer).toMatchObject({ expiresAt: start + 300 * second, session: { updatedAt: start, version: '1' } })
    expect(outer.session.session.token).toBe(tokenIn(caller.jar))
    expect(outer.signature).toBe(sign(JSON.stringify({ ...outer.session, expiresAt: outer.expiresAt })))
    const { json } = await caller.get('/get-session')
    expect(json).toEqual({ session: outer.session.session, user: outer.session.user })
  })

  it('not remembered: no Max-Age, a window of 60 s', async () => {
    const { answer, caller } = await signedIn({}, {}, { ...ada, rememberMe: false })
    expect(answer.setCookies).toContain(`${cacheCookie}=${caller.jar.get(cacheCookie)}; Path=/; HttpOnly; SameSite=Lax`)
    expect(decode(caller.jar.get(cacheCookie) ?? '').expiresAt).toBe(start + 60 * second)
  })

  it('fields with returned: false are not in it', async () => {
    const { caller } = await signedIn(
      {},
      { user: { additionalFields: { note: { type: 'string', returned: false, required: false } } } },
      { ...ada, note: 'private' },
    )
    expect(JSON.stringify(decode(caller.jar.get(cacheCookie) ?? ''))).not.toContain('private')
  })

  it('a value that goes out with update-user holds the new user', async () => {
    const { caller } = await signedIn()
    await caller.post('/update-user', { name: 'Countess' })
    expect(decode(caller.jar.get(cacheCookie) ?? '').session.user.name).toBe('Countess')
    expect((await caller.get('/get-session')).json.user?.name).toBe('Countess')
  })
})

describe('3.5 when it is trusted', () => {
  it('a hit sets no cookie and asks no store', async () => {
    const { caller, cached, rows } = await signedIn()
    expect(await cached()).toBe(true)
    rows.session.splice(0)
    const answer = await caller.get('/get-session')
    expect(answer.setCookies).toEqual([])
    expect(answer.json.session?.token).toBe(tokenIn(caller.jar))
  })

  it.each(['1', 'true', 'false', '0'])('trap 6: disableCookieCache=%s asks the store', async (value) => {
    const { cached } = await signedIn()
    expect(await cached(`?disableCookieCache=${value}`)).toBe(false)
    expect(await cached('?disableCookieCache=')).toBe(true)
  })

  it('its window', async () => {
    const { cached, clock } = await signedIn({ maxAge: 60 })
    clock.now += 60 * second - 1
    expect(await cached()).toBe(true)
    clock.now += 1
    expect(await cached()).toBe(false)
  })

  it('a window that is over: the store is asked, and the copy set again', async () => {
    const { caller, clock } = await signedIn()
    clock.now += 300 * second
    const answer = await caller.get('/get-session')
    expect(answer.setCookies).toEqual([expect.stringMatching(new RegExp(`^${cacheCookie}=[\\w-]+; Max-Age=300;`))])
    expect(decode(caller.jar.get(cacheCookie) ?? '').expiresAt).toBe(clock.now + 300 * second)
    expect((await caller.get('/get-session')).setCookies).toEqual([])
  })

  it('not set again with disableRefresh, nor for dont_remember', async () => {
    const one = await signedIn()
    one.clock.now += 300 * second
    const two = await signedIn({}, {}, { ...ada, rememberMe: false })
    two.clock.now += 60 * second
    for (const [caller, query] of [
      [one.caller, '?disableRefresh=1'],
      [two.caller, ''],
    ] as const) {
      // The copy that is over goes; where there is none, none goes.
      expect((await caller.get(`/get-session${query}`)).setCookies).toEqual(cleared.slice(1, 2))
      expect((await caller.get(`/get-session${query}`)).setCookies).toEqual([])
    }
  })

  it('the session’s own end', async () => {
    const { cached, clock } = await signedIn({ maxAge: 30 * 86400 }, { session: { updateAge: 86400 * 7 } })
    clock.now += 7 * day - 1
    expect(await cached()).toBe(true)
    clock.now += 1
    expect(await cached()).toBe(false)
  })

  it('no refresh is told of on a hit', async () => {
    const { caller, clock } = await signedIn({ maxAge: 3 * 86400 }, { session: { deferSessionRefresh: true } })
    clock.now += 2 * day
    expect((await caller.get('/get-session')).json.needsRefresh).toBe(false)
    expect((await caller.get('/get-session?disableCookieCache=1')).json.needsRefresh).toBe(true)
  })

  it('no refresh on a hit', async () => {
    const { caller, clock, rows } = await signedIn({ maxAge: 3 * 86400 })
    clock.now += 2 * day
    expect((await caller.get('/get-session')).setCookies).toEqual([])
    expect(rows.session[0]?.expiresAt).toEqual(new Date(start + 7 * day))
  })

  const spoiled: readonly [string, (value: string) => string][] = [
    ['another user', (value) => change(value, (o) => (o.session.user.name = 'Eve'))],
    ['a later window', (value) => change(value, (o) => (o.expiresAt += 1))],
    ['no signature', (value) => change(value, (o) => (o.signature = ''))],
    ['a signature under another secret', (value) => resign(value, 'another secret')],
    ['no JSON', () => 'abc'],
    ['no base64url', () => '***'],
    ['null', () => encode(null)],
    ['an empty object', () => encode({})],
  ]
  it.each(spoiled)('%s: the store is asked, the copy goes', async (_title, spoil) => {
    const { caller, rows } = await signedIn()
    const value = caller.jar.get(cacheCookie) ?? ''
    caller.jar.set(cacheCookie, spoil(value))
    const answer = await caller.get('/get-session')
    expect(answer.json.user?.name).toBe('Ada')
    expect(answer.setCookies).toEqual([expect.stringContaining(`${cacheCookie}=ey`)])
    caller.jar.set(cacheCookie, spoil(value))
    rows.session.splice(0)
    expect(await caller.get('/get-session')).toMatchObject({ text: 'null', setCookies: cleared })
  })

  it('14: the copy of another token does not count', async () => {
    const { browser, caller, rows } = await signedIn()
    const other = browser()
    await other.signIn()
    other.jar.set(cacheCookie, caller.jar.get(cacheCookie) ?? '')
    rows.session.splice(0)
    expect((await other.get('/get-session')).text).toBe('null')
  })

  it('without a signed token cookie it does not count', async () => {
    const { browser, caller } = await signedIn()
    const cookie = `${cacheCookie}=${caller.jar.get(cacheCookie)}; ${tokenCookie}=${tokenIn(caller.jar)}`
    expect((await browser().get('/get-session', { cookie })).text).toBe('null')
  })

  it.each([
    ['text', '1', '2'],
    ['function', () => 'a', async () => 'b'],
  ] as const)('another version (%s) does not count', async (_title, before, after) => {
    const { caller, rows } = await signedIn({ version: before })
    const [user] = rows.user
    const later = setup({ session: { cookieCache: { enabled: true, version: after } } }, { user: user ? [user] : [] })
    const same = setup({ session: { cookieCache: { enabled: true, version: before } } }, { user: user ? [user] : [] })
    const cookie = [...caller.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    expect((await later.browser().get('/get-session', { cookie })).text).toBe('null')
    expect((await same.browser().get('/get-session', { cookie })).text).not.toBe('null')
  })

  it('off, an old copy does not count', async () => {
    const { caller } = await signedIn()
    const cookie = [...caller.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    expect((await setup().browser().get('/get-session', { cookie })).text).toBe('null')
  })

  it('trap 13: a text that looks like a date stays a text, and the copy counts', async () => {
    const fields = { born: { type: 'string', required: false }, seen: { type: 'date', required: false } } as const
    const { auth, caller, cached } = await signedIn(
      {},
      { user: { additionalFields: fields } },
      { ...ada, born: '2026-01-01T00:00:00Z' },
    )
    expect(await cached()).toBe(true)
    expect((await caller.get('/get-session')).json.user?.born).toBe('2026-01-01T00:00:00Z')
    const cookie = [...caller.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const pair = await auth.api.getSession({ headers: { cookie } })
    expect(pair?.user).toMatchObject({ born: '2026-01-01T00:00:00Z', createdAt: new Date(start) })
  })

  it('a text with what JSON escapes survives', async () => {
    const { cached } = await signedIn({}, {}, { ...ada, name: 'A "b" \\ é 😀 </script>' })
    expect(await cached()).toBe(true)
  })
})

describe('3.6 chunks', () => {
  const fields = { user: { additionalFields: { bio: { type: 'string', required: false } } } } as const
  const attributes = 'Max-Age=300; Path=/; HttpOnly; SameSite=Lax'
  /** Room for a value: 4050 without the rest of its line, the name with `.99`. */
  const room = 4050 - `${cacheCookie}.99=; ${attributes}`.length
  const long = { ...ada, bio: 'x'.repeat(5000) }
  const names = (jar: ReadonlyMap<string, string>) => [...jar.keys()].filter((name) => name.startsWith(cacheCookie))

  it('a long value goes out in pieces that fill their lines, and is read again', async () => {
    const { answer, caller, cached } = await signedIn({}, fields, long)
    const pieces = answer.setCookies.slice(1)
    expect(names(caller.jar)).toEqual([`${cacheCookie}.0`, `${cacheCookie}.1`])
    expect(caller.jar.get(`${cacheCookie}.0`)).toHaveLength(room)
    for (const line of pieces) expect(line.length).toBeLessThanOrEqual(4050)
    for (const line of pieces) expect(line.endsWith(`; ${attributes}`)).toBe(true)
    expect(
      decode(
        names(caller.jar)
          .map((name) => caller.jar.get(name))
          .join(''),
      ).session.user.bio,
    ).toBe(long.bio)
    expect(await cached()).toBe(true)
  })

  it('the order in which they come does not matter, a missing one does', async () => {
    const { browser, caller, rows } = await signedIn({}, fields, long)
    rows.session.splice(0)
    const [token, first, next] = [...caller.jar].map(([name, value]) => `${name}=${value}`)
    expect((await browser().get('/get-session', { cookie: `${next}; ${first}; ${token}` })).text).not.toBe('null')
    expect((await browser().get('/get-session', { cookie: `${next}; ${token}` })).text).toBe('null')
    expect((await browser().get('/get-session', { cookie: `${first}; ${token}` })).text).toBe('null')
  })

  it('a shorter value expires the pieces, a longer one the whole', async () => {
    const { caller } = await signedIn({}, fields, { ...ada, bio: 'x'.repeat(9000) })
    expect(names(caller.jar)).toHaveLength(4)
    for (const [length, count] of [
      [5000, 2],
      [10, 0],
      [5000, 2],
    ] as const) {
      await caller.post('/update-user', { bio: 'x'.repeat(length) })
      const left = names(caller.jar)
      expect(left).toEqual(count === 0 ? [cacheCookie] : Array.from({ length: count }, (_, i) => `${cacheCookie}.${i}`))
    }
  })

  it('3.8 clearing expires the pieces, between session_data and dont_remember', async () => {
    const { caller } = await signedIn({}, fields, long)
    const [token = '', data = '', forget = ''] = cleared
    const pieces = [0, 1].map((i) => data.replace('=', `.${i}=`))
    expect((await caller.post('/sign-out')).setCookies).toEqual([token, data, ...pieces, forget])
    expect(caller.jar.size).toBe(0)
  })

  it('3.8 pieces set earlier in the same answer are not sent', async () => {
    const { caller, clock, rows } = await signedIn({ maxAge: 60 }, fields, long)
    clock.now += 60 * second
    for (const name of names(caller.jar)) caller.jar.delete(name)
    const { setCookies } = await caller.post('/revoke-sessions')
    expect(rows.session).toEqual([])
    for (const line of setCookies) expect(line).toContain('=; Max-Age=0')
  })

  it('what would take over a hundred pieces is not set', async () => {
    const { answer, caller } = await signedIn({}, fields, { ...ada, bio: 'x'.repeat(400_000) })
    expect(answer.setCookies).toHaveLength(1)
    expect((await caller.get('/get-session')).json.user?.bio).toHaveLength(400_000)
  })
})

describe('6.5, trap 30: after the session has ended', () => {
  it('session and fresh endpoints go on for the window, sensitive ones stop', async () => {
    const { caller, rows } = await signedIn()
    rows.session.splice(0)
    expect((await caller.get('/get-session')).text).not.toBe('null')
    expect((await caller.get('/list-sessions')).status).toBe(200)
    const calls: readonly [string, object][] = [
      ['/revoke-session', { token: 'x' }],
      ['/revoke-sessions', {}],
      ['/revoke-other-sessions', {}],
      ['/change-password', { newPassword: 'password999', currentPassword: ada.password }],
      ['/verify-password', { password: ada.password }],
    ]
    const jar = new Map(caller.jar)
    for (const [path, body] of calls) {
      for (const [name, value] of jar) caller.jar.set(name, value)
      const answer = await caller.post(path, body)
      expect([path, told(answer)]).toEqual([path, refusal(401, 'UNAUTHORIZED')])
      expect(answer.setCookies).toEqual(cleared)
    }
  })

  it('ending the own session takes the copy with it', async () => {
    const { caller } = await signedIn()
    await caller.post('/revoke-sessions')
    expect(caller.jar.size).toBe(0)
  })
})

describe('9.5 the vector', () => {
  const token = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'
  const text =
    '{"session":{"expiresAt":"2026-01-08T00:00:00.000Z","token":"AbCdEfGhIjKlMnOpQrStUvWxYz012345","createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","ipAddress":"","userAgent":"","userId":"user1","id":"sess1"},"user":{"name":"A","email":"a@b.com","emailVerified":false,"image":null,"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","id":"user1"},"updatedAt":1767225600000,"version":"1"'
  const value = Buffer.from(
    `{"session":${text}},"expiresAt":1767225900000,"signature":"fengXQNOHz900NBRFzvXypyume_sfqAL5oDIRRmCLNk"}`,
  ).toString('base64url')

  it('is the one printed', () => {
    expect(value).toHaveLength(711)
    expect(value.startsWith('eyJzZXNzaW9uIjp7InNlc3Npb24iOnsiZXhwaXJlc0F0Ijoi')).toBe(true)
    expect(value.endsWith('uYXR1cmUiOiJmZW5nWFFOT0h6OTAwTkJSRnp2WHlweXVtZV9zZnFBTDVvRElSUm1DTE5rIn0')).toBe(true)
  })

  it.each([
    [start, 'user1'],
    [start + 299_999, 'user1'],
    [start + 300_000, undefined],
  ])('at %d a store that is empty gives %s', async (now, id) => {
    const { browser, clock } = setup({ session: { cookieCache: { enabled: true } } })
    clock.now = now
    const cookie = `${tokenCookie}=${signed(token)}; ${cacheCookie}=${value}`
    const { json } = await browser().get('/get-session', { cookie })
    expect(json?.user?.id).toBe(id)
    if (id) expect(json).toEqual(pickPair())
  })
  const pickPair = () => {
    const { session, user } = JSON.parse(`${text}}`)
    return { session, user }
  }
})

interface Copy {
  session: { user: { name: string } }
  expiresAt: number
  signature: string
}
function change(value: string, how: (copy: Copy) => void): string {
  const copy = decode(value)
  how(copy)
  return encode(copy)
}
function resign(value: string, key: string): string {
  return change(value, (copy) => {
    const text = JSON.stringify({ ...copy.session, expiresAt: copy.expiresAt })
    copy.signature = createHmac('sha256', key).update(text).digest('base64url')
  })
}
