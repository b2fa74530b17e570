import type { Options } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { describe, expect, it } from 'vitest'
import { ada, bob, quickPasswords, setup, tokenIn } from '../support.ts'
import { type Code, invalid, refusal, told } from './codes.ts'

type UsernameOptions = NonNullable<Parameters<typeof username>[0]>

const alice = { ...ada, username: 'Alice_1' }

async function withAlice(options: UsernameOptions = {}, core: Partial<Options> = {}, person: object = alice) {
  const made = setup({ ...core, plugins: [username(options)] })
  const caller = made.browser()
  expect((await caller.signUp(person)).status).toBe(200)
  return { ...made, caller }
}

describe('3 sign-up with a user name', () => {
  it('stores the normalised name, shows the one given', async () => {
    const { caller, rows } = await withAlice()
    expect(rows.user[0]).toMatchObject({ username: 'alice_1', displayUsername: 'Alice_1' })
    expect((await caller.get('/get-session')).json.user).toMatchObject({
      username: 'alice_1',
      displayUsername: 'Alice_1',
    })
  })

  const stored: readonly [
    string,
    UsernameOptions,
    sent: object,
    username: string | null,
    display: string | null | undefined,
  ][] = [
    ['a display name of its own', {}, { username: 'alice', displayUsername: 'The Alice!' }, 'alice', 'The Alice!'],
    ['a display name that could be one', {}, { displayUsername: 'Alice' }, 'alice', 'Alice'],
    ['a display name that could not', {}, { displayUsername: 'The Alice!' }, null, 'The Alice!'],
    ['neither', {}, {}, null, null],
    [
      'own normalisation',
      { usernameNormalization: (name) => name.replaceAll('0', 'o') },
      { username: 'B0B' },
      'BoB',
      'B0B',
    ],
    ['no normalisation', { usernameNormalization: false }, { username: 'Bob' }, 'Bob', 'Bob'],
    [
      'display normalisation',
      { displayUsernameNormalization: (name) => name.trim() },
      { username: 'bob', displayUsername: ' Bob ' },
      'bob',
      'Bob',
    ],
    ['without display names', { displayUsername: false }, { username: 'Bob', displayUsername: 'x' }, 'bob', undefined],
  ]
  it.each(stored)('%s', async (_title, options, sent, name, display) => {
    const { rows } = await withAlice(options, {}, { ...ada, ...sent })
    expect(rows.user[0]?.username ?? null).toBe(name)
    if (display === undefined) expect(Object.hasOwn(rows.user[0] ?? {}, 'displayUsername')).toBe(false)
    else expect(rows.user[0]?.displayUsername ?? null).toBe(display)
  })

  const refused: readonly [string, UsernameOptions, sent: object, Code][] = [
    ['2 characters', {}, { username: 'ab' }, 'USERNAME_TOO_SHORT'],
    ['31 characters', {}, { username: 'a'.repeat(31) }, 'USERNAME_TOO_LONG'],
    ['a blank', {}, { username: 'a b' }, 'INVALID_USERNAME'],
    ['an accent', {}, { username: 'andré' }, 'INVALID_USERNAME'],
    ['own minimum', { minUsernameLength: 5 }, { username: 'abcd' }, 'USERNAME_TOO_SHORT'],
    ['own maximum', { maxUsernameLength: 5 }, { username: 'abcdef' }, 'USERNAME_TOO_LONG'],
    [
      'own validator',
      { usernameValidator: async (name) => name !== 'admin' },
      { username: 'admin' },
      'INVALID_USERNAME',
    ],
    [
      'display validator',
      { displayUsernameValidator: (name) => name !== 'x' },
      { username: 'abc', displayUsername: 'x' },
      'INVALID_DISPLAY_USERNAME',
    ],
    [
      'judged after normalisation',
      { validationOrder: { username: 'post-normalization' }, usernameValidator: (name) => name === name.toUpperCase() },
      { username: 'ABC' },
      'INVALID_USERNAME',
    ],
  ]
  it.each(refused)('%s', async (_title, options, sent, code) => {
    const { browser, rows } = setup({ plugins: [username(options)] })
    expect(told(await browser().signUp({ ...ada, ...sent }))).toEqual(refusal(400, code))
    expect(rows.user).toEqual([])
  })

  it.each(['abc', 'a'.repeat(30), 'a.b_C9'])('takes %s', async (name) => {
    await withAlice({}, {}, { ...ada, username: name })
  })

  it.each(['Alice_1', 'ALICE_1', 'alice_1'])('%s is taken', async (name) => {
    const { browser, rows } = await withAlice()
    expect(told(await browser().signUp({ ...bob, username: name }))).toEqual(refusal(400, 'USERNAME_IS_ALREADY_TAKEN'))
    expect(rows.user).toHaveLength(1)
  })
})

