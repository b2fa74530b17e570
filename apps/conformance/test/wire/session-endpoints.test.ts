import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import {
  ada,
  type Browser,
  bob,
  cleared,
  day,
  setup,
  signed,
  start,
  storedForm,
  tokenCookie,
  tokenIn,
} from '../support.ts'
import { type Code, invalid, refusal, told } from './codes.ts'

/** Ada, signed in on `devices` devices at once. */
async function signedIn(options: Partial<Options> = {}, devices = 1) {
  const made = setup(options)
  const callers: Browser[] = []
  for (let i = 0; i < devices; i++) {
    const caller = made.browser()
    const answer = i === 0 ? await caller.signUp() : await caller.signIn()
    expect(answer.status).toBe(200)
    callers.push(caller)
  }
  const [caller = made.browser(), other = made.browser()] = callers
  return { ...made, caller, other, callers }
}

describe('1.0 who may call', () => {
  const calls: readonly [method: 'get' | 'post', path: string, body?: object][] = [
    ['get', '/list-sessions'],
    ['post', '/revoke-session', { token: 'x' }],
    ['post', '/revoke-sessions'],
    ['post', '/revoke-other-sessions'],
    ['post', '/update-user', { name: 'x' }],
    ['post', '/change-password', { newPassword: 'password999', currentPassword: 'password123' }],
    ['post', '/verify-password', { password: 'x' }],
  ]
  it.each(calls)('%s %s is 401 without a session', async (method, path, body) => {
    const { browser } = setup()
    expect(told(await browser()[method](path, body as never))).toEqual(refusal(401, 'UNAUTHORIZED'))
  })

  it.each(calls)('%s %s is 401 with a cookie of nobody, which goes', async (method, path, body) => {
    const { caller, rows } = await signedIn()
    rows.session.splice(0)
    const answer = await caller[method](path, body as never)
    expect(told(answer)).toEqual(refusal(401, 'UNAUTHORIZED'))
    expect(answer.setCookies).toEqual(cleared)
  })

  it('6.4 only /list-sessions asks for a fresh session, by its creation', async () => {
    const { caller, clock } = await signedIn()
    clock.now += day - 1
    expect((await caller.get('/list-sessions')).status).toBe(200)
    clock.now += 1
    expect((await caller.get('/get-session')).setCookies).not.toEqual([])
    expect(told(await caller.get('/list-sessions'))).toEqual(refusal(403, 'SESSION_NOT_FRESH'))
    expect((await caller.post('/verify-password', { password: ada.password })).status).toBe(200)
  })

  it.each([
    [0, 5 * day, 200],
    [60, 59_999, 200],
    [60, 60_000, 403],
  ])('6.4 freshAge %d after %d ms: %d', async (freshAge, age, status) => {
    const { caller, clock } = await signedIn({ session: { freshAge } })
    clock.now += age
    expect((await caller.get('/list-sessions')).status).toBe(status)
  })
})

describe('1.5 sign-out', () => {
  it('ends the session and expires every cookie', async () => {
    const { caller, rows } = await signedIn({}, 2)
    const answer = await caller.post('/sign-out', {})
    expect(told(answer)).toEqual({ status: 200, json: { success: true } })
    expect(answer.setCookies).toEqual(cleared)
    expect(rows.session).toHaveLength(1)
    expect((await caller.get('/get-session')).text).toBe('null')
  })

  it.each([
    ['without a cookie', null],
    ['with a forged one', `${tokenCookie}=abc.def`],
  ])('%s it says the same', async (_title, cookie) => {
    const { browser, rows } = await signedIn()
    const answer = await browser().post('/sign-out', { callbackURL: '/', state: 'x' }, { cookie })
    expect(told(answer)).toEqual({ status: 200, json: { success: true } })
    expect(rows.session).toHaveLength(1)
  })
})

