/** The scheme and the endpoints, beside what was recorded of others: options, limits, refusals. */
import { ConfigError, createAuth } from '@keystile/core'
import { apiKey, controller, createApi, endpoint } from '@keystile/core/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migratedSqlite, type Scratch } from '../../test/scratch.ts'
import { djangoDatabase } from '../database/database.ts'
import { type Django, django } from '../django.ts'
import { DjangoError } from '../errors.ts'
import { djangoLogin } from './login.ts'
import { djangoLogout } from './logout.ts'
import { djangoSession } from './session-scheme.ts'

const site = 'https://example.com'
const quick = [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }] as const

let scratch: Scratch
let own: Django
beforeEach(async () => {
  scratch = await migratedSqlite()
  own = django({
    driver: scratch.driver,
    secretKey: 'the key',
    passwordHashers: quick,
    csrf: { allowedHosts: ['example.com'] },
  })
  await own.users.register({ username: 'ada', password: 'right' })
})
afterEach(() => scratch.drop())

/** A browser at an API whose pages are on `site`. */
function browser(handler: (request: Request) => Promise<Response>) {
  const jar = new Map<string, string>()
  return {
    jar,
    async send(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
      const headers = new Headers({ host: 'example.com', ...more })
      if (method !== 'GET' && !headers.has('origin')) headers.set('origin', site)
      if (jar.size > 0) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
      if (body !== undefined) headers.set('content-type', 'application/json')
      const answer = await handler(
        new Request(`${site}/api${path}`, {
          method,
          headers,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      )
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/max-age=0/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) }
    },
  }
}

const whoever = endpoint({ method: 'POST' }, ({ auth }) => ({ by: auth?.scheme ?? null }))

function api(login: Parameters<typeof djangoLogin>[0] = {}) {
  const key = apiKey({ header: 'x-key', lookup: (given) => (given === 'open' ? { key: given } : null) })
  return createApi({
    production: false,
    logger: { disabled: true },
    controllers: [
      controller('/login', { endpoints: { login: djangoLogin({ django: own, ...login }) } }),
      controller('/logout', { endpoints: { logout: djangoLogout({ django: own }) } }),
      controller('/both', { auth: [djangoSession({ django: own }), key], endpoints: { change: whoever } }),
      controller('/open', { auth: null, endpoints: { change: whoever } }),
    ],
  })
}
const right = { username: 'ada', password: 'right' }
const rows = async () => (await scratch.driver.all('select session_key from django_session')).length
const lastLogin = async () => (await own.users.byUsername('ada'))?.fields.last_login

describe('the endpoints', () => {
  it.each([
    ['endpoint djangoLogin()', () => controller('/x', { endpoints: { x: djangoLogin() } })],
    ['endpoint djangoLogout()', () => controller('/x', { endpoints: { x: djangoLogout() } })],
    ['scheme "django_session"', () => controller('/x', { auth: [djangoSession()], endpoints: { x: whoever } })],
  ])('say at start that Django is missing: %s', (owner, made) => {
    const start = () => createApi({ controllers: [made()] as never })
    expect(start).toThrow(ConfigError)
    expect(start).toThrow(`${owner}: it knows no Django`)
  })

  it('sign in and out, the latter with the token alone', async () => {
    const page = browser(api().handler)
    const came = await page.send('POST', '/login', right)
    expect(came).toMatchObject({ status: 200, json: { user_id: '1' } })
    expect(came.headers.get('vary')).toMatch(/cookie/i)
    expect(came.headers.get('cache-control')).toBe('no-store')
    expect([...page.jar.keys()].sort()).toEqual(['csrftoken', 'sessionid'])

    expect((await page.send('POST', '/logout')).json).toMatchObject({ code: 'CSRF_FAILED' })
    const token = { 'x-csrftoken': page.jar.get('csrftoken') ?? '' }
    expect((await page.send('POST', '/logout', undefined, { ...token, origin: 'https://evil.example' })).status).toBe(
      403,
    )
    expect(await rows()).toBe(1)
    expect((await page.send('POST', '/logout', undefined, token)).status).toBe(204)
    expect(page.jar.has('sessionid')).toBe(false)
    expect(await rows()).toBe(0)
    expect((await page.send('POST', '/logout', undefined, token)).status).toBe(401)
  })

  it('let no page of another origin sign anybody in', async () => {
    const page = browser(api().handler)
    for (const origin of ['https://evil.example', 'null', 'http://example.com']) {
      expect((await page.send('POST', '/login', right, { origin })).status).toBe(403)
    }
    expect({ cookies: page.jar.size, rows: await rows(), lastLogin: await lastLogin() }).toEqual({
      cookies: 0,
      rows: 0,
      lastLogin: null,
    })
  })

  it('answer a refusal of `check` as a wrong password, and leave no trace', async () => {
    const page = browser(api({ check: (user) => user.get('is_staff') === true }).handler)
    const refused = await page.send('POST', '/login', right)
    expect(refused.status).toBe(401)
    expect(refused.json).toEqual((await page.send('POST', '/login', { ...right, password: 'wrong' })).json)
    expect({ cookies: page.jar.size, rows: await rows(), lastLogin: await lastLogin() }).toEqual({
      cookies: 0,
      rows: 0,
      lastLogin: null,
    })
  })

  it('limit guesses, ten a minute unless told otherwise', async () => {
    const page = browser(api().handler)
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await page.send('POST', '/login', { ...right, password: 'no' })).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429])
    expect((await page.send('POST', '/login', right)).status).toBe(429)
    const strict = browser(api({ throttle: { window: 60, max: 1 } }).handler)
    expect((await strict.send('POST', '/login', right)).status).toBe(200)
    expect((await strict.send('POST', '/login', right)).status).toBe(429)
  })

  it('take credentials and make replies in forms of the app', async () => {
    const login = djangoLogin({
      django: own,
      convertAuthPayload: ({ username, password }) => ({ username: username.toLowerCase(), password }),
      makeApiResponse: (user) => ({ user_id: `user-${user.id}` }),
    })
    const page = browser(createApi({ controllers: [controller('/login', { endpoints: { login } })] }).handler)
    expect((await page.send('POST', '/login', { ...right, username: 'ADA' })).json).toEqual({ user_id: 'user-1' })
  })
})

