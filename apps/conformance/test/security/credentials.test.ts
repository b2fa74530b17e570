import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { copyOf, expectDead, expectSame, open, type Site, tokenName, v, w } from './support.ts'

const realHashing = { emailAndPassword: { password: undefined } }
const hashOf = async (site: Site) => (await site.rows('account'))[0]?.password as string

describe('credentials', () => {
  it('CR-01 answers a wrong password and an unknown address alike, after one hash each', async () => {
    const site = await open()
    const wrong = await site.browser().signIn({ ...v, password: 'not-the-password' })
    expect(site.hashes.count).toBe(1)
    const unknown = await site.browser().signIn({ email: 'nobody@example.com', password: 'not-the-password' })
    expect(site.hashes.count).toBe(2)
    await site.alter('account', {}, { password: null })
    const without = await site.browser().signIn(v)
    expect(site.hashes.count).toBe(3)
    expect(wrong).toMatchObject({ status: 401, json: { code: 'INVALID_EMAIL_OR_PASSWORD' } })
    expectSame(wrong, unknown)
    expectSame(wrong, without)
    expect(wrong.text).toBe(unknown.text)
    expect(await site.rows('session')).toEqual([])
  })

  it('CR-03 refuses a taken address and leaves user and hash as they were', async () => {
    const site = await open()
    const before = await site.dump()
    const answer = await site.browser().signUp({ ...v, name: 'Another', password: 'another-password' })
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' },
      setCookies: [],
    })
    expect(await site.dump()).toBe(before)
  })

  it('CR-04 answers a taken and a free address alike where addresses are verified', async () => {
    const mailed: string[] = []
    const told: string[] = []
    const site = await open({
      emailAndPassword: {
        requireEmailVerification: true,
        onExistingUserSignUp: ({ user }) => void told.push(user.email),
      },
      emailVerification: { sendVerificationEmail: ({ user }) => void mailed.push(user.email) },
      user: { additionalFields: { plan: { type: 'string', required: false, defaultValue: 'free' } } },
    })
    await site.auth.idle()
    mailed.length = 0
    const person = { name: 'Someone', password: 'some-password', image: '/me.png', emailVerified: true, id: 'mine' }
    const taken = await site.browser().signUp({ ...person, email: 'V@Example.com' })
    expect(site.hashes.count).toBe(1)
    const free = await site.browser().signUp({ ...person, email: 'free@example.com' })
    expect(site.hashes.count).toBe(2)
    await site.auth.idle()
    expect(taken.status).toBe(200)
    expectSame(taken, free)
    const told200 = ({ id: _id, email: _email, ...rest }: Readonly<Record<string, unknown>>) => rest
    expect(told200(taken.json.user ?? {})).toEqual(told200(free.json.user ?? {}))
    expect(String(taken.json.user?.id)).toHaveLength(String(free.json.user?.id).length)
    expect((await site.rows('user')).map(({ email, name }) => [email, name])).toEqual([
      [v.email, v.name],
      ['free@example.com', 'Someone'],
    ])
    expect([told, mailed]).toEqual([[v.email], ['free@example.com']])
    expect(await site.rows('session')).toEqual([])
  })

  it('CR-05 tells of an unverified address only to whoever knows the password', async () => {
    const site = await open({ emailAndPassword: { requireEmailVerification: true } })
    const right = await site.browser().signIn(v)
    const wrong = await site.browser().signIn({ ...v, password: 'not-the-password' })
    expect(right).toMatchObject({ status: 403, json: { code: 'EMAIL_NOT_VERIFIED' }, setCookies: [] })
    expect(wrong).toMatchObject({ status: 401, json: { code: 'INVALID_EMAIL_OR_PASSWORD' }, setCookies: [] })
    expect(await site.rows('session')).toEqual([])
  })

  it('CR-08 stores argon2id with its parameters and a salt of its own', async () => {
    const site = await open(realHashing, { users: [v, { ...w, password: v.password }] })
    const stored = (await site.rows('account')).map(({ password }) => String(password))
    const salts = stored.map((hash) => {
      const [, m, t, salt = ''] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$([^$]+)\$[^$]+$/.exec(hash) ?? []
      expect(Number(m)).toBeGreaterThanOrEqual(19456)
      expect(Number(t)).toBeGreaterThanOrEqual(2)
      expect(Buffer.from(salt, 'base64').length).toBeGreaterThanOrEqual(16)
      return salt
    })
    expect(new Set(salts).size).toBe(2)
    expect(new Set(stored).size).toBe(2)
  })

  it('CR-09 brings an older hash up to date once, also when many sign in at once', async () => {
    const site = await open(realHashing)
    const older = [
      `pbkdf2_sha256$1000$somesalt$${pbkdf2Sync(v.password, 'somesalt', 1000, 32, 'sha256').toString('base64')}`,
      `${'ab'.repeat(16)}:${scryptSync(v.password, 'ab'.repeat(16), 64, { N: 16384, r: 16, p: 1, maxmem: 2 ** 26 }).toString('hex')}`,
    ]
    for (const password of older) {
      await site.alter('account', {}, { password })
      const answers = await Promise.all(Array.from({ length: 5 }, () => site.browser().signIn(v)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      const renewed = await hashOf(site)
      expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect((await site.browser().signIn(v)).status).toBe(200)
      expect((await site.browser().signIn({ ...v, password: 'not-the-password' })).status).toBe(401)
      expect(await hashOf(site)).toBe(renewed)
    }
  })

  it('CR-10 refuses a hash of an unknown scheme, with one line in the log', async () => {
    const site = await open(realHashing)
    for (const password of [
      'whirlpool$12$abc$def',
      '$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$a2V5',
      '\u{1F600}',
      '$2b$',
    ]) {
      await site.alter('account', {}, { password })
      site.logged.length = 0
      expect(await site.browser().signIn(v)).toMatchObject({ status: 401, json: { code: 'INVALID_EMAIL_OR_PASSWORD' } })
      expect(site.logged).toHaveLength(1)
      expect(site.logged[0]).not.toContain(password)
    }
  })

  it('CR-11 lets nothing stand for a password that is not there', async () => {
    for (const options of [{}, realHashing]) {
      const site = await open(options)
      await site.alter('account', {}, { password: null })
      for (const password of ['', 'null', 'undefined', '0', 'false']) {
        const answer = await site.browser().signIn({ ...v, password })
        expect(answer).toMatchObject({ status: 401, setCookies: [] })
      }
      expect((await site.browser().post('/sign-in/email', { email: v.email, password: null })).status).toBe(400)
      expect((await site.browser().post('/sign-in/email', { email: v.email })).status).toBe(400)
      expect(await site.rows('session')).toEqual([])
    }
  })

  it("CR-12 does not take another user's password for the present one", async () => {
    const site = await open({}, { users: [v, w] })
    const caller = await site.signedIn(v)
    const before = JSON.stringify(await site.rows('account'))
    const answer = await caller.post('/change-password', {
      currentPassword: w.password,
      newPassword: 'another-password',
    })
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_PASSWORD' } })
    expect(JSON.stringify(await site.rows('account'))).toBe(before)
  })

  it('CR-13 changes no password without the present one', async () => {
    const site = await open()
    const caller = await site.signedIn()
    const before = JSON.stringify(await site.rows('account'))
    const newPassword = 'another-password'
    for (const currentPassword of [undefined, '', null, [], [v.password], { 0: v.password }, true, 0]) {
      const answer = await caller.post('/change-password', { currentPassword, newPassword })
      expect(answer.status).toBe(400)
    }
    expect(JSON.stringify(await site.rows('account'))).toBe(before)
  })

  it('CR-14 ends every other session with a change of password, and renews the own token', async () => {
    const site = await open({ session: { cookieCache: { enabled: false } } })
    const other = await site.signedIn()
    const caller = await site.signedIn()
    const old = copyOf(caller)
    const change = { currentPassword: v.password, newPassword: 'another-password', revokeOtherSessions: true }
    const answer = await caller.post('/change-password', change)
    expect(answer.status).toBe(200)
    expect(caller.jar.get(tokenName)).not.toBe(old.get(tokenName))
    expect(decodeURIComponent(caller.jar.get(tokenName) ?? '')).toContain(String(answer.json.token))
    expect((await caller.get('/get-session')).json.user?.email).toBe(v.email)
    await expectDead(site, old)
    await expectDead(site, other.jar)
    expect(await site.rows('session')).toHaveLength(1)
  })

  it('CR-16 knows one account under every case of an address', async () => {
    const site = await open({}, { users: [{ ...v, email: 'V@Example.COM' }] })
    expect((await site.rows('user'))[0]?.email).toBe('v@example.com')
    for (const email of ['v@example.com', 'V@EXAMPLE.COM', 'V@Example.COM', 'v@exAmple.com']) {
      expect((await site.browser().signIn({ ...v, email })).status).toBe(200)
      expect((await site.browser().signUp({ ...v, email })).status).toBe(422)
    }
    expect(await site.rows('user')).toHaveLength(1)
  })

  it('CR-17 never makes two accounts of one international domain', async () => {
    const site = await open({}, { users: [] })
    const forms = ['v@xn--bcher-kva.example', 'v@bücher.example', 'v@bu\u0308cher.example', 'v@XN--BCHER-KVA.example']
    const statuses: number[] = []
    for (const email of forms) statuses.push((await site.browser().signUp({ ...v, email })).status)
    expect(statuses).toEqual([200, 400, 400, 422])
    // Look-alikes under case folding: U+212A is a k, U+0130 an i with a dot.
    for (const email of ['\u212A@example.com', '\u0130@example.com', 'v@example\u3002com']) {
      expect((await site.browser().signUp({ ...v, email })).status).toBe(400)
    }
    expect(await site.rows('user')).toHaveLength(1)
  })

  it('CR-18 folds no two local parts into one', async () => {
    const site = await open()
    for (const email of ['v+1@example.com', 'v.v@example.com', 'vv@example.com', 'v-@example.com']) {
      expect((await site.browser().signUp({ ...v, email })).status).toBe(200)
    }
    // No address of the grammar (wire 2.2), and not read as v@example.com either.
    expect((await site.browser().signUp({ ...v, email: 'v.@example.com' })).status).toBe(400)
    expect(new Set((await site.rows('user')).map(({ email }) => email)).size).toBe(5)
  })

  it('CR-22 repeats no password, hash or address of another in an error', async () => {
    const site = await open({}, { users: [v, w] })
    const caller = await site.signedIn()
    const canary = 'canary-Pa55word'
    const hashes = (await site.rows('account')).map(({ password }) => String(password))
    const bodies: [path: string, body: object][] = [
      ['/sign-in/email', { email: v.email, password: canary }],
      ['/sign-in/email', { email: 'no address', password: canary }],
      ['/sign-in/email', { email: v.email, password: [canary] }],
      ['/sign-in/email', { email: v.email, password: { [canary]: canary } }],
      ['/sign-in/email', { email: v.email, password: canary.repeat(20) }],
      ['/sign-up/email', { ...w, password: canary }],
      ['/sign-up/email', { ...w, name: 5, password: canary }],
      ['/sign-up/email', { ...w, email: 'new@example.com', password: canary.slice(0, 6) }],
      ['/sign-up/email', { ...w, email: 'new@example.com', password: canary.repeat(20) }],
      ['/change-password', { currentPassword: canary, newPassword: `${canary}2` }],
      ['/change-password', { currentPassword: canary, newPassword: canary.slice(0, 6) }],
      ['/change-password', { currentPassword: [canary], newPassword: canary }],
      ['/verify-password', { password: canary }],
      ['/verify-password', { password: { a: canary } }],
      ['/update-user', { email: w.email, password: canary }],
    ]
    for (const [path, body] of bodies) {
      const answer = await caller.post(path, body)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
      for (const told of [canary.slice(0, 6), w.email, ...hashes]) expect(answer.text).not.toContain(told)
    }
    for (const told of [canary.slice(0, 6), ...hashes]) expect(site.logged.join('\n')).not.toContain(told)
  })

  it('CR-23 stores names and pictures only of the allowed form', async () => {
    const site = await open()
    const caller = await site.signedIn()
    const names = ['x'.repeat(1_000_000), 'x'.repeat(257), 'a\u0000b', 'a\r\nb', 'a\u001bb', 'a\u007fb']
    const images = [
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      '//evil.example/x.png',
      '/\\evil.example/x.png',
      'https://',
      'ftp://example.com/x.png',
      'x.png',
      `https://example.com/${'x'.repeat(2048)}`,
      '/a\u0000b',
      '/a\u0007b',
      'https://example.com/a\u0000b',
    ]
    for (const change of [...names.map((name) => ({ name })), ...images.map((image) => ({ image }))]) {
      const shown = JSON.stringify(change).slice(0, 80)
      const up = await site.browser().signUp({ ...w, ...change })
      expect(up, shown).toMatchObject({ status: 400, json: { code: 'VALIDATION_ERROR' }, setCookies: [] })
      const update = await caller.post('/update-user', change)
      expect(update, shown).toMatchObject({ status: 400, json: { code: 'VALIDATION_ERROR' } })
    }
    expect(await site.rows('user')).toMatchObject([{ name: v.name, image: null }])
    for (const image of ['https://example.com/x.png?a=b', 'http://example.com/x.png', '/pictures/x.png', null]) {
      expect((await caller.post('/update-user', { image })).status).toBe(200)
      expect((await site.rows('user'))[0]?.image).toBe(image)
    }
  })
})
