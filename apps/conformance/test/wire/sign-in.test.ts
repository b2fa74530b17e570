import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, bob, quickPasswords, setup, tokenIn } from '../support.ts'
import { type Code, refusal, told } from './codes.ts'

/** Counts what the passwords cost. */
function counted() {
  const calls = { hash: 0, verify: 0 }
  const password: NonNullable<NonNullable<Options['emailAndPassword']>['password']> = {
    hash: (text) => {
      calls.hash += 1
      return quickPasswords.hash(text)
    },
    verify: (data) => {
      calls.verify += 1
      return quickPasswords.verify(data)
    },
  }
  return { calls, password }
}

describe('1.2 sign-in: refusals', () => {
  const cases: readonly [string, Partial<Options>, object, number, Code][] = [
    ['1.2.1 disabled', { emailAndPassword: { enabled: false } }, {}, 400, 'EMAIL_PASSWORD_DISABLED'],
    ['1.2.2 no address', {}, { email: 'ada' }, 400, 'INVALID_EMAIL'],
    ['1.2.2 an empty one', {}, { email: '' }, 400, 'INVALID_EMAIL'],
    ['1.2.3 unknown user', {}, { email: 'nobody@example.com' }, 401, 'INVALID_EMAIL_OR_PASSWORD'],
    ['1.2.3 wrong password', {}, { password: 'password124' }, 401, 'INVALID_EMAIL_OR_PASSWORD'],
    ['1.2.3 empty password', {}, { password: '' }, 401, 'INVALID_EMAIL_OR_PASSWORD'],
    ['1.2.4 unverified', { emailAndPassword: { requireEmailVerification: true } }, {}, 403, 'EMAIL_NOT_VERIFIED'],
    [
      '1.2.5 session hook refuses',
      { databaseHooks: { session: { create: { before: () => false as const } } } },
      {},
      401,
      'FAILED_TO_CREATE_SESSION',
    ],
  ]
  it.each(cases)('%s', async (_title, options, body, status, code) => {
    const { rows } = await withAda()
    const { browser } = setup(options, rows)
    const answer = await browser().post('/sign-in/email', { email: ada.email, password: ada.password, ...body })
    expect(told(answer)).toEqual(refusal(status, code))
    expect(answer.setCookies).toEqual([])
    expect(rows.session).toEqual([])
  })

  const without: readonly [string, (rows: Awaited<ReturnType<typeof withAda>>['rows']) => void][] = [
    ['no account', (rows) => rows.account.splice(0)],
    ['an account of another provider', (rows) => Object.assign(rows.account[0] ?? {}, { providerId: 'github' })],
    ['an account of another id', (rows) => Object.assign(rows.account[0] ?? {}, { accountId: 'other' })],
    ['no password', (rows) => Object.assign(rows.account[0] ?? {}, { password: null })],
  ]
  it.each(without)('1.2.3 %s: the same words, one hash', async (_title, change) => {
    const { rows } = await withAda()
    change(rows)
    const { calls, password } = counted()
    const { browser } = setup({ emailAndPassword: { password } }, rows)
    expect(told(await browser().signIn())).toEqual(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'))
    expect(calls).toEqual({ hash: 1, verify: 0 })
  })

  it('1.2 (b) a password over the maximum is not hashed', async () => {
    const { rows } = await withAda()
    const { calls, password } = counted()
    const { browser } = setup({ emailAndPassword: { password } }, rows)
    const answer = await browser().signIn({ ...ada, password: 'x'.repeat(129) })
    expect(told(answer)).toEqual(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'))
    expect(calls).toEqual({ hash: 0, verify: 0 })
  })

  it.each([
    ['1.2.4 mails a link with sendOnSignIn', true],
    ['1.2.4 mails none without', false],
  ])('%s', async (_title, sendOnSignIn) => {
    const { rows } = await withAda()
    const urls: string[] = []
    const { auth, browser } = setup(
      {
        emailAndPassword: { requireEmailVerification: true },
        emailVerification: { sendOnSignIn, sendVerificationEmail: ({ url }) => void urls.push(url) },
      },
      rows,
    )
    const wrong = await browser().signIn({ ...ada, password: 'password124' })
    expect(told(wrong)).toEqual(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'))
    const answer = await browser().post('/sign-in/email', {
      email: ada.email,
      password: ada.password,
      callbackURL: '/in',
    })
    expect(told(answer)).toEqual(refusal(403, 'EMAIL_NOT_VERIFIED'))
    await auth.idle()
    expect(urls).toEqual(sendOnSignIn ? [expect.stringMatching(/\/verify-email\?token=\S+&callbackURL=%2Fin$/)] : [])
  })

  it('1.2.4 a verified user comes in', async () => {
    const { rows } = await withAda()
    Object.assign(rows.user[0] ?? {}, { emailVerified: true })
    const { browser } = setup({ emailAndPassword: { requireEmailVerification: true } }, rows)
    expect((await browser().signIn()).status).toBe(200)
  })
})

describe('1.2.4 a user whose address is not verified', () => {
  it.each([
    ['pwd', 403, 0],
    ['otp', 200, 1],
  ])('who came with %s: %i', async (method, status, sessions) => {
    const { rows } = await withAda()
    const { browser } = setup(
      {
        emailAndPassword: { requireEmailVerification: true },
        hooks: {
          after: async ({ exchange, domain }) => {
            const user = await domain.store.find(domain.tables.user, { email: ada.email })
            if (user) await domain.sessions.open(user, { method, exchange })
          },
        },
      },
      rows,
    )
    expect((await browser().get('/ok')).status).toBe(status)
    expect(rows.session).toHaveLength(sessions)
  })
})

describe('1.2 sign-in: success', () => {
  it('1.2.6 without callbackURL there is no url and no Location', async () => {
    const { browser } = await withAda()
    const caller = browser()
    const answer = await caller.signIn({ ...ada, email: 'ADA@Example.com' })
    expect(told(answer)).toEqual({
      status: 200,
      json: {
        redirect: false,
        token: tokenIn(caller.jar),
        user: expect.objectContaining({ email: 'ada@example.com' }),
      },
    })
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('1.2.6 trap 8: with callbackURL Location goes out with status 200', async () => {
    const { browser } = await withAda()
    const answer = await browser().post('/sign-in/email', {
      email: ada.email,
      password: ada.password,
      callbackURL: '/dash',
    })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ redirect: true, url: '/dash' })
    expect(answer.headers.get('location')).toBe('/dash')
  })

  it('4.1.6 takes a form', async () => {
    const { browser } = await withAda()
    const form = new URLSearchParams({ email: ada.email, password: ada.password }).toString()
    const answer = await browser().post('/sign-in/email', form, { 'content-type': 'application/x-www-form-urlencoded' })
    expect(answer.status).toBe(200)
  })

  it('1.2 (f) the session whose cookie came along is ended, others are not', async () => {
    const { browser, rows } = await withAda()
    const [first, second] = [browser(), browser()]
    await first.signIn()
    await second.signIn()
    const [ended, kept] = rows.session.map((row) => row.id)
    await first.signIn()
    expect(rows.session.map((row) => row.id)).not.toContain(ended)
    expect(rows.session.map((row) => row.id)).toContain(kept)
    expect(rows.session).toHaveLength(2)
  })
})

describe('1.2 (d) failures of one account', () => {
  async function twentyFailures(remoteAddress?: string) {
    const made = await withAda()
    for (let i = 0; i < 20; i++) {
      // Each from another address, so that no limit per address tells.
      const answer = await made.browser({ remoteAddress: `203.0.113.${i}` }).signIn({ ...ada, password: 'password124' })
      expect(answer.status).toBe(401)
    }
    return { ...made, stranger: made.browser({ remoteAddress: remoteAddress ?? '198.51.100.7' }) }
  }

  it('the 21st is 429 with both headers, even with the right password', async () => {
    const { stranger } = await twentyFailures()
    const answer = await stranger.signIn()
    expect(told(answer)).toEqual({ status: 429, json: { message: 'Too many requests. Please try again later.' } })
    expect(answer.headers.get('retry-after')).toBe('900')
    expect(answer.headers.get('x-retry-after')).toBe('900')
  })

  it('another account is not concerned, and the account is free again after 15 minutes', async () => {
    const { browser, clock, stranger } = await twentyFailures()
    await browser().signUp(bob)
    expect((await stranger.signIn(bob)).status).toBe(200)
    clock.now += 15 * 60 * 1000
    expect((await stranger.signIn()).status).toBe(200)
  })

  it('an address that the user had a session from passes', async () => {
    const { rows, browser } = await withAda()
    await browser({ remoteAddress: '192.0.2.9' }).signIn()
    for (let i = 0; i < 20; i++) await browser().signIn({ ...ada, password: 'password124' })
    expect((await browser({ remoteAddress: '192.0.2.8' }).signIn()).status).toBe(429)
    expect((await browser({ remoteAddress: '192.0.2.9' }).signIn()).status).toBe(200)
    expect(rows.session).toHaveLength(2)
  })

  it('a sign-in that succeeds does not count', async () => {
    const { browser } = await withAda()
    for (let i = 0; i < 25; i++) expect((await browser().signIn()).status).toBe(200)
  })
})

/** Ada with a password, and no session. */
async function withAda() {
  const made = setup()
  await made.browser().signUp()
  made.rows.session.splice(0)
  return made
}
