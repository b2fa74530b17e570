/** The user's row comes along with the session's once it is known whose that is, and says the same as one by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Django, django } from './django.ts'
import type { DjangoOptions } from './options.ts'
import { databaseSessions } from './sessions/db.ts'
import type { SqlParameter } from './sql/driver.ts'
import type { JoinedRow } from './sql/joined.ts'
import { type Scratch, testDatabases } from './testing/databases.ts'
import { djangoTables } from './testing/django-tables.ts'
import { watched } from './testing/watched.ts'
import { knownUsers } from './users/known.ts'

const START = Date.UTC(2026, 0, 1)
const url = 'http://example.com/'
const cheap = { passwordHashers: [{ algorithm: 'pbkdf2_sha256', iterations: 10 }] } as const

describe.each(testDatabases)('on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  let watch: ReturnType<typeof watched>
  let now: number
  beforeEach(async () => {
    if (missing) return
    now = START
    scratch = await open()
    watch = watched(scratch.driver)
    await scratch.script(djangoTables(dialect))
  })
  afterEach(() => scratch?.drop())

  const run = (text: string) => scratch.driver.run(text)
  const quote = dialect === 'mysql' ? '`' : '"'
  const siteOf = (more: Partial<DjangoOptions> = {}) =>
    django({ driver: watch.driver, secretKey: 'the key', clock: () => now, ...cheap, ...more })

  const asking = (site: Django, key: string) =>
    site.open({ method: 'GET', url, headers: new Headers({ cookie: `sessionid=${key}` }) })

  /** Signs somebody in, whose session is asked once: from then on it is known whose it is. */
  async function signedIn(site: Django, username: string, columns: Record<string, string | number> = {}) {
    const user = await site.users.register({ username, password: 'pw', ...columns })
    const session = await site.openSession()
    await site.auth.login(session, { id: user.id ?? '', password: String(user.get('password')) })
    session.set('cart', 'full')
    await session.save()
    const key = session.key ?? ''
    expect((await asking(site, key).user())?.id).toBe(user.id)
    watch.take()
    return { key, id: user.id ?? '' }
  }

  it('one statement gives both, with all that there is of the user', async () => {
    const site = siteOf()
    const { key, id } = await signedIn(site, 'ann', { first_name: 'Änn', email: 'ann@example.com' })
    const request = asking(site, key)
    const user = await request.user()
    expect(watch.take()).toHaveLength(1)
    expect((await request.session()).data).toMatchObject({ _auth_user_id: id, cart: 'full' })
    expect(watch.take()).toEqual([])
    expect(user?.fields).toMatchObject({ username: 'ann', first_name: 'Änn', email: 'ann@example.com' })
    expect({ ...user?.fields, password: user?.get('password') }).toEqual({ ...(await site.users.byId(id))?.fields })
    watch.take()
    await user?.reload()
    expect(watch.take()).toHaveLength(1)
    expect(await request.finish(200)).toEqual([['Vary', 'Cookie']])
  })

  it('a session that was opened before is not read again', async () => {
    const site = siteOf()
    const { key, id } = await signedIn(site, 'ann')
    const request = asking(site, key)
    await request.session()
    expect((await request.user())?.id).toBe(id)
    expect(watch.take()).toHaveLength(2)
    const both = asking(site, key)
    const [user, session] = await Promise.all([both.user(), both.session()])
    expect([user?.id, session.get('cart')]).toEqual([id, 'full'])
    expect(watch.take()).toHaveLength(1)
  })

  const nobody: Record<string, (who: { key: string; id: string }) => Promise<unknown>> = {
    'that is gone': ({ id }) => run(`delete from auth_user where id = ${id}`),
    'who is not active any more': ({ id }) =>
      run(`update auth_user set is_active = ${dialect === 'postgresql' ? 'false' : 0} where id = ${id}`),
    'with another password': ({ id }) => run(`update auth_user set password = 'other' where id = ${id}`),
    'whose session was ended': () => run('delete from django_session'),
    'whose session is over': async () => {
      now += 15 * 86_400_000
    },
    'whose session was tampered with': () => run("update django_session set session_data = 'junk'"),
    'whose session has its key in other letters': ({ key }) =>
      run(`update django_session set session_key = '${key.toUpperCase()}'`),
  }
  it.each(Object.keys(nobody))('is nobody: a user %s', async (name) => {
    const site = siteOf()
    const who = await signedIn(site, 'ann')
    await nobody[name]?.(who)
    expect(await asking(site, who.key).user()).toBeNull()
    const [first, ...rest] = watch.take()
    expect(first).toMatch(/left join/i)
    // Ended where the password is another: nothing else is asked or written.
    expect(rest).toHaveLength(name === 'with another password' ? 1 : 0)
  })

  it('is another, where the session is another’s now', async () => {
    const site = siteOf()
    const ann = await signedIn(site, 'ann')
    const bob = await signedIn(site, 'bob', { email: 'bob@example.com' })
    const data = `(select session_data from django_session where session_key = '${bob.key}')`
    await run(`update django_session set session_data = (select * from ${data} as x) where session_key = '${ann.key}'`)
    const user = await asking(site, ann.key).user()
    expect([user?.id, user?.get('email')]).toEqual([bob.id, 'bob@example.com'])
    expect(watch.take()).toHaveLength(2)
    expect((await asking(site, ann.key).user())?.id).toBe(bob.id)
    expect(watch.take()).toHaveLength(1)
  })

  it('whatever the table of users is like', async () => {
    await scratch.script([
      `create table people (nick varchar(30) not null primary key, password varchar(128) not null, session_key varchar(40), ${quote}session data${quote} varchar(40), ${quote}order${quote} integer)`,
    ])
    const site = siteOf({ usersTable: 'people', usernameField: 'nick' })
    await run("insert into people values ('null', '', 'their own', 'too', 7)")
    const session = await site.openSession()
    await site.auth.login(session, { id: 'null', password: '' })
    await session.save()
    const key = session.key ?? ''
    for (const statements of [2, 1]) {
      watch.take()
      // The table is looked at with the first.
      const user = await asking(site, key).user()
      expect(user?.fields).toMatchObject({ nick: 'null', session_key: 'their own', 'session data': 'too', order: 7 })
      if (statements === 1) expect(watch.take()).toHaveLength(1)
    }
    // Their key is the text of no value, and their password that of none.
    await run('delete from people')
    expect(await asking(site, key).user()).toBeNull()
    // To some databases these letters are the same.
    await run("insert into people values ('NULL', '', '', '', 0)")
    expect(await asking(site, key).user()).toBeNull()
  })

  it('of a database of its own, where sessions are elsewhere', async () => {
    const elsewhere = await open()
    try {
      await elsewhere.script(djangoTables(dialect))
      const site = siteOf({ sessions: (parts) => databaseSessions({ ...parts, driver: elsewhere.driver }) })
      const { key, id } = await signedIn(site, 'ann')
      const copy = { ...(await site.users.byId(id))?.fields, email: 'another@example.com' }
      const names = Object.keys(copy)
      await elsewhere.driver.run(
        `insert into auth_user (${names.join(', ')}) values (${names.map((_, i) => (dialect === 'postgresql' ? `$${i + 1}` : '?')).join(', ')})`,
        Object.entries(copy).map(
          ([name, value]) => (/^(last_login|date_)/.test(name) ? '2026-01-01 00:00:00' : value) as SqlParameter,
        ),
      )
      expect((await asking(site, key).user())?.get('email')).toBe('')
      await run(`delete from auth_user where id = ${id}`)
      expect(await asking(site, key).user()).toBeNull()
    } finally {
      await elsewhere.drop()
    }
  })

  it('an engine that an app has made of ours is asked itself', async () => {
    const loaded: string[] = []
    const site = siteOf({
      sessions(parts) {
        const engine = databaseSessions(parts)
        const load = (key: string) => {
          loaded.push(key)
          return engine.load(key)
        }
        return { ...engine, load }
      },
    })
    const { key, id } = await signedIn(site, 'ann')
    expect((await asking(site, key).user())?.id).toBe(id)
    expect(loaded).toEqual([key, key])
  })

  it('a failure is told, and the next request begins anew', async () => {
    const site = siteOf()
    const { key, id } = await signedIn(site, 'ann')
    await run('alter table auth_user rename to elsewhere')
    const request = asking(site, key)
    await expect(request.user()).rejects.toThrow()
    const page = asking(site, key)
    await expect(page.user()).rejects.toThrow()
    expect(await page.finish(200)).toEqual([['Vary', 'Cookie']])
    // The session can be had without its user.
    expect((await request.session()).get('cart')).toBe('full')
    expect(await request.finish(200)).toEqual([['Vary', 'Cookie']])
    await run('alter table elsewhere rename to auth_user')
    expect((await request.user())?.id).toBe(id)
  })
})

it('the users of as many sessions are known as are remembered', () => {
  const known = knownUsers({ joined: (id) => ({ id }) as JoinedRow })
  for (let i = 0; i <= 5000; i++) known.remember(`key ${i}`, `id ${i}`)
  expect(known.joined('key 0')).toBeUndefined()
  expect(known.joined('key 1')?.id).toBe('id 1')
  expect(known.joined('key 5000')?.id).toBe('id 5000')
})
