import { APIError, Exchange, type Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, bob, quickPasswords, setup, start, storedForm, tokenIn } from '../support.ts'
import { type Code, refusal, told } from './codes.ts'

type Case = readonly [title: string, options: Partial<Options>, body: object, status: number, code: Code]

const refuseAll = () => false as const
const explode = () => {
  throw new Error('disk full')
}
const badRequest = () => {
  throw new APIError('BAD_REQUEST', { message: 'Not so', code: 'NOT_SO' })
}

describe('1.1 sign-up: refusals', () => {
  const cases: readonly Case[] = [
    ['1.1.1 disabled', { emailAndPassword: { enabled: false } }, {}, 400, 'EMAIL_PASSWORD_SIGN_UP_DISABLED'],
    ['1.1.1 disableSignUp', { emailAndPassword: { disableSignUp: true } }, {}, 400, 'EMAIL_PASSWORD_SIGN_UP_DISABLED'],
    ['1.1.3 7 units', {}, { password: '1234567' }, 400, 'PASSWORD_TOO_SHORT'],
    ['1.1.3 129 units', {}, { password: 'x'.repeat(129) }, 400, 'PASSWORD_TOO_LONG'],
    ['1.1.3 129 units of pairs', {}, { password: `x${'😀'.repeat(64)}` }, 400, 'PASSWORD_TOO_LONG'],
    ['1.1.3 own minimum', { emailAndPassword: { minPasswordLength: 12 } }, {}, 400, 'PASSWORD_TOO_SHORT'],
    ['1.1.3 own maximum', { emailAndPassword: { maxPasswordLength: 10 } }, {}, 400, 'PASSWORD_TOO_LONG'],
    [
      '1.1.6 user hook refuses',
      { databaseHooks: { user: { create: { before: refuseAll } } } },
      {},
      400,
      'FAILED_TO_CREATE_USER',
    ],
    [
      '1.1.6 account hook refuses',
      { databaseHooks: { account: { create: { before: refuseAll } } } },
      {},
      400,
      'FAILED_TO_CREATE_USER',
    ],
    [
      '1.1.6 hook throws',
      { databaseHooks: { user: { create: { before: explode } } } },
      {},
      422,
      'FAILED_TO_CREATE_USER',
    ],
    [
      '1.1.9 session hook refuses',
      { databaseHooks: { session: { create: { before: refuseAll } } } },
      {},
      400,
      'FAILED_TO_CREATE_SESSION',
    ],
  ]
  it.each(cases)('%s', async (_title, options, body, status, code) => {
    const { browser, rows } = setup(options)
    const answer = await browser().signUp({ ...ada, ...body })
    expect(told(answer)).toEqual(refusal(status, code))
    expect(answer.setCookies).toEqual([])
    expect(rows.session).toEqual([])
    if (code !== 'FAILED_TO_CREATE_SESSION') expect([rows.user, rows.account]).toEqual([[], []])
  })

  it.each(['12345678', 'x'.repeat(128), '😀'.repeat(4)])('1.1.3 takes %s', async (password) => {
    expect(
      (
        await setup()
          .browser()
          .signUp({ ...ada, password })
      ).status,
    ).toBe(200)
  })

  it.each(['ada@example.com', 'ADA@Example.COM'])('1.1.5 %s is taken', async (email) => {
    const { browser, rows } = setup()
    await browser().signUp()
    expect(told(await browser().signUp({ ...ada, email }))).toEqual(
      refusal(422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL'),
    )
    expect([rows.user, rows.account, rows.session].map((list) => list.length)).toEqual([1, 1, 1])
  })

  it('1.1.6 an APIError of a hook is the answer', async () => {
    const before = () => {
      throw new APIError('FORBIDDEN', { message: 'Not from here', code: 'NOT_HERE' })
    }
    const answer = await setup({ databaseHooks: { user: { create: { before } } } })
      .browser()
      .signUp()
    expect(told(answer)).toEqual({ status: 403, json: { message: 'Not from here', code: 'NOT_HERE' } })
  })

  it('1.1.6 what failed is in the log, and the cause of the error that onError is told', async () => {
    const seen: unknown[] = []
    const { browser, logged } = setup({
      databaseHooks: { user: { create: { before: explode } } },
      onAPIError: { onError: (error) => seen.push(error) },
    })
    await browser().signUp()
    expect(seen).toEqual([expect.objectContaining({ statusCode: 422, cause: new Error('disk full') })])
    expect(logged).toContainEqual(expect.stringMatching(/^error: .*user could not be created/))
  })
})

describe('1.1 sign-up: success', () => {
  it('1.1.6 writes a user and a credential account, 1.1.9 opens a session', async () => {
    const { browser, rows } = setup()
    const caller = browser()
    const answer = await caller.signUp({
      ...ada,
      email: 'Ada@Example.COM',
      image: '/ada.png',
      unknown: 1,
      emailVerified: true,
      id: 'mine',
    })
    const [user] = rows.user
    const created = new Date(start)
    expect(user).toMatchObject({ name: 'Ada', email: 'ada@example.com', emailVerified: false, image: '/ada.png' })
    expect(user).toMatchObject({ createdAt: created, updatedAt: created })
    expect(user).not.toHaveProperty('unknown')
    expect(user?.id).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(rows.account).toEqual([
      expect.objectContaining({
        providerId: 'credential',
        accountId: user?.id,
        userId: user?.id,
        password: 'quick:password123',
      }),
    ])
    const token = tokenIn(caller.jar)
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(rows.session).toEqual([expect.objectContaining({ userId: user?.id, token: storedForm(token) })])
    expect(told(answer)).toEqual({
      status: 200,
      json: {
        token,
        user: {
          id: user?.id,
          name: 'Ada',
          email: 'ada@example.com',
          emailVerified: false,
          image: '/ada.png',
          createdAt: '2026-01-01T00:00:00.000Z',
          updatedAt: '2026-01-01T00:00:00.000Z',
        },
      },
    })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('1.0 an unset image is null, an empty name is taken', async () => {
    const { json } = await setup()
      .browser()
      .signUp({ ...ada, name: '' })
    expect(json.user).toMatchObject({ name: '', image: null })
  })

  it('4.1.6 takes a form', async () => {
    const { browser, rows } = setup()
    const form = new URLSearchParams({ name: 'A', email: 'a@b.co', password: 'password123' }).toString()
    const answer = await browser().post('/sign-up/email', form, { 'content-type': 'application/x-www-form-urlencoded' })
    expect(answer.status).toBe(200)
    expect(rows.user).toHaveLength(1)
  })
})

describe('1.1.5 sign-up that does not tell', () => {
  const modes: readonly [string, Options['emailAndPassword']][] = [
    ['autoSignIn: false', { autoSignIn: false }],
    ['requireEmailVerification', { requireEmailVerification: true }],
  ]
  it.each(modes)('%s: a taken address reads like a new one', async (_title, emailAndPassword) => {
    const hashed: string[] = []
    const hash = async (password: string) => {
      hashed.push(password)
      return quickPasswords.hash(password)
    }
    const told: unknown[] = []
    const { auth, browser, rows } = setup({
      emailAndPassword: {
        ...emailAndPassword,
        password: { ...quickPasswords, hash },
        onExistingUserSignUp: ({ user }) => told.push(user.email),
      },
      user: {
        additionalFields: {
          plan: { type: 'string', required: false },
          level: { type: 'number', defaultValue: 1 },
          tier: { type: 'string', defaultValue: () => 'free' },
        },
      },
    })
    const first = await browser().signUp()
    const again = await browser().signUp({ ...ada, email: 'ADA@example.com', password: 'another-one' })
    for (const answer of [first, again]) {
      expect(answer.status).toBe(200)
      expect(answer.setCookies).toEqual([])
      expect(answer.json.token).toBeNull()
    }
    expect(Object.keys(again.json.user ?? {})).toEqual(Object.keys(first.json.user ?? {}))
    expect(again.json.user).toEqual({ ...first.json.user, id: expect.stringMatching(/^[A-Za-z0-9]{32}$/) })
    expect(again.json.user).toMatchObject({ plan: null, level: 1, tier: 'free', image: null })
    expect(again.json.user?.id).not.toBe(first.json.user?.id)
    expect([rows.user.length, rows.session.length]).toEqual([1, 0])
    expect(hashed).toEqual(['password123', 'another-one'])
    await auth.idle()
    expect(told).toEqual(['ada@example.com'])
  })

  it('customSyntheticUser builds the made-up user from the core’s fields and the app’s that go out', async () => {
    const given: unknown[] = []
    const { browser } = setup({
      emailAndPassword: {
        autoSignIn: false,
        customSyntheticUser: (data) => {
          given.push(data)
          return { ...data.coreFields, ...data.additionalFields, id: data.id, made: true }
        },
      },
      user: {
        additionalFields: {
          plan: { type: 'string', required: false },
          tier: { type: 'string', defaultValue: () => 'free', returned: true },
          note: { type: 'string', defaultValue: 'new', returned: false },
        },
      },
    })
    await browser().signUp()
    expect((await browser().signUp({ ...ada, plan: 'pro' })).json.user).toMatchObject({ made: true, plan: 'pro' })
    const [now, { name, email }] = [new Date(start), ada]
    expect(given).toEqual([
      {
        coreFields: { name, email, emailVerified: false, image: null, createdAt: now, updatedAt: now },
        additionalFields: { plan: 'pro', tier: 'free' },
        id: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      },
    ])
  })

  it('1.1.6 a hook that refuses with 403 is masked', async () => {
    const before = () => {
      throw new APIError('FORBIDDEN', { message: 'Not from here' })
    }
    const emailAndPassword = { autoSignIn: false }
    const { auth, browser, rows } = setup({ emailAndPassword, databaseHooks: { user: { create: { before } } } })
    const answer = await browser().signUp()
    const welcome = await setup({ emailAndPassword }).browser().signUp()
    expect(told(answer)).toEqual({
      status: 200,
      json: { token: null, user: { ...welcome.json.user, id: expect.stringMatching(/^[A-Za-z0-9]{32}$/) } },
    })
    expect(rows.user).toEqual([])
    // A plugin's own sign-up may know no name.
    const { signUp } = await auth.$context
    const profile = { email: ada.email }
    expect(await signUp({ exchange: new Exchange({}), profile, password: ada.password })).toMatchObject({
      shown: { name: '', email: ada.email, emailVerified: false },
    })
  })

  it.each([
    ['a hook that refuses with another error', badRequest, { message: 'Not so', code: 'NOT_SO' }],
    ['a hook that refuses with false', refuseAll, refusal(400, 'FAILED_TO_CREATE_USER').json],
  ])('1.1.6 %s is not masked', async (_title, before, json) => {
    const { browser, rows } = setup({
      emailAndPassword: { autoSignIn: false },
      databaseHooks: { user: { create: { before } } },
    })
    expect(told(await browser().signUp())).toEqual({ status: 400, json })
    expect(rows.user).toEqual([])
  })

  const one = () => ({ data: { email: 'one@example.com' } })
  it.each<[string, Partial<Options>, unknown[]]>([
    ['the owner of the address, among others', {}, ['ada@example.com']],
    ['nobody where no user has the address', { databaseHooks: { user: { create: { before: one } } } }, []],
  ])('onExistingUserSignUp is told of %s', async (_title, options, emails) => {
    const existing: unknown[] = []
    const { auth, browser, logged } = setup({
      ...options,
      emailAndPassword: {
        autoSignIn: false,
        onExistingUserSignUp: ({ user }, request) => existing.push(request instanceof Request && user?.email),
      },
    })
    for (const person of [bob, ada, ada]) expect((await browser().signUp(person)).status).toBe(200)
    await auth.idle()
    expect(existing).toEqual(emails)
    expect(logged.filter((line) => line.startsWith('error:'))).toEqual([])
  })

  it.each<[string, Options['emailAndPassword'], unknown[]]>([
    ['that is not there logs nothing', {}, []],
    [
      'that fails is named in the log',
      { onExistingUserSignUp: explode },
      [expect.stringContaining('onExistingUserSignUp')],
    ],
  ])('an onExistingUserSignUp %s', async (_title, emailAndPassword, lines) => {
    const { auth, browser, logged } = setup({ emailAndPassword: { autoSignIn: false, ...emailAndPassword } })
    for (const person of [ada, ada]) expect((await browser().signUp(person)).status).toBe(200)
    await auth.idle()
    expect(logged.filter((line) => line.startsWith('error:'))).toEqual(lines)
  })
})

describe('1.1.7 the verification mail', () => {
  const cases: readonly [string, Partial<Options>, sent: boolean][] = [
    ['not by default', {}, false],
    ['with sendOnSignUp', { emailVerification: { sendOnSignUp: true } }, true],
    ['with requireEmailVerification', { emailAndPassword: { requireEmailVerification: true } }, true],
    [
      'not when sendOnSignUp says no',
      { emailAndPassword: { requireEmailVerification: true }, emailVerification: { sendOnSignUp: false } },
      false,
    ],
  ]
  it.each(cases)('%s', async (_title, options, sent) => {
    const mails: { url: string; token: string; to: string; request: boolean }[] = []
    const { auth, browser } = setup({
      ...options,
      emailVerification: {
        ...options.emailVerification,
        sendVerificationEmail: ({ user, url, token }, request) => {
          mails.push({ url, token, to: user.email, request: request instanceof Request })
        },
      },
    })
    await browser().signUp({ ...ada, callbackURL: '/welcome?a=b' })
    // Mails of several people may overtake each other.
    await auth.idle()
    await browser().signUp(bob)
    await auth.idle()
    expect(mails).toHaveLength(sent ? 2 : 0)
    if (!sent) return
    const [first, next] = mails
    expect(first).toMatchObject({ to: 'ada@example.com', request: true })
    expect(first?.url).toBe(
      `http://localhost:3000/api/auth/verify-email?token=${first?.token}&callbackURL=%2Fwelcome%3Fa%3Db`,
    )
    expect(next?.url).toMatch(/&callbackURL=%2F$/)
  })

  it('10 a mailer that fails changes no answer', async () => {
    const { auth, browser, logged } = setup({
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: async () => {
          throw new Error('smtp is down')
        },
      },
    })
    expect((await browser().signUp()).status).toBe(200)
    await auth.idle()
    expect(logged.filter((line) => line.startsWith('error:'))).toEqual(['error: sendVerificationEmail failed'])
  })

  it.each([
    [undefined, 3600],
    [60, 60],
  ])('its token names the address and the user, with an expiresIn of %s for %d s', async (expiresIn, seconds) => {
    const tokens: string[] = []
    const { auth, browser, rows } = setup({
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: ({ token }) => void tokens.push(token),
        ...(expiresIn === undefined ? {} : { expiresIn }),
      },
    })
    await browser().signUp()
    await auth.idle()
    const [, claims = ''] = tokens[0]?.split('.') ?? []
    const iat = start / 1000
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      email: ada.email,
      userId: rows.user[0]?.id,
      iat,
      exp: iat + seconds,
    })
  })
})
