/** Django and we on one database: what each does to a session, the other sees. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Django, django } from '../src/django.ts'
import type { DjangoOptions } from '../src/options.ts'
import { type Scratch, testDatabases } from '../src/testing/databases.ts'
import { DJANGO_VERSIONS } from '../src/version.ts'
import { type Item, judge, python, secretKey } from './judge.ts'

const release = python ? judge([], ['--about']).lines[0].django.split('.').slice(0, 2).join('.') : undefined
const djangoVersion = DJANGO_VERSIONS.find((version) => version === release)

describe.each(testDatabases)('on $name', ({ missing, open }) => {
  beforeEach(({ skip }) => skip(!python || missing !== undefined, missing ?? 'no Django on this machine'))

  let scratch: Scratch
  let site: Django

  const siteWith = (options: Partial<DjangoOptions> = {}) =>
    django({ driver: scratch.driver, secretKey, djangoVersion, passwordHashers: ['md5'], ...options })
  const settings = { PASSWORD_HASHERS: ['django.contrib.auth.hashers.MD5PasswordHasher'] }

  /** Django must take each of them. */
  function ask(items: readonly Item[]) {
    const asked = items.map((item) => ({ ...item, settings: { ...settings, ...(item.settings as object) } }))
    const { status, lines } = judge(asked, [], scratch.settings)
    expect(lines.slice(0, -1)).toEqual([])
    expect({ status, ...lines.at(-1) }).toMatchObject({ status: 0, failed: 0 })
  }

  beforeAll(async () => {
    if (!python || missing) return
    scratch = await open()
    site = siteWith()
    ask([
      { kind: 'migrate' },
      { kind: 'create_user', fields: { username: 'alice', password: 'pw' } },
      { kind: 'create_user', fields: { username: 'bob', password: 'pw' } },
    ])
  })
  afterAll(() => scratch?.drop())
  beforeEach(() => scratch?.driver.run('delete from django_session'))

  const request = (key?: string, from = site) =>
    from.open({
      method: 'GET',
      url: 'http://example.com/',
      headers: new Headers(key === undefined ? {} : { cookie: `sessionid=${key}` }),
    })

  /** What the session cookie was set to. */
  function keyIn(headers: readonly (readonly [string, string])[]): string {
    const line = headers.find(([, value]) => value.startsWith('sessionid='))?.[1]
    return /^sessionid=([^;]+)/.exec(line ?? '')?.[1] ?? expect.fail('no session was sent')
  }

  async function signIn(name: string, data: Record<string, string> = {}, from = site): Promise<string> {
    const one = request(undefined, from)
    await one.login((await from.authenticate(name, 'pw')) ?? expect.fail('not let in'))
    for (const [key, value] of Object.entries(data)) (await one.session()).set(key, value)
    return keyIn(await one.finish(200))
  }

  /** The sole session that there is. */
  async function soleKey(): Promise<string> {
    const rows = await scratch.driver.all('select session_key from django_session')
    expect(rows).toHaveLength(1)
    return String(rows[0]?.session_key)
  }

  const whoIs = async (key: string) => (await request(key).user())?.get('username') ?? null

  it('DJ-04 Django sees who signed in here, until here is signed out or the password changed', async () => {
    const [kept, left, flushed, lost] = [
      await signIn('alice', { note: 'ünï 🔑' }),
      await signIn('alice'),
      await signIn('bob'),
      await signIn('bob'),
    ] as const
    const leaving = request(flushed)
    await leaving.logout()
    await leaving.finish(200)
    const user = { user: 'alice', id: 1, cookie: null }
    ask([
      { kind: 'whoami', sessionid: kept, expect: { ...user, session: { note: 'ünï 🔑' } } },
      { kind: 'whoami', sessionid: left, expect: { ...user, session: {} } },
      { kind: 'whoami', sessionid: flushed, expect: { user: null, cookie: 'deleted' } },
      { kind: 'whoami', sessionid: lost, expect: { user: 'bob', id: 2 } },
    ])

    const changing = request(kept)
    const alice = (await changing.user()) ?? expect.fail('nobody')
    await alice.setPassword('pw2')
    await alice.save(['password'])
    await changing.updateSessionAuthHash(alice)
    const renewed = keyIn(await changing.finish(200))
    ask([
      { kind: 'whoami', sessionid: kept, expect: { user: null, cookie: 'deleted' } },
      { kind: 'whoami', sessionid: renewed, expect: { ...user, session: { note: 'ünï 🔑' } } },
      { kind: 'whoami', sessionid: left, expect: { user: null, session: {}, cookie: 'deleted' } },
      { kind: 'visit', sessionid: renewed, change: 'pw', expect: { ...user, cookie: 'set' } },
    ])
    expect(await whoIs(renewed)).toBeNull()
  })

  it('we see who signed in at Django, until Django signs them out or changes the password', async () => {
    ask([
      {
        kind: 'visit',
        login: 'alice',
        set: { n: 1.5, text: 'ü', big: 2 ** 53 },
        expect: { user: 'alice', cookie: 'set' },
      },
    ])
    const key = await soleKey()
    const here = request(key)
    expect((await here.user())?.get('username')).toBe('alice')
    const session = await here.session()
    expect({ ...session.data }).toMatchObject({ n: 1.5, text: 'ü', _auth_user_id: '1' })
    session.set('ours', ['ö'])
    expect(keyIn(await here.finish(200))).toBe(key)

    // What both change survives.
    const all = { n: 1.5, text: 'ü', big: 2 ** 53, ours: ['ö'], theirs: true }
    ask([
      { kind: 'visit', sessionid: key, set: { theirs: true }, expect: { user: 'alice', session: all, cookie: 'set' } },
    ])
    expect({ ...(await request(key).session()).data }).toMatchObject({ ours: ['ö'], theirs: true })

    ask([{ kind: 'visit', sessionid: key, change: 'pw', expect: { user: 'alice', session: all } }])
    expect(await whoIs(key)).toBeNull()
    const renewed = await soleKey()
    expect(await whoIs(renewed)).toBe('alice')
    ask([{ kind: 'visit', sessionid: renewed, logout: true, expect: { user: null, session: {}, cookie: 'deleted' } }])
    expect(await whoIs(renewed)).toBeNull()
    expect(await scratch.driver.all('select session_key from django_session')).toEqual([])
  })

  it('a session that has ended, and one that is no more, are none on either side', async () => {
    const past = siteWith({ clock: () => Date.now() - 1_209_600_000 - 60_000 })
    const ended = await signIn('alice', {}, past)
    const soon = siteWith({ clock: () => Date.now() - 1_209_600_000 + 3_600_000 })
    const live = await signIn('alice', {}, soon)
    const saving = request(live)
    ;(await saving.session()).set('a', 1)
    ask([
      { kind: 'whoami', sessionid: ended, expect: { user: null, cookie: 'deleted' } },
      { kind: 'visit', sessionid: live, logout: true, expect: { user: null } },
      { kind: 'whoami', sessionid: 'k'.repeat(32), expect: { user: null, cookie: 'deleted' } },
    ])
    expect(await whoIs(ended)).toBeNull()
    await expect(saving.finish(200)).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED' })
    expect(await whoIs(live)).toBeNull()
  })

  it('Django reads the sessions that are in cookies', async () => {
    const inCookies = siteWith({ sessions: 'signed_cookies' })
    const cookie = await signIn('alice', { note: 'ü'.repeat(300) }, inCookies)
    const engine = { SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies' }
    ask([
      {
        kind: 'whoami',
        settings: engine,
        sessionid: cookie,
        expect: { user: 'alice', session: { note: 'ü'.repeat(300) } },
      },
      { kind: 'whoami', settings: engine, sessionid: `${cookie}x`, expect: { user: null } },
    ])
    expect((await request(cookie, inCookies).user())?.get('username')).toBe('alice')
    expect(await scratch.driver.all('select session_key from django_session')).toEqual([])
  })
})
