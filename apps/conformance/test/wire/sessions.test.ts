import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import {
  ada,
  type Browser,
  bob,
  day,
  second,
  setup,
  signed,
  start,
  storedForm,
  tokenCookie,
  tokenIn,
} from '../support.ts'
import { refusal, told } from './codes.ts'

type SessionOptions = NonNullable<Options['session']>

async function signedIn(session: SessionOptions = {}, person: object = ada) {
  const made = setup({ session })
  const caller = made.browser()
  await caller.signUp(person)
  const end = () => (made.rows.session[0]?.expiresAt as Date | undefined)?.getTime()
  /** Lets the clean-up of this minute pass, so that what goes later goes by a request's own doing. */
  const sweep = async () => {
    await made.browser().get('/ok')
    await made.auth.idle()
  }
  return { ...made, caller, end, sweep }
}
const readEnd = async (caller: Browser) => (await caller.get('/get-session')).json?.session?.expiresAt
/** What an app gives us, on a bad day. */
const fail = (): never => {
  throw new Error('not now')
}
const iso = (at: number) => new Date(at).toISOString()

describe('6.1 the row', () => {
  const ends: readonly [string, SessionOptions, boolean | undefined, number][] = [
    ['a week', {}, undefined, 7 * day],
    ['expiresIn', { expiresIn: 3600 }, true, 3600 * second],
    ['a day when not remembered', {}, false, day],
    ['trap 5: a day when not remembered, whatever expiresIn', { expiresIn: 3600 }, false, day],
    ['no longer than the absolute end', { absoluteExpiresIn: 100 }, undefined, 100 * second],
  ]
  it.each(ends)('%s', async (_title, session, rememberMe, life) => {
    const { end } = await signedIn(session, { ...ada, rememberMe })
    expect(end()).toBe(start + life)
  })

  it('has no absolute end where there is none', async () => {
    const { rows } = await signedIn({ absoluteExpiresIn: false })
    expect(rows.session[0]?.absoluteExpiresAt).toBeNull()
  })

  it('is written while its user is there', async () => {
    const opened: unknown[] = []
    const { auth, browser, rows } = setup({
      hooks: {
        before: async ({ path, exchange, domain: { sessions } }) => {
          if (path === '/get-session' && user) opened.push(await sessions.open(user, { method: 'otp', exchange }))
        },
      },
    })
    for (const person of [ada, { ...ada, email: 'another@example.com' }]) await browser().signUp(person)
    const { store, tables } = await auth.$context
    const user = await store.find(tables.user, { email: ada.email })
    await browser().get('/get-session')
    expect(opened).toMatchObject([{ session: { userId: user?.id, amr: 'otp' } }])
    rows.user.shift()
    await browser().get('/get-session')
    expect(opened[1]).toBeNull()
    expect(rows.session).toHaveLength(3)
  })

  it('replacing none holds no transaction: a hook may ask the store', async () => {
    const counts: number[] = []
    const { auth, browser } = setup({
      databaseHooks: {
        session: {
          create: {
            before: async () => {
              const { store, tables } = await auth.$context
              counts.push(await store.count(tables.session, {}))
            },
          },
        },
      },
    })
    expect((await browser().signUp()).status).toBe(200)
    expect((await browser().signIn()).status).toBe(200)
    expect(counts).toEqual([0, 1])
  })

  it('is not written where the session it replaces cannot be ended', async () => {
    const told: unknown[] = []
    const { browser, rows } = setup({
      databaseHooks: {
        session: {
          create: { after: (row) => void told.push(row) },
          delete: { before: fail },
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    const [first] = rows.session
    expect((await caller.signIn()).status).toBe(500)
    expect(rows.session).toEqual([first])
    expect(told).toHaveLength(1)
  })

  it('goes, and no other, where its cookie could not be made', async () => {
    let version = () => '1'
    const { auth, browser, rows } = setup({ session: { cookieCache: { enabled: true, version: () => version() } } })
    await browser().signUp()
    version = fail
    const [first] = rows.session
    expect((await browser().signIn()).status).toBe(500)
    await auth.idle()
    expect(rows.session).toEqual([first])
  })

  const unsent: readonly [string, Partial<Options>, string[]][] = [
    [
      'cookie',
      { session: { cookieCache: { enabled: true, version: fail } } },
      ['error: backgroundTasks.handler did not take removal of a session that was never sent'],
    ],
    ['row', { databaseHooks: { session: { create: { before: fail } } } }, []],
  ]
  it.each(unsent)(
    'leaves work for later only where it may be there: a failure of the %s',
    async (_title, how, lines) => {
      const { browser, logged } = setup({ ...how, advanced: { backgroundTasks: { handler: fail } } })
      expect((await browser().signUp()).status).toBe(500)
      expect(logged.filter((line) => line.includes('did not take'))).toEqual(lines)
    },
  )

  it('names how and how strongly, which does not go out', async () => {
    const { caller, rows } = await signedIn()
    expect(rows.session[0]).toMatchObject({ amr: 'pwd', aal: 'aal1', absoluteExpiresAt: new Date(start + 90 * day) })
    const { session } = (await caller.get('/get-session')).json
    expect(Object.keys(session ?? {}).sort()).toEqual([
      'createdAt',
      'expiresAt',
      'id',
      'ipAddress',
      'token',
      'updatedAt',
      'userAgent',
      'userId',
    ])
  })

  it('storeToken: plain keeps and lists the token itself', async () => {
    const { browser, caller, rows } = await signedIn({ storeToken: 'plain' })
    const other = browser()
    await other.signIn()
    const tokens = [tokenIn(caller.jar), tokenIn(other.jar)]
    expect(rows.session.map((row) => row.token)).toEqual(tokens)
    expect(await caller.get('/list-sessions')).toMatchObject({ json: tokens.map((token) => ({ token })) })
    await caller.post('/revoke-session', { token: tokens[1] })
    expect(rows.session).toHaveLength(1)
  })
})

describe('6.1 a stored form is no credential', () => {
  it.each(['hashed', 'plain'] as const)('storeToken: %s', async (storeToken) => {
    const { caller, rows } = await signedIn()
    const { browser } = setup({ session: { storeToken } }, rows)
    const cookie = `${tokenCookie}=${signed(String(rows.session[0]?.token))}`
    expect((await browser().get('/get-session', { cookie })).text).toBe('null')
    expect((await browser().post('/sign-out', {}, { cookie })).status).toBe(200)
    expect((await caller.get('/get-session')).text).not.toBe('null')
  })
})

describe('6.3 refresh', () => {
  it('is due a day after the last one: row and cookie get their full life', async () => {
    const { caller, clock, end, rows } = await signedIn()
    clock.now += day - 1
    expect((await caller.get('/get-session')).setCookies).toEqual([])
    expect(end()).toBe(start + 7 * day)
    clock.now += 1
    const answer = await caller.get('/get-session')
    expect(answer.json.session?.expiresAt).toBe(iso(start + 8 * day))
    expect(answer.setCookies).toEqual([
      `${tokenCookie}=${signed(tokenIn(caller.jar))}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax`,
    ])
    expect(rows.session[0]).toMatchObject({
      expiresAt: new Date(start + 8 * day),
      updatedAt: new Date(start + day),
      createdAt: new Date(start),
    })
    expect((await caller.get('/get-session')).setCookies).toEqual([])
  })

  const cases: readonly [string, SessionOptions, query: string, after: number, due: boolean][] = [
    ['updateAge: 0 at every read', { updateAge: 0 }, '', 1, true],
    ['updateAge', { updateAge: 60 }, '', 60 * second, true],
    ['updateAge, not yet', { updateAge: 60 }, '', 60 * second - 1, false],
    ['disableSessionRefresh', { disableSessionRefresh: true }, '', 2 * day, false],
    ['disableRefresh', {}, '?disableRefresh=true', 2 * day, false],
    ['trap 6: disableRefresh=false means yes', {}, '?disableRefresh=false', 2 * day, false],
    ['trap 6: disableRefresh=0 means yes', {}, '?disableRefresh=0', 2 * day, false],
    ['an empty disableRefresh means no', {}, '?disableRefresh=', 2 * day, true],
    ['disableCookieCache does not matter', {}, '?disableCookieCache=1', 2 * day, true],
  ]
  it.each(cases)('%s', async (_title, session, query, after, due) => {
    const { caller, clock, end } = await signedIn(session)
    clock.now += after
    const answer = await caller.get(`/get-session${query}`)
    expect(answer.status).toBe(200)
    expect(end()).toBe(due ? clock.now + 7 * day : start + 7 * day)
    expect(answer.setCookies).toHaveLength(due ? 1 : 0)
  })

  it('6.2 never while dont_remember is there', async () => {
    const { caller, clock, end } = await signedIn({ updateAge: 0 }, { ...ada, rememberMe: false })
    clock.now += day - 1
    expect((await caller.get('/get-session')).setCookies).toEqual([])
    expect(end()).toBe(start + day)
    clock.now += 1
    expect(await readEnd(caller)).toBeUndefined()
  })

  it.each([
    ['the session as it is, where a refresh was refused', false],
    ['none, where the session ended meanwhile', true],
  ])('a read gives %s', async (_title, ended) => {
    const { browser, clock, rows } = setup({
      databaseHooks: {
        session: {
          update: {
            before: () => {
              if (ended) rows.session.splice(0)
              return ended ? undefined : false
            },
          },
        },
      },
    })
    await browser().signUp(bob)
    const caller = browser()
    await caller.signUp()
    const id = rows.session[1]?.id
    clock.now += day
    const answer = await caller.get('/get-session')
    expect(answer.status).toBe(200)
    if (ended) expect(answer.text).toBe('null')
    else expect(answer.json.session).toMatchObject({ id, expiresAt: iso(start + 7 * day) })
  })

  it('other endpoints refresh too', async () => {
    const { caller, clock, end } = await signedIn()
    clock.now += 2 * day
    expect((await caller.post('/verify-password', { password: ada.password })).setCookies).toHaveLength(1)
    expect(end()).toBe(clock.now + 7 * day)
  })

  it('6.4 a refreshed session is as fresh as before', async () => {
    const { caller, clock } = await signedIn()
    clock.now += 2 * day
    await caller.get('/get-session')
    expect(told(await caller.get('/list-sessions'))).toEqual(refusal(403, 'SESSION_NOT_FRESH'))
  })
})

describe('6.3 deferSessionRefresh', () => {
  it('GET only tells, POST refreshes', async () => {
    const { caller, clock, end } = await signedIn({ deferSessionRefresh: true })
    expect((await caller.get('/get-session')).json.needsRefresh).toBe(false)
    clock.now += 2 * day
    const got = await caller.get('/get-session')
    expect([got.json.needsRefresh, got.setCookies, end()]).toEqual([true, [], start + 7 * day])
    const posted = await caller.post('/get-session')
    expect(posted.status).toBe(200)
    expect(posted.json).not.toHaveProperty('needsRefresh')
    expect(posted.json.session?.expiresAt).toBe(iso(clock.now + 7 * day))
    expect(posted.setCookies).toHaveLength(1)
    expect((await caller.get('/get-session')).json.needsRefresh).toBe(false)
  })

  it('nothing is due for a session that is not to be remembered', async () => {
    const { caller, clock } = await signedIn({ deferSessionRefresh: true, updateAge: 0 }, { ...ada, rememberMe: false })
    clock.now += day - 1
    expect((await caller.get('/get-session')).json.needsRefresh).toBe(false)
  })

  it('GET leaves an expired row, POST removes it', async () => {
    const { caller, clock, rows, sweep } = await signedIn({ deferSessionRefresh: true })
    const cookie = `${tokenCookie}=${caller.jar.get(tokenCookie)}`
    clock.now += 7 * day - second
    await sweep()
    clock.now += second
    expect((await caller.get('/get-session')).text).toBe('null')
    expect(rows.session).toHaveLength(1)
    expect((await caller.post('/get-session', undefined, { cookie })).text).toBe('null')
    expect(rows.session).toEqual([])
  })

  it('POST needs an Origin', async () => {
    const { caller } = await signedIn({ deferSessionRefresh: true })
    expect((await caller.post('/get-session', undefined, { origin: 'https://evil.example' })).status).toBe(403)
  })
})

describe('6.3 the absolute end', () => {
  it('no refresh passes it', async () => {
    const { caller, clock } = await signedIn({ absoluteExpiresIn: 10 * 86400 })
    for (const [after, left] of [
      [1, 8],
      [2, 9],
      [3, 10],
      [4, 10],
      [9, 10],
    ] as const) {
      clock.now = start + after * day
      expect(await readEnd(caller)).toBe(iso(start + left * day))
    }
    clock.now = start + 10 * day
    expect(await readEnd(caller)).toBeUndefined()
  })

  it('is 90 days unless set, and false lets a used session live on', async () => {
    for (const [absoluteExpiresIn, alive] of [
      [undefined, false],
      [false, true],
    ] as const) {
      const { caller, clock } = await signedIn({ absoluteExpiresIn, freshAge: 0 })
      for (let days = 5; days <= 90; days += 5) {
        clock.now = start + days * day
        expect((await caller.get('/get-session')).text !== 'null').toBe(days < 90 || alive)
      }
    }
  })

  it('a row without one (a moved database) ends by its creation', async () => {
    const { caller, clock, rows } = await signedIn()
    Object.assign(rows.session[0] ?? {}, { absoluteExpiresAt: null, createdAt: new Date(start - 89 * day) })
    expect(await readEnd(caller)).toBeDefined()
    clock.now += day
    expect(await readEnd(caller)).toBeUndefined()
  })
})

describe('6.1 tokens of upstream’s form', () => {
  const token = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'

  async function moved() {
    const made = await signedIn()
    Object.assign(made.rows.session[0] ?? {}, { token })
    made.caller.jar.set(tokenCookie, signed(token))
    return made
  }

  it('a clear row is read, and upgraded', async () => {
    const { caller, rows } = await moved()
    expect((await caller.get('/get-session')).json.session?.token).toBe(token)
    expect(rows.session[0]?.token).toMatch(/^h1\.[\w-]{43}$/)
    expect((await caller.get('/get-session')).json.session?.token).toBe(token)
  })

  it('no other row is upgraded', async () => {
    const { browser, rows } = setup()
    const other = browser()
    await other.signUp(bob)
    const caller = browser()
    await caller.signUp()
    Object.assign(rows.session[1] ?? {}, { token })
    caller.jar.set(tokenCookie, signed(token))
    expect((await caller.get('/get-session')).json.user?.email).toBe(ada.email)
    expect(rows.session.map((row) => row.token)).toEqual([storedForm(tokenIn(other.jar)), storedForm(token)])
  })

  it.each(['hashed', 'plain'] as const)(
    '%s: a row is upgraded once, a read writes nothing then',
    async (storeToken) => {
      const { auth, caller, rows } = await signedIn({ storeToken })
      const { store } = await auth.$context
      const { update } = store
      let updates = 0
      Object.assign(store, {
        update: (...args: Parameters<typeof update>) => {
          updates++
          return update(...args)
        },
      })
      await caller.get('/get-session')
      expect(updates).toBe(0)
      Object.assign(rows.session[0] ?? {}, { token })
      caller.jar.set(tokenCookie, signed(token))
      for (let i = 0; i < 3; i++) expect((await caller.get('/get-session')).json.session?.token).toBe(token)
      expect(updates).toBe(storeToken === 'hashed' ? 1 : 0)
    },
  )

  it.each(['token', 'handle'])('revoke-session takes the %s of a clear row', async (form) => {
    const { browser, rows } = await moved()
    const other = browser()
    await other.signIn()
    const list = (await other.get('/list-sessions')).json as unknown as { token: string }[]
    expect(list[0]?.token).toMatch(/^h1\./)
    await other.post('/revoke-session', { token: form === 'token' ? token : list[0]?.token })
    expect(rows.session).toHaveLength(1)
  })

  it('sign-out ends a clear row', async () => {
    const { caller, rows } = await moved()
    await caller.post('/sign-out')
    expect(rows.session).toEqual([])
  })

  it('a clear token of another form is not looked up', async () => {
    const { caller, rows } = await moved()
    const odd = `${token}x`
    Object.assign(rows.session[0] ?? {}, { token: odd })
    caller.jar.set(tokenCookie, signed(odd))
    expect((await caller.get('/get-session')).text).toBe('null')
  })
})