describe('the scheme', () => {
  it("asks for the token where Django's cookie tells the caller, and nowhere else", async () => {
    const page = browser(api().handler)
    await page.send('POST', '/login', right)
    expect((await page.send('POST', '/both')).status).toBe(403)
    // Not even beside a credential that would do by itself: which of them a page meant cannot be known.
    expect((await page.send('POST', '/both', undefined, { 'x-key': 'open' })).status).toBe(403)
    const token = { 'x-csrftoken': page.jar.get('csrftoken') ?? '' }
    expect((await page.send('POST', '/both', undefined, token)).json).toEqual({ by: 'django_session' })
    expect((await page.send('POST', '/open')).status).toBe(201)
  })
})

describe('a database out of reach', () => {
  it.each([
    ['of Node', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['of PostgreSQL', Object.assign(new Error('shutting down'), { code: '57P01' })],
    ['that others hold', Object.assign(new Error('deadlock'), { errno: 1213 })],
    ['closed', new DjangoError('DATABASE_CLOSED', 'closed')],
  ])('is answered with 503, and without its words: %s', async (_name, error) => {
    let broken = false
    const driver = new Proxy(scratch.driver, {
      get: (target, name) =>
        broken && typeof Reflect.get(target, name) === 'function' ? fail : Reflect.get(target, name),
    })
    const fail = () => Promise.reject(error)
    own = django({ driver, secretKey: 'the key', passwordHashers: quick, csrf: { allowedHosts: ['example.com'] } })
    const page = browser(api().handler)
    await page.send('POST', '/login', right)
    broken = true
    const answers = [await page.send('POST', '/both'), await page.send('POST', '/login', right)]
    expect(answers.map(({ status }) => status)).toEqual([503, 503])
    expect(JSON.stringify(answers.map(({ json }) => json))).not.toContain(error.message)
  })
})

describe('rights', () => {
  it('DJ-06 are taken from no body of a sign-up or an update, and who is not active is nobody', async () => {
    const database = djangoDatabase({ driver: scratch.driver, secretKey: 'the key', hashing: { hashers: quick } })
    const auth = createAuth({
      database,
      baseURL: site,
      secret: 'a secret of more than thirty-two letters',
      emailAndPassword: { enabled: true, password: database.password },
      logger: { disabled: true },
    })
    const page = browser(auth.handler)
    const wished = { is_staff: true, isStaff: true, is_superuser: true, isSuperuser: true, is_active: false }
    const eve = { name: 'Eve', email: 'eve@example.com', password: 'long enough' }
    await page.send('POST', '/auth/sign-up/email', { ...eve, ...wished })
    await page.send('POST', '/auth/sign-up/email', { ...eve, email: 'eve2@example.com' })
    await page.send('POST', '/auth/update-user', { name: 'Eva', ...wished })
    const rights = await scratch.driver.all(
      "select is_staff, is_superuser, is_active from auth_user where username <> 'ada'",
    )
    expect(rights.length).toBeGreaterThan(0)
    for (const row of rights) expect({ ...row }).toEqual({ is_staff: 0, is_superuser: 0, is_active: 1 })

    const visitor = browser(api().handler)
    await visitor.send('POST', '/login', right)
    await scratch.driver.run("update auth_user set is_active = 0 where username = 'ada'", [])
    const token = { 'x-csrftoken': visitor.jar.get('csrftoken') ?? '' }
    expect((await visitor.send('POST', '/both', undefined, token)).status).toBe(401)
    expect((await browser(api().handler).send('POST', '/login', right)).status).toBe(401)
  })
})
