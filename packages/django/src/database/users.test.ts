/** Users and their passwords as rows of a store, on each database that is there. */
import { extendTable, type Table } from '@keystile/core/store'
import { describe, expect, it } from 'vitest'
import { testDatabases } from '../testing/databases.ts'
import { account, accountOf, ann, hashOf, maybe, now, user } from './testing/model.ts'
import { named, stage } from './testing/stage.ts'

const [hash, another] = [hashOf(0), hashOf(1)]

describe.each(testDatabases)('users on $name', (database) => {
  const { all, djangoUser, no, opened, run, scratch, statements, yes } = stage(database)

  it('a user has all columns of Django, and gives back what was given', async () => {
    const store = opened()
    const row = await store.insert(user, ann)
    expect(row).toEqual({ id: expect.stringMatching(/^\d+$/), ...ann, emailVerified: false, image: null })
    expect(await store.find(user, { id: row.id })).toEqual(row)
    expect(await store.find(user, { email: ann.email })).toEqual(row)
    expect(await store.find(user, { name: ann.name, createdAt: now })).toEqual(row)
    for (const id of [`0${row.id}`, ` ${row.id}`, `${row.id} `, 'x', '99999999999999999999', '']) {
      expect(await store.find(user, { id })).toBeNull()
    }
    const [there] = await all('select * from auth_user')
    expect(there).toMatchObject({
      username: ann.email,
      first_name: 'Ann',
      last_name: 'Lee',
      is_active: yes,
      is_staff: no,
      is_superuser: no,
      last_login: null,
    })
    expect(there?.password).toMatch(/^![A-Za-z0-9]{40}$/)
    const changed = await store.update(user, { id: row.id }, { name: ' Ann ', emailVerified: true, image: '/a.png' })
    expect(changed).toEqual({ ...row, name: ' Ann ', emailVerified: true, image: '/a.png' })
    expect(await store.find(user, { emailVerified: true })).toEqual(changed)
    const longest = `${'é'.repeat(150)} ${'ü'.repeat(150)}`
    expect((await store.update(user, { id: row.id }, { name: longest }))?.name).toBe(longest)
    expect((await store.find(user, { id: row.id }))?.name).toBe(longest)
    await expect(store.update(user, { id: row.id }, { name: `${longest}!` })).rejects.toMatchObject({ field: 'name' })
    expect(await store.remove(user, { id: row.id })).toBe(1)
    expect(await all('select * from keystile_user')).toEqual([])
  })

  it('a user whom Django made has what a new one has, until it is written', async () => {
    const store = opened()
    await djangoUser({ email: 'Dj@Example.com', last_name: 'Reinhardt' })
    const joined = new Date('2020-01-02T03:04:05.000Z')
    const row = await store.find(user, { email: 'dj@example.com' })
    expect(row).toEqual({
      id: expect.any(String),
      name: 'Reinhardt',
      email: 'Dj@Example.com',
      emailVerified: false,
      image: null,
      createdAt: joined,
      updatedAt: joined,
    })
    expect(await store.find(user, { emailVerified: false })).toEqual(row)
    const later = await store.update(user, { email: 'dj@example.com' }, { image: '/dj.png', updatedAt: now })
    expect(later).toEqual({ ...row, image: '/dj.png', updatedAt: now })
    expect(await store.find(user, { id: row?.id ?? '' })).toEqual(later)
    // A microsecond of Django's is not lost by what is written beside it.
    const [there] = await all('select date_joined from auth_user')
    expect(there?.date_joined).toMatch(/\.000006/)
  })

  it('an address is one person’s, whatever the case; the empty one is nobody’s', async () => {
    const store = opened()
    await djangoUser({ username: 'old', email: 'ANN@example.com' })
    await djangoUser({ username: 'new', email: 'ann@Example.com' })
    await djangoUser({ username: 'without' })
    expect(await store.find(user, { email: '' })).toBeNull()
    expect(await store.count(user, { email: 'ánn@example.com' })).toBe(0)
    const [old] = await all("select id from auth_user where username = 'old'")
    expect((await store.find(user, { email: ann.email }))?.id).toBe(String(old?.id))
    await expect(store.insert(user, ann)).rejects.toMatchObject({ name: 'UniqueViolation', fields: ['email'] })
    const bob = await store.insert(user, { ...ann, email: 'bob@example.com' })
    await expect(store.update(user, { id: bob.id }, { email: ann.email })).rejects.toMatchObject({ fields: ['email'] })
    // Who has another address in Django by now, does not keep the old one from others.
    await run("update auth_user set email = 'x@example.com', username = 'bob' where username = 'bob@example.com'")
    expect((await store.insert(user, { ...ann, email: 'bob@example.com' })).id).not.toBe(bob.id)
  })

  it('of many who sign up with one address at once one does', async () => {
    const store = opened({}, named)
    const other = opened({ driver: scratch().another() }, named)
    await other.ready()
    const tries = Array.from({ length: 12 }, (_, n) =>
      (n % 2 ? store : other).transaction(async (tx) => {
        const row = await tx.insert(named, { ...ann, username: `ann${n}` })
        await tx.insert(account, accountOf(String(row.id), hash))
      }),
    )
    const lost = (await Promise.allSettled(tries)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(lost.map(({ name, fields }) => [name, fields])).toEqual(
      Array.from({ length: 11 }, () => ['UniqueViolation', ['email']]),
    )
    expect(await store.count(user, {})).toBe(1)
  })

  it('a user name is Django’s, and made up where there is none', async () => {
    const store = opened({}, named)
    const users = named
    const row = await store.insert(users, { ...ann, username: 'ﬁne' })
    expect(row).toMatchObject({ username: 'fine', level: 3 })
    expect(await store.find(users, { username: 'ﬁne' })).toEqual(row)
    await expect(store.insert(users, { ...ann, email: 'b@example.com', username: 'fine' })).rejects.toMatchObject({
      name: 'UniqueViolation',
      fields: ['username'],
    })
    await expect(
      store.insert(users, { ...ann, email: 'b@example.com', username: 'x'.repeat(151) }),
    ).rejects.toMatchObject({ field: 'username' })
    expect(await store.count(users, {})).toBe(1)
    // Somebody else is named as the address.
    await djangoUser({ username: 'c@example.com' })
    const made = await store.insert(users, { ...ann, email: 'c@example.com' })
    expect(made.username).toMatch(/^c@example\.com-[A-Za-z0-9]{10}$/)
    const long = `${'x'.repeat(200)}@example.com`
    expect((await store.insert(users, { ...ann, email: long })).username).toMatch(/^x{139}-[A-Za-z0-9]{10}$/)
    await djangoUser({ username: 'plain' })
    expect(await store.find(users, { username: 'plain' })).toMatchObject({ level: 3, emailVerified: false })
    expect(await store.count(users, { level: 3 })).toBe(5)
  })

  it('a password is an account of its own', async () => {
    const store = opened()
    const row = await store.insert(user, ann)
    expect(await store.find(account, { userId: row.id, providerId: 'credential' })).toBeNull()
    await expect(store.insert(account, accountOf(row.id, '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA'))).rejects.toThrow(
      /password/,
    )
    const made = await store.insert(account, accountOf(row.id, hash))
    expect(made).toMatchObject({
      id: `credential:${row.id}`,
      userId: row.id,
      accountId: row.id,
      password: hash,
      accessToken: null,
    })
    await expect(store.insert(account, accountOf(row.id, hash))).rejects.toMatchObject({ name: 'UniqueViolation' })
    statements.length = 0
    const on = { left: 'id', right: 'userId' }
    const joined = await store.join(user, { email: ann.email }, account, on, { providerId: 'credential' })
    expect(joined?.[1]).toMatchObject({ id: made.id, password: hash, createdAt: now })
    expect(statements).toHaveLength(1)
    expect(await store.count(account, { id: made.id, password: hash.replace('md5', 'MD5') })).toBe(0)
    expect(await store.update(account, { id: made.id, password: 'another' }, { password: another })).toBeNull()
    expect(await store.update(account, { id: made.id, password: hash }, { password: another })).toMatchObject({
      password: another,
    })
    // Those of other providers stand in a table of ours.
    const hub = { ...accountOf(row.id, hash), providerId: 'hub', accountId: '7', password: null, accessToken: 'a' }
    const linked = await store.insert(account, hub)
    expect(
      await store.list(account, { userId: row.id }, { orderBy: { field: 'providerId', direction: 'asc' } }),
    ).toMatchObject([{ id: made.id }, { id: linked.id, accessToken: 'a' }])
    expect(await store.count(account, { userId: row.id })).toBe(2)
    expect(await store.find(account, { id: linked.id })).toEqual(linked)
    await expect(store.insert(account, hub)).rejects.toMatchObject({ fields: ['providerId', 'accountId'] })
    expect(await store.consume(account, { id: made.id })).toMatchObject({ password: another })
    expect(await store.find(account, { id: made.id })).toBeNull()
    expect((await all('select password from auth_user'))[0]?.password).toMatch(/^!/)
  })

  it('no client gets a column that says what a user may do', async () => {
    const field = (more: object) =>
      extendTable(user, { fields: { is_superuser: { type: 'boolean', required: false, ...more } } }) as Table
    await expect(opened({}, field({})).ready()).rejects.toMatchObject({ problems: [{ code: 'BAD_MODEL' }] })
    await expect(opened({}, extendTable(user, { fields: { password: maybe } }) as Table).ready()).rejects.toMatchObject(
      { code: 'BAD_MODEL' },
    )
    const store = opened({}, field({ input: false }))
    expect(await store.insert(user, ann)).toMatchObject({ is_superuser: false })
    expect(await store.find(user, {})).toMatchObject({ is_superuser: false })
  })
})
