/** An auth over Django's users and sessions, beside Django itself, on each database that is there. */
import { createAuth } from '@keystile/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { djangoDatabase } from '../src/database/database.ts'
import { type Scratch, testDatabases } from '../src/testing/databases.ts'
import { DJANGO_VERSIONS } from '../src/version.ts'
import { type Item, judge, python, secretKey } from './judge.ts'

const release = python ? judge([], ['--about']).lines[0].django.split('.').slice(0, 2).join('.') : undefined
const djangoVersion = DJANGO_VERSIONS.find((version) => version === release)
const origin = 'http://localhost:3000'
const ada = { name: 'Ada  King of Lovelace', email: 'ada@example.com', password: 'correct horse' }

/** As Python writes it: in microseconds, or none of a whole second. */
const isoformat = (date: string) => date.replace('Z', '000+00:00').replace('.000000', '')

describe.each(testDatabases)('with Django on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing)
    skip(!python, 'no Django on this machine')
  })

  let scratch: Scratch
  const whoami = (sessionid: string | undefined, user: string | null): Item => {
    return { kind: 'whoami', sessionid, expect: { user } }
  }
  const ask = (...items: readonly Item[]) => {
    const { status, lines } = judge(items, [], scratch.settings)
    expect(lines.slice(0, -1)).toEqual([])
    expect(status).toBe(0)
  }
  beforeAll(async () => {
    if (missing || !python) return
    scratch = await open()
    const fields = { username: 'Grace', email: 'Grace@Example.com', password: 'nanoseconds', last_name: 'Hopper' }
    ask({ kind: 'migrate' }, { kind: 'create_user', fields })
  })
  afterAll(() => scratch?.drop())

  const auth = () => {
    const database = djangoDatabase({ driver: scratch.driver, secretKey, djangoVersion })
    return createAuth({
      database,
      secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
      baseURL: origin,
      env: {},
      production: false,
      rateLimit: { enabled: false },
      emailAndPassword: { enabled: true, password: database.password },
      plugins: [database.sessionCookie()],
    })
  }

  /** A browser that keeps its cookies. */
  const browser = ({ handler }: ReturnType<typeof auth>) => {
    const jar = new Map<string, string>()
    const send = async (path: string, body?: object) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const init = body && { method: 'POST', body: JSON.stringify(body) }
      const headers = { origin, cookie, 'content-type': 'application/json' }
      const response = await handler(new Request(`${origin}/api/auth${path}`, { ...init, headers }))
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/max-age=0/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      return { status: response.status, body: await response.json() }
    }
    return Object.assign(send, { jar })
  }
  const keysOf = async (username: string) => {
    const rows = await scratch.driver.all(
      `select k.session_key from keystile_session k join auth_user u on u.id = k.user_id where u.username = '${username}' order by k.created_at`,
    )
    return rows.map((row) => String(row.session_key))
  }

  it('who signs up here is a user there, signed in', async () => {
    const page = browser(auth())
    const { status, body } = await page('/sign-up/email', ada)
    expect([status, body.user]).toMatchObject([200, { name: ada.name, email: ada.email, emailVerified: false }])
    const [key] = await keysOf(ada.email)
    const row = {
      id: Number(body.user.id),
      first_name: 'Ada',
      last_name: ' King of Lovelace',
      email: ada.email,
      is_active: true,
      is_staff: false,
      is_superuser: false,
      date_joined: isoformat(body.user.createdAt),
    }
    ask(
      { kind: 'user_row', username: ada.email, password: ada.password, expect: row },
      whoami(key, ada.email),
      { kind: 'login', username: ada.email, password: ada.password },
      // Nothing was hashed anew.
      whoami(key, ada.email),
    )
    expect((await page('/get-session')).body.user).toMatchObject({ id: body.user.id, name: ada.name })
    expect((await page('/sign-up/email', { ...ada, email: 'ADA@example.com' })).status).toBe(422)
  })

  it('who is a user there signs in here, and is signed in there too', async () => {
    const page = browser(auth())
    const { status, body } = await page('/sign-in/email', { email: 'GRACE@example.com', password: 'nanoseconds' })
    expect([status, body.user]).toMatchObject([200, { name: 'Hopper', emailVerified: false, image: null }])
    const { session } = (await page('/get-session')).body
    const [key] = await keysOf('Grace')
    expect(session.id).not.toBe(key)
    const began = isoformat(session.createdAt)
    ask(whoami(key, 'Grace'), { kind: 'user_row', username: 'Grace', expect: { last_login: began } })
    expect((await page('/update-user', { name: 'Grace Hopper', image: '/g.png' })).status).toBe(200)
    expect((await page('/get-session')).body.user).toMatchObject({ name: 'Grace Hopper', image: '/g.png' })
    ask({ kind: 'user_row', username: 'Grace', expect: { first_name: 'Grace', last_name: 'Hopper' } })
  })

  it('a session that is ended there is ended here, and the other way round', async () => {
    const one = auth()
    const [first, second] = [browser(one), browser(one)]
    await first('/sign-in/email', { email: 'grace@example.com', password: 'nanoseconds' })
    await second('/sign-in/email', { email: 'grace@example.com', password: 'nanoseconds' })
    const [key, other] = (await keysOf('Grace')).slice(-2)
    ask({ kind: 'visit', sessionid: key, logout: true, expect: { user: null, cookie: 'deleted' } })
    expect((await first('/get-session')).body).toBeNull()
    expect((await second('/get-session')).body).not.toBeNull()
    await second('/sign-out', {})
    ask(whoami(other, null))
    expect(await scratch.driver.all(`select 1 from django_session where session_key = '${other}'`)).toEqual([])
  })

  it('a new password ends the other sessions on both sides, and keeps the one that set it', async () => {
    const one = auth()
    const [mine, other] = [browser(one), browser(one)]
    const sam = { name: 'Sam', email: 'sam@example.com', password: 'old password' }
    await mine('/sign-up/email', sam)
    await other('/sign-in/email', sam)
    const [first] = await keysOf(sam.email)
    const changed = await mine('/change-password', { currentPassword: 'old password', newPassword: 'new password' })
    expect(changed.status).toBe(200)
    expect((await mine('/get-session')).body.user.email).toBe(sam.email)
    expect((await other('/get-session')).body).toBeNull()
    ask(
      whoami(first, sam.email),
      { kind: 'login', username: sam.email, password: 'new password' },
      { kind: 'login', username: sam.email, password: 'old password', expect: false },
    )

    const rotating = { currentPassword: 'new password', newPassword: 'newer password', revokeOtherSessions: true }
    expect((await mine('/change-password', rotating)).status).toBe(200)
    expect((await mine('/get-session')).body.user.email).toBe(sam.email)
    const keys = await keysOf(sam.email)
    expect(keys).toHaveLength(1)
    // Who knew the key knows nothing now.
    expect(keys).not.toEqual([first])
    ask(whoami(keys[0], sam.email), whoami(first, null), {
      kind: 'save_user',
      username: sam.email,
      password: 'of Django',
    })
    expect((await mine('/get-session')).body).toBeNull()
    expect((await mine('/sign-in/email', { ...sam, password: 'of Django' })).status).toBe(200)
  })

  it('Django’s own cookie goes where ours goes', async () => {
    const page = browser(auth())
    const may = { name: 'May', email: 'may@example.com', password: 'first password' }
    await page('/sign-up/email', may)
    const first = page.jar.get('sessionid')
    expect(await keysOf(may.email)).toEqual([first])
    const rotating = { currentPassword: may.password, newPassword: 'other password', revokeOtherSessions: true }
    await page('/change-password', rotating)
    const second = page.jar.get('sessionid')
    expect(second).not.toBe(first)
    ask(whoami(second, may.email), whoami(first, null))
    await page('/sign-out', {})
    expect([...page.jar.keys()]).toEqual([])
    // A day, or as long as the browser is open.
    await page('/sign-in/email', { ...may, password: 'other password', rememberMe: false })
    ask({ kind: 'visit', sessionid: page.jar.get('sessionid'), logout: true, expect: { user: null } })
    expect((await page('/get-session')).body).toBeNull()
    expect([...page.jar.keys()]).toEqual([])
  })

  it('lets nobody in who is not active', async () => {
    const page = browser(auth())
    const eve = { name: 'Eve', email: 'eve@example.com', password: 'let me in' }
    await page('/sign-up/email', eve)
    const wrong = await browser(auth())('/sign-in/email', { ...eve, password: 'wrong' })
    ask({ kind: 'save_user', username: eve.email, fields: { is_active: false } })
    expect((await page('/get-session')).body).toBeNull()
    expect(await page('/sign-in/email', eve)).toEqual(wrong)
    expect(wrong.status).toBe(401)
    ask({ kind: 'save_user', username: eve.email, fields: { is_active: true } })
    expect((await page('/sign-in/email', eve)).status).toBe(200)
    ask({ kind: 'delete_user', username: eve.email })
    expect((await page('/get-session')).body).toBeNull()
    expect(await keysOf(eve.email)).toEqual([])
    expect(await scratch.driver.all(`select * from keystile_user where email_key = '${eve.email}'`)).toEqual([])
    expect((await page('/sign-up/email', eve)).status).toBe(200)
    expect(dialect).toBe(scratch.driver.dialect)
  })
})