describe('1.6 get-session', () => {
  it('trap 27: null is four bytes and 200, never to be stored', async () => {
    const { headers, setCookies, status, text } = await setup().browser().get('/get-session')
    expect([status, text, setCookies]).toEqual([200, 'null', []])
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
  })

  it('gives session and user, and sets no cookie', async () => {
    const { browser, rows } = setup()
    const caller = browser({ remoteAddress: '192.0.2.1' })
    await caller.post('/sign-up/email', ada, { 'user-agent': 'Test/1' })
    const answer = await caller.get('/get-session')
    const [row, user] = [rows.session[0], rows.user[0]]
    expect(answer.setCookies).toEqual([])
    expect(answer.json).toEqual({
      session: {
        id: row?.id,
        token: tokenIn(caller.jar),
        userId: user?.id,
        expiresAt: '2026-01-08T00:00:00.000Z',
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
        ipAddress: '192.0.2.1',
        userAgent: 'Test/1',
      },
      user: {
        id: user?.id,
        name: 'Ada',
        email: 'ada@example.com',
        emailVerified: false,
        image: null,
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
      },
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('1.0 an unknown address and agent are empty texts', async () => {
    const { caller } = await signedIn()
    expect((await caller.get('/get-session')).json.session).toMatchObject({ ipAddress: '', userAgent: '' })
  })

  it('POST is 405 without deferSessionRefresh', async () => {
    const { caller } = await signedIn()
    for (const who of [caller, setup().browser()]) {
      expect(told(await who.post('/get-session'))).toEqual(refusal(405, 'METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED'))
    }
  })

  const forged: readonly [string, (value: string) => string][] = [
    ['no signature', (value) => value.slice(0, value.indexOf('.'))],
    ['a cut signature', (value) => value.slice(0, -4)],
    ['another signature', (value) => value.replace(/\.(?:%..|.)/, (dot) => (dot === '.A' ? '.B' : '.A'))],
    ['another token', (value) => (value.startsWith('A') ? 'B' : 'A') + value.slice(1)],
    ['nothing', () => ''],
    ['a malformed escape', () => '%E0%A4%A'],
  ]
  it.each(forged)('3.3 a cookie with %s is no cookie', async (_title, change) => {
    const { browser, caller, rows } = await signedIn()
    const cookie = `${tokenCookie}=${change(caller.jar.get(tokenCookie) ?? '')}`
    const answer = await browser().get('/get-session', { cookie })
    expect([answer.status, answer.text, answer.setCookies]).toEqual([200, 'null', []])
    expect(rows.session).toHaveLength(1)
  })

  it('an unknown session is null and expires the cookies', async () => {
    const { caller, rows } = await signedIn()
    rows.session.splice(0)
    const answer = await caller.get('/get-session')
    expect([answer.text, answer.setCookies]).toEqual(['null', cleared])
  })

  it('an expired session is null and its row goes', async () => {
    const { auth, browser, caller, clock, rows } = await signedIn()
    clock.now += 7 * day - 1000
    // The clean-up of this minute passes, so that the row goes by the read's own doing.
    await browser().get('/ok')
    await auth.idle()
    clock.now += 1000
    const answer = await caller.get('/get-session')
    expect([answer.text, answer.setCookies]).toEqual(['null', cleared])
    expect(rows.session).toEqual([])
  })

  it('what fails unexpectedly is 500 under its own code, and logged', async () => {
    const before = () => {
      throw new Error('broken')
    }
    const { caller, clock, logged } = await signedIn({ databaseHooks: { session: { update: { before } } } })
    clock.now += day
    const answer = await caller.get('/get-session')
    expect(told(answer)).toEqual(refusal(500, 'FAILED_TO_GET_SESSION'))
    expect(logged).toContain(`error: a session could not be read (${answer.headers.get('x-request-id')})`)
  })

  it('6.5 a session whose user is gone is null', async () => {
    const { caller, rows } = await signedIn()
    rows.user.splice(0)
    expect((await caller.get('/get-session')).text).toBe('null')
  })
})

describe('1.7 managing sessions', () => {
  it('the list is bare: the raw token for the own session, handles for others', async () => {
    const { browser, caller, other } = await signedIn({}, 2)
    await browser().signUp(bob)
    const { json, status } = await caller.get('/list-sessions')
    expect(status).toBe(200)
    expect(json).toEqual([
      expect.objectContaining({ token: tokenIn(caller.jar), userAgent: '', expiresAt: '2026-01-08T00:00:00.000Z' }),
      expect.objectContaining({ token: storedForm(tokenIn(other.jar)) }),
    ])
  })

  it('a handle is no credential', async () => {
    const { browser, other } = await signedIn({}, 2)
    const cookie = `${tokenCookie}=${signed(storedForm(tokenIn(other.jar)))}`
    expect((await browser().get('/get-session', { cookie })).text).toBe('null')
  })

  it('the list is by age, without those that are over or began too far ahead', async () => {
    const { caller, rows, callers } = await signedIn({}, 5)
    const patches = [
      {},
      { createdAt: new Date(start - 1000) },
      { createdAt: new Date(start - 2000) },
      { absoluteExpiresAt: new Date(start) },
      { createdAt: new Date(start + 32 * day) },
    ]
    for (const [i, patch] of patches.entries()) Object.assign(rows.session[i] ?? {}, patch)
    const { json } = await caller.get('/list-sessions')
    const [own = '', second = '', third = ''] = callers.map(({ jar }) => tokenIn(jar))
    expect(json).toMatchObject([{ token: storedForm(third) }, { token: storedForm(second) }, { token: own }])
  })

  it('expired sessions are not in the list', async () => {
    const { caller, clock, rows, browser } = await signedIn({ session: { freshAge: 0 } })
    await browser().signIn({ ...ada, rememberMe: false })
    clock.now += 86400 * 1000
    expect(await caller.get('/list-sessions')).toMatchObject({ json: { length: 1 } })
    expect(rows.session.length).toBeGreaterThan(0)
  })

  it.each(['token', 'handle'] as const)('revoke-session takes the %s of another session', async (form) => {
    const { caller, other, rows } = await signedIn({}, 2)
    const token = form === 'token' ? tokenIn(other.jar) : storedForm(tokenIn(other.jar))
    const answer = await caller.post('/revoke-session', { token })
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(answer.setCookies).toEqual([])
    expect(rows.session).toHaveLength(1)
    expect((await other.get('/get-session')).text).toBe('null')
    expect((await caller.get('/get-session')).text).not.toBe('null')
  })

  it('trap 11: revoke-session says yes to what is unknown or a stranger’s', async () => {
    const { browser, caller, rows } = await signedIn()
    const stranger = browser()
    await stranger.signUp(bob)
    for (const token of ['x', '', tokenIn(stranger.jar), storedForm(tokenIn(stranger.jar))]) {
      expect(told(await caller.post('/revoke-session', { token }))).toEqual({ status: 200, json: { status: true } })
    }
    expect(rows.session).toHaveLength(2)
  })

  it.each(['token', 'handle'] as const)('revoking the own session by %s expires its cookie', async (form) => {
    const { browser, caller, rows } = await signedIn({}, 2)
    await browser().signUp(bob)
    const [, ...others] = rows.session
    const token = form === 'token' ? tokenIn(caller.jar) : storedForm(tokenIn(caller.jar))
    const answer = await caller.post('/revoke-session', { token })
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(answer.setCookies).toEqual(cleared)
    expect(rows.session).toEqual(others)
  })

  it('revoking one of two sessions that were presented expires the cookie of both', async () => {
    const { browser, caller, other } = await signedIn({}, 2)
    const cookie = [caller, other].map(({ jar }) => `${tokenCookie}=${jar.get(tokenCookie)}`).join('; ')
    const answer = await browser().post('/revoke-session', { token: tokenIn(caller.jar) }, { cookie })
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(answer.setCookies).toEqual(cleared)
  })

  const meanwhile: readonly [revoked: 'own' | 'other', gone: readonly number[], status: number, cleared: boolean][] = [
    ['other', [0, 1], 401, true],
    ['other', [0], 200, false],
    ['other', [1], 200, false],
    ['own', [0], 200, true],
  ]
  it.each(meanwhile)('revoking the %s session while %j go meanwhile: %d', async (revoked, gone, status, expires) => {
    let ids: unknown[] = []
    const { browser, caller, other, rows } = await signedIn(
      {
        databaseHooks: {
          session: {
            delete: {
              before: () => {
                const left = rowsOf().filter(({ id }) => !ids.includes(id))
                rowsOf().splice(0, rowsOf().length, ...left)
              },
            },
          },
        },
      },
      2,
    )
    const rowsOf = () => rows.session
    await browser().signUp(bob)
    ids = gone.map((i) => rows.session[i]?.id)
    const answer = await caller.post('/revoke-session', { token: tokenIn((revoked === 'own' ? caller : other).jar) })
    expect(told(answer)).toEqual(
      status === 401 ? refusal(401, 'UNAUTHORIZED') : { status: 200, json: { status: true } },
    )
    expect(answer.setCookies).toEqual(expires ? cleared : [])
  })

  it('revoke-sessions ends all of the user, the own one too', async () => {
    const { browser, caller, rows } = await signedIn({}, 3)
    await browser().signUp(bob)
    const answer = await caller.post('/revoke-sessions')
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(answer.setCookies).toEqual(cleared)
    expect(rows.session).toHaveLength(1)
    expect((await caller.get('/get-session')).text).toBe('null')
  })

  it('revoke-other-sessions leaves the own one and those of others', async () => {
    const { browser, caller, rows } = await signedIn({}, 3)
    await browser().signUp(bob)
    const answer = await caller.post('/revoke-other-sessions')
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(answer.setCookies).toEqual([])
    expect(rows.session).toHaveLength(2)
    expect((await caller.get('/get-session')).text).not.toBe('null')
  })
})

describe('1.8 update-user', () => {
  it('writes name and image and sets the cookie again with its full life', async () => {
    const { caller, clock, rows } = await signedIn()
    clock.now += 1000
    const answer = await caller.post('/update-user', { name: 'Ada L.', image: 'https://example.com/a.png', unknown: 1 })
    expect(told(answer)).toEqual({ status: 200, json: { status: true } })
    expect(rows.user[0]).toMatchObject({
      name: 'Ada L.',
      image: 'https://example.com/a.png',
      updatedAt: new Date(start + 1000),
    })
    expect(rows.user[0]).not.toHaveProperty('unknown')
    expect(answer.setCookies).toEqual([
      `${tokenCookie}=${caller.jar.get(tokenCookie)}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax`,
    ])
  })

  it('image: null is stored', async () => {
    const { caller, rows } = await signedIn()
    await caller.post('/update-user', { image: '/a.png' })
    expect((await caller.post('/update-user', { image: null })).status).toBe(200)
    expect(rows.user[0]?.image).toBeNull()
  })

  it.each([{}, { unknown: 1 }, { id: 'x', emailVerified: true }])('%j: nothing to update has no code', async (body) => {
    const { caller, rows } = await signedIn()
    const answer = await caller.post('/update-user', body)
    expect(told(answer)).toEqual({ status: 400, json: { message: 'No fields to update' } })
    expect(rows.user[0]).toMatchObject({ emailVerified: false })
  })

  it('an email is refused, an empty one ignored', async () => {
    const { caller } = await signedIn()
    expect(told(await caller.post('/update-user', { email: 'x@example.com', name: 'x' }))).toEqual(
      refusal(400, 'EMAIL_CAN_NOT_BE_UPDATED'),
    )
    expect((await caller.post('/update-user', { email: '', name: 'x' })).status).toBe(200)
  })

  // Trap 9: checked here, where upstream stores anything.
  const wrong: readonly [object, string][] = [
    [{ name: 5 }, '[body.name] Invalid input: expected string, received number'],
    [{ name: null }, '[body.name] Invalid input: expected string, received null'],
    [{ image: 5 }, '[body.image] Invalid input: expected string, received number'],
  ]
  it.each(wrong)('trap 9: %j is refused', async (body, message) => {
    const { caller } = await signedIn()
    expect(told(await caller.post('/update-user', body))).toEqual(invalid(message))
  })
  it.each([
    { name: 'a\nb' },
    { name: 'x'.repeat(257) },
    { image: 'javascript:alert(1)' },
    { image: 'data:image/png;base64,x' },
    { image: '//evil.example/x.png' },
    { image: 'x'.repeat(3000) },
  ])('trap 9: %j is refused', async (body) => {
    const { caller, rows } = await signedIn()
    const before = { ...rows.user[0] }
    expect(await caller.post('/update-user', body)).toMatchObject({ status: 400, json: { code: 'VALIDATION_ERROR' } })
    expect(rows.user[0]).toEqual(before)
  })
})

describe('1.9 change-password', () => {
  const change = { newPassword: 'password999', currentPassword: ada.password }

  const cases: readonly [string, object, Code][] = [
    ['too short', { newPassword: '1234567', currentPassword: 'wrong' }, 'PASSWORD_TOO_SHORT'],
    ['too long', { newPassword: 'x'.repeat(129), currentPassword: 'wrong' }, 'PASSWORD_TOO_LONG'],
    ['wrong current', { ...change, currentPassword: 'wrong' }, 'INVALID_PASSWORD'],
  ]
  it.each(cases)('%s', async (_title, body, code) => {
    const { caller, rows } = await signedIn()
    expect(told(await caller.post('/change-password', body))).toEqual(refusal(400, code))
    expect(rows.account[0]?.password).toBe('quick:password123')
  })

  it('no credential account, told before the password', async () => {
    const { caller, rows } = await signedIn()
    rows.account.splice(0)
    const wrong = { ...change, currentPassword: 'wrong' }
    expect(told(await caller.post('/change-password', wrong))).toEqual(refusal(400, 'CREDENTIAL_ACCOUNT_NOT_FOUND'))
  })

  const forms: readonly [revokeOtherSessions: boolean | undefined, others: boolean, token: boolean][] = [
    [undefined, false, false],
    [false, true, false],
    [true, false, true],
  ]
  it.each(forms)(
    'revokeOtherSessions %s: others live %s, new token %s',
    async (revokeOtherSessions, others, renewed) => {
      const { browser, caller, other, rows } = await signedIn({}, 2)
      const before = tokenIn(caller.jar)
      const answer = await caller.post('/change-password', {
        ...change,
        ...(revokeOtherSessions === undefined ? {} : { revokeOtherSessions }),
      })
      expect(answer.status).toBe(200)
      const token = tokenIn(caller.jar)
      expect(token === before).toBe(!renewed)
      expect(answer.json).toEqual({
        token: renewed ? token : null,
        user: expect.objectContaining({ email: ada.email }),
      })
      expect((await other.get('/get-session')).text !== 'null').toBe(others)
      expect((await caller.get('/get-session')).json.session?.token).toBe(token)
      expect(rows.session).toHaveLength(others ? 2 : 1)
      expect((await browser().signIn()).status).toBe(401)
      expect((await browser().signIn({ ...ada, password: 'password999' })).status).toBe(200)
    },
  )

  it('the old token of a renewed session is dead, and no other user’s', async () => {
    const { browser } = setup()
    const [stranger, caller] = [browser(), browser()]
    await stranger.signUp(bob)
    await caller.signUp()
    const old = `${tokenCookie}=${caller.jar.get(tokenCookie)}`
    await caller.post('/change-password', { ...change, revokeOtherSessions: true })
    expect((await browser().get('/get-session', { cookie: old })).text).toBe('null')
    expect((await caller.get('/get-session')).json.user).toMatchObject({ email: ada.email })
    expect((await stranger.get('/get-session')).json.user).toMatchObject({ email: bob.email })
  })
})

describe('1.11 verify-password', () => {
  it('right', async () => {
    const { caller } = await signedIn()
    expect(told(await caller.post('/verify-password', { password: ada.password }))).toEqual({
      status: 200,
      json: { status: true },
    })
  })

  it.each(['wrong', 'no account', 'no password'])('%s', async (which) => {
    const { caller, rows } = await signedIn()
    if (which === 'no account') rows.account.splice(0)
    if (which === 'no password') Object.assign(rows.account[0] ?? {}, { password: null })
    const password = which === 'wrong' ? 'password124' : ada.password
    expect(told(await caller.post('/verify-password', { password }))).toEqual(refusal(400, 'INVALID_PASSWORD'))
  })
})
