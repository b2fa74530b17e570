/** What an attacker, or an app's own mistake, must not be able to do: each of these once could be done. */
import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { describe, expect, it } from 'vitest'
import { ada, bob, day, origin, quickPasswords, second, setup } from '../support.ts'

const strong = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'

describe('secrets', () => {
  const start = (secrets: string[], env: Record<string, string> = {}) =>
    createAuth({
      database: ':memory:',
      baseURL: origin,
      production: true,
      env,
      secrets: secrets.map((value, index) => ({ version: secrets.length - index, value })),
    })

  it('an older one that is weak stops the start as a weak first one does', () => {
    expect(() => start([strong, 'changeme'])).toThrow('The secret has 8 characters')
  })

  it('the single one of the environment does not count beside a rotation', () => {
    expect(() => start([strong], { AUTH_SECRET: 'secret' })).not.toThrow()
  })
})

describe('the cookie cache', () => {
  it('does not keep a revoked session alive through update-user', async () => {
    const { auth, browser, clock, rows } = setup({ session: { cookieCache: { enabled: true } } })
    const page = browser()
    await page.signUp()
    rows.session.length = 0
    clock.now += 10 * second
    expect((await page.get('/get-session')).status).toBe(200)
    const answer = await page.post('/update-user', { name: 'Eve' })
    expect(answer.status).toBe(401)
    expect(rows.user[0]?.name).toBe(ada.name)
    await auth.close()
  })
})

describe('guesses at a password', () => {
  const wrong = { password: 'not the password' }

  it('count against the account, whichever name it is called by', async () => {
    const { browser } = setup({ plugins: [username()] })
    await browser().post('/sign-up/email', { ...ada, username: 'ada_l' })
    const stranger = browser({ remoteAddress: '203.0.113.9' })
    const answers: number[] = []
    for (let i = 0; i < 11; i++) {
      answers.push((await stranger.post('/sign-in/email', { email: ada.email, ...wrong })).status)
      answers.push((await stranger.post('/sign-in/username', { username: 'ada_l', ...wrong })).status)
    }
    expect(answers.filter((status) => status === 401)).toHaveLength(20)
    expect(answers.slice(20)).toEqual([429, 429])
  })

  it('count at verify-password and change-password too', async () => {
    const { browser, rows } = setup()
    const page = browser({ remoteAddress: '203.0.113.9' })
    await page.signUp()
    for (const session of rows.session) session.ipAddress = '198.51.100.1'
    const answers: number[] = []
    for (let i = 0; i < 11; i++) {
      answers.push((await page.post('/verify-password', wrong)).status)
      const change = { currentPassword: wrong.password, newPassword: 'another password' }
      answers.push((await page.post('/change-password', change)).status)
    }
    expect(answers.slice(0, 20).every((status) => status === 400)).toBe(true)
    expect(answers.slice(20)).toEqual([429, 429])
  })

  it('do not lock out a user who signed out at home', async () => {
    const { browser } = setup()
    const home = browser({ remoteAddress: '198.51.100.1' })
    await home.signUp()
    await home.signIn()
    await home.post('/sign-out', {})
    const stranger = browser({ remoteAddress: '203.0.113.9' })
    for (let i = 0; i < 21; i++) await stranger.post('/sign-in/email', { email: ada.email, ...wrong })
    expect((await stranger.post('/sign-in/email', ada)).status).toBe(429)
    expect((await home.post('/sign-in/email', ada)).status).toBe(200)
  })

  it('count only when they were judged', async () => {
    let broken = true
    const verify: typeof quickPasswords.verify = async (input) => {
      if (broken) throw new Error('the hasher is away')
      return quickPasswords.verify(input)
    }
    const { browser } = setup({ emailAndPassword: { enabled: true, password: { ...quickPasswords, verify } } })
    await browser().signUp()
    const page = browser({ remoteAddress: '203.0.113.9' })
    for (let i = 0; i < 25; i++) expect((await page.post('/sign-in/email', ada)).status).toBe(500)
    broken = false
    expect((await page.post('/sign-in/email', ada)).status).toBe(200)
  })
})

describe('a sign-up that does not say which addresses are taken', () => {
  const discreet = { emailAndPassword: { enabled: true, autoSignIn: false, password: quickPasswords } }
  const shapeOf = (value: unknown) => JSON.stringify(value).replace(/"(id|createdAt|updatedAt|email)":"[^"]*"/g, '"$1"')

  it.each([
    ['with ids of its own form', { advanced: { database: { generateId: 'uuid' as const } } }],
    [
      'with hooks that shape the row',
      {
        databaseHooks: {
          user: {
            create: { before: (user: { name?: unknown }) => ({ data: { name: String(user.name).toUpperCase() } }) },
          },
        },
      },
    ],
  ])('answers alike %s', async (_title, options) => {
    const { browser } = setup({ ...discreet, ...options })
    const answers = []
    for (const body of [ada, { ...bob, name: ada.name }, ada]) {
      answers.push((await browser().post('/sign-up/email', body)).json)
    }
    const [, free, taken] = answers as unknown as { user: { id: string } }[]
    expect(shapeOf(taken)).toBe(shapeOf(free))
    expect(taken?.user.id.length).toBe(free?.user.id.length)
    expect(taken?.user.id.includes('-')).toBe(free?.user.id.includes('-'))
  })
})

