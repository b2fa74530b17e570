import { beforeEach, describe, expect, it } from 'vitest'
import { type AuthRow, sessionAuth } from './auth/login.ts'
import { sessionHashes } from './auth/session-hash.ts'
import { csrfCheck } from './csrf/check.ts'
import { csrfSecretOf } from './csrf/token.ts'
import { systemRandom } from './primitives/random.ts'
import { openRequest, type RequestUser } from './request.ts'
import type { SessionCookieOptions } from './sessions/cookie.ts'
import type { SessionEngine } from './sessions/engine.ts'
import { type JsonObject, parsePythonJson, pythonJson } from './sessions/json.ts'
import { newSessionKey } from './sessions/key.ts'

const NOW = Date.UTC(2025, 0, 1, 12)
const clock = () => NOW
const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEF'
const secretKey = 'the key'
const rows = new Map<string, string>()
let asked: string[] = []

const put = (data: JsonObject, key = newSessionKey()) => {
  rows.set(key, pythonJson(data))
  return key
}
const engine: SessionEngine = {
  async load(key) {
    asked.push('load')
    const text = rows.get(key)
    return text === undefined ? null : (parsePythonJson(text) as JsonObject)
  },
  async create(data) {
    asked.push('create')
    return put(data)
  },
  async save(key, data) {
    asked.push('save')
    return rows.has(key) ? put(data, key) : null
  },
  async replace(key, data) {
    asked.push('replace')
    return rows.delete(key) ? put(data) : null
  },
  async remove(key) {
    asked.push('remove')
    rows.delete(key)
  },
}

interface User extends AuthRow, RequestUser {
  readonly id: string
}
const userOf = (row: AuthRow): User => ({ ...row, get: (field) => (field === 'password' ? row.password : undefined) })
const alice: AuthRow = { id: '1', password: 'hash of alice', isActive: true }
const people = new Map<string, AuthRow>()
const hashes = sessionHashes({ secretKey, secretKeyFallbacks: ['old key'] })
const auth = sessionAuth<AuthRow>({
  hashes,
  clock,
  users: {
    async byId(id) {
      asked.push('user')
      return people.get(id) ?? null
    },
    async touchLastLogin(id, date) {
      asked.push(`touch ${id} ${date.toISOString()}`)
    },
  },
})

beforeEach(() => {
  rows.clear()
  asked = []
  people.clear()
  people.set('1', alice)
  people.set('2', { id: '2', password: 'hash of bob', isActive: true })
})

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly cookie?: SessionCookieOptions
  readonly useSessions?: boolean
}

function open({
  method = 'GET',
  url = 'http://example.com/',
  headers = {},
  cookie = {},
  useSessions = false,
}: Sent = {}) {
  return openRequest<AuthRow, User>(
    { method, url, headers: new Headers(headers) },
    {
      settings: { engine, clock },
      cookie,
      auth,
      userOf,
      csrf: {
        check: csrfCheck({ allowedHosts: ['example.com'] }),
        cookie: {},
        useSessions,
        clock,
        random: systemRandom,
      },
    },
  )
}
const withKey = (key: string, more: Sent = {}) =>
  open({ ...more, headers: { cookie: `sessionid=${key}`, ...more.headers } })