describe('3 sign-in with a user name', () => {
  const post = { username: 'alice_1', password: ada.password }

  const refused: readonly [string, UsernameOptions, Partial<Options>, sent: object, status: number, Code][] = [
    ['unknown', {}, {}, { username: 'nobody' }, 401, 'INVALID_USERNAME_OR_PASSWORD'],
    ['wrong password', {}, {}, { password: 'password124' }, 401, 'INVALID_USERNAME_OR_PASSWORD'],
    ['empty name', {}, {}, { username: '' }, 401, 'INVALID_USERNAME_OR_PASSWORD'],
    ['empty password', {}, {}, { password: '' }, 401, 'INVALID_USERNAME_OR_PASSWORD'],
    ['too short', {}, {}, { username: 'ab' }, 422, 'USERNAME_TOO_SHORT'],
    ['too long', {}, {}, { username: 'a'.repeat(31) }, 422, 'USERNAME_TOO_LONG'],
    ['invalid', {}, {}, { username: 'a b c' }, 422, 'INVALID_USERNAME'],
    ['unverified', {}, { emailAndPassword: { requireEmailVerification: true } }, {}, 403, 'EMAIL_NOT_VERIFIED'],
  ]
  it.each(refused)('%s', async (_title, options, core, sent, status, code) => {
    const { rows } = await withAlice()
    const { browser } = setup({ ...core, plugins: [username(options)] }, rows)
    const answer = await browser().post('/sign-in/username', { ...post, ...sent })
    expect(told(answer)).toEqual(refusal(status, code))
    expect(answer.setCookies).toEqual([])
  })

  it('the schema', async () => {
    const { browser } = setup({ plugins: [username()] })
    expect(told(await browser().post('/sign-in/username', {}))).toEqual(
      invalid(
        '[body.username] Invalid input: expected string, received undefined; [body.password] Invalid input: expected string, received undefined',
      ),
    )
  })

  it.each(['no account', 'no password'])('%s: a dummy hash, the same words', async (which) => {
    const { rows } = await withAlice()
    if (which === 'no account') rows.account.splice(0)
    else Object.assign(rows.account[0] ?? {}, { password: null })
    let hashes = 0
    const hash = (password: string) => {
      hashes += 1
      return quickPasswords.hash(password)
    }
    const { browser } = setup(
      { emailAndPassword: { password: { ...quickPasswords, hash } }, plugins: [username()] },
      rows,
    )
    expect(told(await browser().post('/sign-in/username', post))).toEqual(refusal(401, 'INVALID_USERNAME_OR_PASSWORD'))
    expect(hashes).toBe(1)
  })

  it.each(['alice_1', 'Alice_1', 'ALICE_1'])('%s signs in', async (name) => {
    const { browser } = await withAlice()
    const caller = browser()
    const answer = await caller.post('/sign-in/username', { ...post, username: name })
    expect(told(answer)).toEqual({
      status: 200,
      json: {
        redirect: false,
        token: tokenIn(caller.jar),
        user: expect.objectContaining({ username: 'alice_1', displayUsername: 'Alice_1' }),
      },
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('rememberMe and callbackURL as with an address', async () => {
    const { browser } = await withAlice()
    const answer = await browser().post('/sign-in/username', { ...post, rememberMe: false, callbackURL: '/in' })
    expect([answer.status, answer.headers.get('location')]).toEqual([200, '/in'])
    expect(answer.json).toMatchObject({ redirect: true, url: '/in' })
    expect(answer.setCookies).toHaveLength(2)
    expect(answer.setCookies.join()).not.toContain('Max-Age')
  })

  it('sends the mail with sendOnSignIn', async () => {
    const { rows } = await withAlice()
    const mails: string[] = []
    const { auth, browser } = setup(
      {
        emailAndPassword: { requireEmailVerification: true },
        emailVerification: { sendOnSignIn: true, sendVerificationEmail: ({ user }) => void mails.push(user.email) },
        plugins: [username()],
      },
      rows,
    )
    await browser().post('/sign-in/username', post)
    await auth.idle()
    expect(mails).toEqual([ada.email])
  })

  it('the length and form are judged raw, normalised only where the order is said to be pre', async () => {
    const usernameNormalization = (name: string) => name.trim().toLowerCase()
    const padded = { ...post, username: ' alice_1 ' }
    for (const [order, status] of [
      [undefined, 422],
      ['post-normalization', 422],
      ['pre-normalization', 200],
    ] as const) {
      const { rows } = await withAlice()
      const { browser } = setup(
        { plugins: [username({ usernameNormalization, validationOrder: { username: order } })] },
        rows,
      )
      expect([order, (await browser().post('/sign-in/username', padded)).status]).toEqual([order, status])
    }
  })

  it('fails twenty times for one account, then waits', async () => {
    const { browser } = await withAlice()
    for (let i = 0; i < 20; i++)
      expect((await browser().post('/sign-in/username', { ...post, password: 'wrong' })).status).toBe(401)
    expect((await browser().post('/sign-in/username', post)).status).toBe(429)
  })
})

describe('3 is-username-available', () => {
  const cases: readonly [string, expected: { status: number; json: object }][] = [
    ['free', { status: 200, json: { available: true } }],
    ['alice_1', { status: 200, json: { available: false } }],
    ['ALICE_1', { status: 200, json: { available: false } }],
    ['', refusal(422, 'INVALID_USERNAME')],
    ['a b c', refusal(422, 'INVALID_USERNAME')],
    ['ab', refusal(422, 'USERNAME_TOO_SHORT')],
    ['a'.repeat(31), refusal(422, 'USERNAME_TOO_LONG')],
  ]
  it.each(cases)('%j', async (name, expected) => {
    const { browser } = await withAlice()
    expect(told(await browser().post('/is-username-available', { username: name }))).toEqual(expected)
  })

  it('may be taken away', async () => {
    const { browser } = await withAlice({ availabilityCheck: false })
    expect((await browser().post('/is-username-available', { username: 'free' })).status).toBe(404)
  })
})

describe('3 update-user', () => {
  const cases: readonly [
    string,
    UsernameOptions,
    sent: object,
    ReturnType<typeof refusal> | { status: number; json: object },
  ][] = [
    ['another name', {}, { username: 'New_Name' }, { status: 200, json: { status: true } }],
    ['the own name again', {}, { username: 'ALICE_1' }, { status: 200, json: { status: true } }],
    ['a taken name', {}, { username: 'BOB' }, refusal(400, 'USERNAME_IS_ALREADY_TAKEN')],
    ['too short', {}, { username: 'ab' }, refusal(400, 'USERNAME_TOO_SHORT')],
    ['too long', {}, { username: 'a'.repeat(31) }, refusal(400, 'USERNAME_TOO_LONG')],
    ['invalid', {}, { username: 'a b c' }, refusal(400, 'INVALID_USERNAME')],
    ['immutable', { immutableUsername: true }, { username: 'other' }, refusal(400, 'USERNAME_IS_IMMUTABLE')],
    [
      'immutable, the same',
      { immutableUsername: true },
      { username: 'Alice_1' },
      { status: 200, json: { status: true } },
    ],
    [
      'display validator',
      { displayUsernameValidator: (name) => name !== 'x' },
      { displayUsername: 'x' },
      refusal(400, 'INVALID_DISPLAY_USERNAME'),
    ],
    ['display name alone', {}, { displayUsername: 'The Alice!' }, { status: 200, json: { status: true } }],
  ]
  it.each(cases)('%s', async (_title, options, sent, expected) => {
    const { browser, caller, rows } = await withAlice(options)
    await browser().signUp({ ...bob, username: 'bob' })
    const before = { ...rows.user[0] }
    expect(told(await caller.post('/update-user', sent))).toEqual(expected)
    if (expected.status !== 200) expect(rows.user[0]).toEqual(before)
    else if ('username' in sent) expect(rows.user[0]?.username).toBe(String(sent.username).toLowerCase())
  })

  it('immutable, where there is none yet', async () => {
    const { caller, rows } = await withAlice({ immutableUsername: true }, {}, ada)
    expect((await caller.post('/update-user', { username: 'First' })).status).toBe(200)
    expect(rows.user[0]?.username).toBe('first')
  })

  it('without a session 401, whatever the name', async () => {
    const { browser } = await withAlice()
    expect(told(await browser().post('/update-user', { username: 'bob' }))).toEqual(refusal(401, 'UNAUTHORIZED'))
  })
})

describe('3 codes', () => {
  it('are among $ERROR_CODES', () => {
    const { auth } = setup({ plugins: [username()] })
    expect(auth.$ERROR_CODES.USERNAME_IS_ALREADY_TAKEN?.message).toBe('Username is already taken. Please try another.')
    expect(auth.$ERROR_CODES.INVALID_EMAIL?.message).toBe('Invalid email')
  })
})