describe('an answer', () => {
  it('carries a callback that is not ASCII, encoded', async () => {
    const { browser } = setup()
    const page = browser()
    await page.signUp()
    const answer = await page.post('/sign-in/email', { ...ada, callbackURL: `${origin}/✓` })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('location')).toBe(`${origin}/%E2%9C%93`)
  })

  it('comes even when the listener of errors fails', async () => {
    const onError = () => {
      throw new Error('the listener is away')
    }
    const { browser, logged } = setup({ onAPIError: { onError } })
    expect((await browser().post('/sign-in/email', ada)).status).toBe(401)
    expect(logged).toContain('error: onAPIError.onError failed')
  })

  it('is 400 where a field that must be unique is taken', async () => {
    const { browser, rows } = setup({
      user: { additionalFields: { badge: { type: 'string', required: false, unique: true } } },
    })
    const first = browser()
    await first.post('/sign-up/email', { ...ada, badge: 'one' })
    const second = browser()
    await second.post('/sign-up/email', bob)
    const answer = await second.post('/update-user', { badge: 'one' })
    expect([answer.status, answer.json]).toEqual([400, { code: 'VALIDATION_ERROR', message: 'badge is already taken' }])
    expect(rows.user[1]?.badge ?? null).toBe(null)
  })
})

describe('a change of password', () => {
  const change = { currentPassword: ada.password, newPassword: 'another password', revokeOtherSessions: true }

  it('makes the session fresh again, and leaves its end', async () => {
    const { browser, clock, rows } = setup()
    const page = browser()
    await page.signUp()
    const end = rows.session[0]?.absoluteExpiresAt
    clock.now += 2 * day
    expect((await page.get('/list-sessions')).status).toBe(403)
    expect((await page.post('/change-password', change)).status).toBe(200)
    expect((await page.get('/list-sessions')).status).toBe(200)
    expect(rows.session[0]?.absoluteExpiresAt).toEqual(end)
  })

  it('gives no token for a session that ended meanwhile', async () => {
    const { browser, rows } = setup({
      databaseHooks: {
        account: {
          update: {
            before: () => {
              rowsOf().session.splice(0)
            },
          },
        },
      },
    })
    const rowsOf = () => rows
    const page = browser()
    await page.signUp()
    const answer = await page.post('/change-password', change)
    expect(answer.json).toMatchObject({ token: null })
    expect(answer.setCookies.every((line) => line.includes('Max-Age=0'))).toBe(true)
  })

  it('leaves everything as it was when the sessions cannot be ended', async () => {
    const { browser, rows } = setup({
      databaseHooks: {
        session: {
          delete: {
            before: () => {
              throw new Error('not now')
            },
          },
        },
      },
    })
    const page = browser()
    await page.signUp()
    await browser().post('/sign-in/email', ada)
    const before = rows.account[0]?.password
    expect((await page.post('/change-password', { ...change, revokeOtherSessions: undefined })).status).toBe(500)
    expect(rows.account[0]?.password).toBe(before)
  })
})

describe('the host and the origin', () => {
  it('are compared without regard to case', async () => {
    const auth = createAuth({
      database: ':memory:',
      secret: strong,
      env: {},
      production: false,
      logger: { disabled: true },
      baseURL: { allowedHosts: ['App.Example.com'], protocol: 'https' },
    })
    const request = new Request('https://app.example.com/api/auth/sign-out', {
      method: 'POST',
      headers: { cookie: 'a=b', origin: 'https://app.example.com' },
    })
    expect((await auth.handler(request)).status).toBe(200)
    await auth.close()
  })
})

describe('auth.getSession', () => {
  it('extends nothing, since its cookie would go nowhere', async () => {
    const { auth, browser, clock, rows } = setup()
    const page = browser()
    await page.signUp()
    clock.now += 2 * day
    const end = rows.session[0]?.expiresAt
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(await auth.getSession(new Headers({ cookie }))).not.toBe(null)
    expect(rows.session[0]?.expiresAt).toEqual(end)
    expect((await page.get('/get-session')).setCookies).not.toEqual([])
    expect(rows.session[0]?.expiresAt).not.toEqual(end)
  })
})