const authData = (id = '1', password = alice.password, key = secretKey) => ({
  _auth_user_id: id,
  _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
  _auth_user_hash: sessionHashes({ secretKey: key }).make(password),
})
const DELETED = ['Set-Cookie', 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax']
const VARY = ['Vary', 'Cookie']
const cookieOf = (key: string) => [
  'Set-Cookie',
  `sessionid=${key}; expires=Wed, 15 Jan 2025 12:00:00 GMT; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax`,
]

describe('a request', () => {
  it('that never asks makes no query and gets no header, whatever it brought', async () => {
    for (const cookie of [
      '',
      'sessionid=short; csrftoken=short',
      `sessionid=${put(authData())}; csrftoken=${SECRET}`,
    ]) {
      expect(await open({ headers: { cookie } }).finish(200)).toEqual([])
    }
    expect(asked).toEqual([])
  })

  it('loads the session once, the user once, and nothing without a key', async () => {
    const request = withKey(put(authData()))
    await Promise.all([request.user(), request.session(), request.user()])
    expect((await request.user())?.id).toBe('1')
    expect(asked).toEqual(['load', 'user'])
    asked = []
    for (const cookie of ['', 'sessionid=', 'sessionid=short', `other=${'x'.repeat(32)}`]) {
      const other = open({ headers: { cookie } })
      expect(await other.user()).toBeNull()
      await other.session()
    }
    expect(asked).toEqual([])
  })

  it('reads the last of several cookies, quoted as Python quotes', async () => {
    const key = put({ a: 1 })
    const cookie = `sessionid=${'x'.repeat(32)}; sessionid="${key.slice(0, 31)}\\${key.charCodeAt(31).toString(8).padStart(3, '0')}"`
    expect((await open({ headers: { cookie } }).session()).get('a')).toBe(1)
  })

  it('varies by the cookie once the session was looked at', async () => {
    const request = withKey(put({ a: 1 }))
    await request.session()
    expect(await request.finish(200)).toEqual([VARY])
    expect(asked).toEqual(['load'])
  })

  it('is stored with what was changed, and once', async () => {
    const key = put({ a: 1 })
    const request = withKey(key)
    ;(await request.session()).set('a', 2)
    expect(await request.finish(200)).toEqual([cookieOf(key), VARY])
    expect(await request.finish(200)).toEqual([])
    expect(asked).toEqual(['load', 'save'])
    expect(rows.get(key)).toBe('{"a":2}')
  })

  it('sends the cookie of what was saved by hand', async () => {
    const request = open()
    const session = await request.session()
    session.set('a', 1)
    await session.save()
    expect(await request.finish(200)).toEqual([cookieOf(session.key ?? ''), VARY])
    expect(asked).toEqual(['create'])
  })

  it('that failed stores nothing and sets no session', async () => {
    const key = put({ a: 1 })
    for (const status of [500, 503, 599]) {
      const request = withKey(key)
      const session = await request.session()
      session.set('a', 2)
      session.cycleKey()
      expect(await request.finish(status)).toEqual([VARY])
    }
    expect([...rows]).toEqual([[key, '{"a":1}']])
    const refused = withKey(key)
    ;(await refused.session()).set('a', 2)
    expect(await refused.finish(418)).toEqual([cookieOf(key), VARY])
  })

  it("deletes the cookie of a session that is nobody's", async () => {
    for (const key of ['short', 'x'.repeat(32), '../../etc', '%']) {
      const request = withKey(key)
      await request.session()
      expect(await request.finish(200)).toEqual([DELETED, VARY])
    }
    const none = open()
    await none.session()
    expect(await none.finish(200)).toEqual([VARY])
  })

  it('is answered with 400 where the session was ended meanwhile, and without headers', async () => {
    const key = put({ a: 1 })
    const request = withKey(key)
    ;(await request.session()).set('a', 2)
    rows.clear()
    await expect(request.finish(200)).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED', status: 400 })
    expect(await request.finish(400)).toEqual([])
    expect(rows.size).toBe(0)
  })

  it('moves the end of each session that came where the settings say so', async () => {
    const key = put({ a: 1 })
    const cookie = { saveEveryRequest: true }
    expect(await withKey(key, { cookie }).finish(200)).toEqual([cookieOf(key), VARY])
    expect(await withKey(key, { cookie }).finish(500)).toEqual([])
    expect(await open({ cookie }).finish(200)).toEqual([])
    expect(await withKey('x'.repeat(32), { cookie }).finish(200)).toEqual([DELETED, VARY])
    expect(asked).toEqual(['load', 'save', 'load'])
  })

  it('that cannot be read makes the answer vary all the same', async () => {
    const { load } = engine
    const request = withKey(put({ a: 1 }))
    engine.load = () => Promise.reject(new Error('down'))
    await request.user().catch(() => null)
    engine.load = load
    expect(await request.finish(200)).toEqual([['Vary', 'Cookie']])
  })

  it('asks again where the store failed', async () => {
    const key = put({ a: 1 })
    const request = withKey(key)
    const { load } = engine
    engine.load = () => Promise.reject(new Error('down'))
    await expect(request.session()).rejects.toThrow('down')
    engine.load = load
    expect((await request.session()).get('a')).toBe(1)
  })
})

describe('signing in', () => {
  it('DJ-05 takes a new key and keeps the data of before', async () => {
    const key = put({ cart: [1] })
    const request = withKey(key)
    await request.login(userOf(alice))
    expect((await request.user())?.id).toBe('1')
    const headers = await request.finish(200)
    expect(rows.has(key)).toBe(false)
    const [made = '', text = ''] = [...rows][0] ?? []
    expect(JSON.parse(text)).toEqual({ cart: [1], ...authData() })
    expect(headers.slice(1)).toEqual([cookieOf(made), VARY])
    expect(headers[0]?.[1]).toMatch(/^csrftoken=[a-zA-Z0-9]{32}; expires=/)
    expect(asked).toEqual(['load', 'touch 1 2025-01-01T12:00:00.000Z', 'replace'])
  })

  it('drops all that belonged to another user, or to another password', async () => {
    for (const data of [
      authData('2', 'hash of bob'),
      authData('1', 'an older hash'),
      { ...authData(), _auth_user_id: null },
    ]) {
      rows.clear()
      const key = put({ ...data, cart: [1] })
      const request = withKey(key)
      await request.login(userOf(alice))
      expect(rows.size).toBe(0)
      await request.finish(200)
      expect([...rows].map(([at, text]) => [at === key, JSON.parse(text)])).toEqual([[false, authData()]])
    }
  })

  it('keeps key and data of the same user', async () => {
    const key = put({ ...authData(), cart: [1] })
    const request = withKey(key)
    await request.login(userOf(alice))
    await request.finish(200)
    expect([...rows].map(([at, text]) => [at, JSON.parse(text)])).toEqual([[key, { ...authData(), cart: [1] }]])
  })

  it('goes on where the session of before was ended meanwhile: its right is the password', async () => {
    const request = withKey(put({ cart: [1] }))
    await request.login(userOf(alice))
    rows.clear()
    await request.finish(200)
    expect(rows.size).toBe(1)
  })

  it('refuses a user that is not stored', async () => {
    const nobody = { id: undefined, get: () => undefined }
    await expect(open().login(nobody as unknown as User)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
  })

  it('leaves nothing where the request failed after it', async () => {
    const key = put({ cart: [1] })
    const request = withKey(key)
    await request.login(userOf(alice))
    await request.finish(500)
    expect([...rows]).toEqual([[key, '{"cart":[1]}']])
  })
})

describe('signing out', () => {
  it('is done at once, also where the request fails after it', async () => {
    for (const status of [200, 500]) {
      const request = withKey(put(authData()))
      await request.user()
      await request.logout()
      expect(rows.size).toBe(0)
      expect(await request.user()).toBeNull()
      expect(await request.finish(status)).toEqual([DELETED, VARY])
    }
  })
})

describe('who is signed in', () => {
  const see = async (data: JsonObject) => {
    const key = put(data)
    const request = withKey(key)
    const user = await request.user()
    await request.finish(200)
    return { user: user?.id, kept: rows.has(key) }
  }

  it('is nobody, and the session is kept, where it names no active user by a known backend', async () => {
    people.set('3', { id: '3', password: 'hash', isActive: false })
    const { _auth_user_backend: backend, _auth_user_id: id, _auth_user_hash: hash } = authData()
    const others: JsonObject[] = [
      { _auth_user_id: id, _auth_user_hash: hash },
      { _auth_user_backend: backend, _auth_user_hash: hash },
      { ...authData(), _auth_user_backend: 'evil.Backend' },
      { ...authData(), _auth_user_backend: ['django.contrib.auth.backends.ModelBackend'] },
      ...[null, true, ['1'], { a: 1 }, 1.5, '9', '', ' 1 '].map((_auth_user_id) => ({ ...authData(), _auth_user_id })),
      authData('3', 'hash'),
    ]
    for (const data of others) expect([data, await see(data)]).toEqual([data, { user: undefined, kept: true }])
  })

  it('DJ-04 is nobody, and the session is ended, where its hash is not that of the password', async () => {
    people.set('1', { ...alice, password: 'changed since' })
    for (const hash of [
      authData()._auth_user_hash,
      '',
      null,
      5,
      authData('1', 'changed since')._auth_user_hash.toUpperCase(),
    ]) {
      expect(await see({ ...authData(), _auth_user_hash: hash })).toEqual({ user: undefined, kept: false })
    }
    const { _auth_user_hash, ...without } = authData()
    expect(await see(without)).toEqual({ user: undefined, kept: false })
  })

  it('takes numbers for ids', async () => {
    expect(await see({ ...authData(), _auth_user_id: 1 })).toEqual({ user: '1', kept: true })
    expect(await see({ ...authData(), _auth_user_id: 1n })).toEqual({ user: '1', kept: true })
  })

  it('DJ-08 goes on under a new key where the hash is that of a key of before', async () => {
    const key = put({ ...authData('1', alice.password, 'old key'), cart: [1] })
    const request = withKey(key)
    expect((await request.user())?.id).toBe('1')
    await request.finish(200)
    expect(rows.has(key)).toBe(false)
    expect([...rows.values()].map((text) => JSON.parse(text))).toEqual([{ ...authData(), cart: [1] }])
  })

  it('DJ-08 does not come back by it where the session was ended meanwhile', async () => {
    const request = withKey(put(authData('1', alice.password, 'old key')))
    await request.user()
    rows.clear()
    await expect(request.finish(200)).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED' })
    expect(rows.size).toBe(0)
  })

  it('stays signed in here alone after a change of the password', async () => {
    const key = put(authData())
    const other = put(authData())
    const changed = { ...alice, password: 'changed' }
    const request = withKey(key)
    await request.user()
    people.set('1', changed)
    await request.updateSessionAuthHash(userOf(changed))
    await request.finish(200)
    expect(rows.has(key)).toBe(false)
    const made = [...rows.keys()].find((one) => one !== other) ?? ''
    expect((await withKey(made).user())?.id).toBe('1')
    expect(await withKey(other).user()).toBeNull()
    const bob = people.get('2') ?? alice
    await expect(withKey(made).updateSessionAuthHash(userOf(bob))).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
  })
})

describe('the CSRF token', () => {
  const post = (more: Sent = {}) => open({ method: 'POST', ...more })
  const refused = (reason: string) => ({ code: 'CSRF_FAILED', status: 403, message: reason })

  it('is sent with its secret where it was asked for', async () => {
    const request = open()
    const token = await request.csrfToken()
    const headers = await request.finish(200)
    expect(headers).toEqual([
      [
        'Set-Cookie',
        `csrftoken=${csrfSecretOf(token)}; expires=Wed, 31 Dec 2025 12:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax`,
      ],
      VARY,
    ])
    expect(asked).toEqual([])
  })

  it('DJ-07 is taken from header or form, masked or plain, and from nowhere else', async () => {
    const token = await open({ headers: { cookie: `csrftoken=${SECRET}` } }).csrfToken()
    const cookie = `csrftoken=${SECRET}`
    for (const given of [SECRET, token]) {
      await post({ headers: { cookie, 'x-csrftoken': given } }).checkCsrf()
      await post({ headers: { cookie } }).checkCsrf(new URLSearchParams({ csrfmiddlewaretoken: given }))
    }
    await expect(post({ headers: { cookie } }).checkCsrf()).rejects.toMatchObject(refused('CSRF token missing.'))
    await expect(post({ headers: { 'x-csrftoken': token } }).checkCsrf()).rejects.toMatchObject(
      refused('CSRF cookie not set.'),
    )
    await expect(post({ headers: { cookie, 'x-csrftoken': 'x'.repeat(32) } }).checkCsrf()).rejects.toMatchObject({
      status: 403,
    })
    await open({ headers: { cookie } }).checkCsrf()
  })

  it('DJ-07 is another after signing in', async () => {
    const cookie = `csrftoken=${SECRET}`
    const request = open({ headers: { cookie } })
    const before = await request.csrfToken()
    await request.login(userOf(alice))
    const after = await request.csrfToken()
    const [[, line] = []] = await request.finish(200)
    const secret = /^csrftoken=([^;]+)/.exec(line ?? '')?.[1] ?? ''
    expect(csrfSecretOf(after)).toBe(secret)
    expect(secret).not.toBe(csrfSecretOf(before))
    const next = { headers: { cookie: `csrftoken=${secret}`, 'x-csrftoken': before } }
    await expect(post(next).checkCsrf()).rejects.toMatchObject({ code: 'CSRF_FAILED' })
  })

  it('knows the site by the host that was sent, or by the URL', async () => {
    const headers = { cookie: `csrftoken=${SECRET}`, 'x-csrftoken': SECRET }
    const from = (origin: string, url: string) => post({ url, headers: { ...headers, origin } }).checkCsrf()
    await from('http://example.com', 'http://example.com/a')
    await from('https://example.com', 'https://example.com')
    await expect(from('http://example.com', 'https://example.com/')).rejects.toMatchObject({ status: 403 })
    await expect(from('http://evil.com', 'http://evil.com/')).rejects.toMatchObject({ status: 403 })
    await expect(from('null', 'http://example.com/')).rejects.toMatchObject({ status: 403 })
    await post({ url: '/path', headers: { ...headers, host: 'example.com', origin: 'http://example.com' } }).checkCsrf()
  })

  it('has its secret in the session where the settings say so, and leaves that alone while it stays', async () => {
    const first = open({ useSessions: true })
    const token = await first.csrfToken()
    const [sent] = await first.finish(200)
    const key = /^sessionid=([^;]+)/.exec(sent?.[1] ?? '')?.[1] ?? ''
    expect(JSON.parse(rows.get(key) ?? '')).toEqual({ _csrftoken: csrfSecretOf(token) })
    const next = withKey(key, { useSessions: true, method: 'POST', headers: { 'x-csrftoken': token } })
    await next.checkCsrf()
    await next.csrfToken()
    expect(await next.finish(200)).toEqual([VARY])
    await expect(
      open({
        useSessions: true,
        method: 'POST',
        headers: { cookie: `csrftoken=${SECRET}`, 'x-csrftoken': SECRET },
      }).checkCsrf(),
    ).rejects.toMatchObject(refused('CSRF cookie not set.'))
    const login = withKey(key, { useSessions: true })
    await login.login(userOf(alice))
    await login.finish(200)
    expect(JSON.parse([...rows.values()][0] ?? '')).toMatchObject({
      _csrftoken: expect.not.stringContaining(csrfSecretOf(token)),
    })
  })
})
