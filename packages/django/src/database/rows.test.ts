/** Users, passwords and sessions as rows of a store, on each database that is there. */
import { extendTable, openStore, type Store, type Table } from '@keystile/core/store'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sessionHashes } from '../auth/session-hash.ts'
import { rowCodec } from '../sessions/codec.ts'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { type DjangoDatabaseOptions, djangoDatabase } from './database.ts'
import { account, accountOf, hashOf, maybe, now, session, sessionOf, user, week } from './testing/model.ts'

const named = extendTable(user, {
  fields: { username: { ...maybe, unique: true }, level: { type: 'number', required: true, defaultValue: 3 } },
})

const secretKey = 'the key of the project'
const [hash, another] = [hashOf(0), hashOf(1)]

describe.each(testDatabases)('rows on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  const stores: Store[] = []
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
  }, 60_000)
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await scratch.driver.run('delete from django_session')
    await scratch.driver.run('delete from auth_user')
  })
  afterAll(() => scratch?.drop())

  let statements: string[] = []
  let count = 0
  function opened(options: Partial<DjangoDatabaseOptions> = {}, users: Table = user as Table): Store {
    const store = openStore(djangoDatabase({ driver: scratch.driver, secretKey, ...options }), {
      tables: [users, session as Table, account as Table],
      idType: 'text',
      makeId: (model) => `${model}-${++count}`,
      onStatement: (sql) => statements.push(sql),
    })
    stores.push(store)
    return store
  }
  const ann = { name: 'Ann Lee', email: 'ann@example.com', createdAt: now, updatedAt: now }
  const withPassword = async (store: Store) => {
    const row = await store.insert(user, ann)
    await store.insert(account, accountOf(row.id, hash))
    return row
  }
  const mark = dialect === 'postgresql' ? (n: number) => `$${n}` : () => '?'
  const yes = dialect === 'postgresql' ? true : 1
  const no = dialect === 'postgresql' ? false : 0
  /** A user as Django's own code would have made it. */
  async function djangoUser(more: Record<string, string | boolean | number | null>) {
    const values = {
      username: 'dj',
      email: '',
      first_name: '',
      last_name: '',
      password: '!',
      is_active: yes,
      is_staff: no,
      is_superuser: no,
      last_login: null,
      date_joined: `2020-01-02 03:04:05.000006${dialect === 'postgresql' ? '+00' : ''}`,
      ...more,
    }
    const names = Object.keys(values)
    await scratch.driver.run(
      `insert into auth_user (${names.join(', ')}) values (${names.map((_, i) => mark(i + 1)).join(', ')})`,
      Object.values(values),
    )
  }

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
    const [there] = await scratch.driver.all('select * from auth_user')
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
    expect(await scratch.driver.all('select * from keystile_user')).toEqual([])
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
    const [there] = await scratch.driver.all('select date_joined from auth_user')
    expect(there?.date_joined).toMatch(/\.000006/)
  })

  it('an address is one person’s, whatever the case; the empty one is nobody’s', async () => {
    const store = opened()
    await djangoUser({ username: 'old', email: 'ANN@example.com' })
    await djangoUser({ username: 'new', email: 'ann@Example.com' })
    await djangoUser({ username: 'without' })
    expect(await store.find(user, { email: '' })).toBeNull()
    expect(await store.count(user, { email: 'ánn@example.com' })).toBe(0)
    const [old] = await scratch.driver.all("select id from auth_user where username = 'old'")
    expect((await store.find(user, { email: ann.email }))?.id).toBe(String(old?.id))
    await expect(store.insert(user, ann)).rejects.toMatchObject({ name: 'UniqueViolation', fields: ['email'] })
    const bob = await store.insert(user, { ...ann, email: 'bob@example.com' })
    await expect(store.update(user, { id: bob.id }, { email: ann.email })).rejects.toMatchObject({ fields: ['email'] })
    // Who has another address in Django by now, does not keep the old one from others.
    await scratch.driver.run(
      "update auth_user set email = 'x@example.com', username = 'bob' where username = 'bob@example.com'",
    )
    expect((await store.insert(user, { ...ann, email: 'bob@example.com' })).id).not.toBe(bob.id)
  })

  it('of many who sign up with one address at once one does', async () => {
    const store = opened({}, named as Table)
    const other = openStore(djangoDatabase({ driver: scratch.another(), secretKey }), {
      tables: [named, session, account],
      idType: 'text',
      makeId: () => undefined,
    })
    stores.push(other)
    await other.ready()
    const tries = Array.from({ length: 12 }, (_, n) =>
      (n % 2 ? store : other).transaction(async (tx) => {
        const row = await tx.insert(named, { ...ann, username: `ann${n}` } as never)
        await tx.insert(account, accountOf((row as { id: string }).id))
      }),
    )
    const lost = (await Promise.allSettled(tries)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(lost.map(({ name, fields }) => [name, fields])).toEqual(
      Array.from({ length: 11 }, () => ['UniqueViolation', ['email']]),
    )
    expect(await store.count(user, {})).toBe(1)
  })

  it('a user name is Django’s, and made up where there is none', async () => {
    const store = opened({}, named as Table)
    const users = named as unknown as Table<Record<string, unknown>>
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
    statements = []
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
    expect((await scratch.driver.all('select password from auth_user'))[0]?.password).toMatch(/^!/)
  })

  it('a session is one of Django’s, read with its user in one statement', async () => {
    const store = opened()
    const row = await withPassword(store)
    const made = await store.insertIf(session, sessionOf(row.id), account, {
      id: `credential:${row.id}`,
      password: hash,
    })
    expect(made).toEqual({ id: expect.stringMatching(/^session-/), ...sessionOf(row.id) })
    const [there] = await scratch.driver.all('select d.*, u.last_login from django_session d, auth_user u')
    expect(there?.session_key).toMatch(/^[a-z0-9]{32}$/)
    expect({ ...rowCodec({ secretKey }).decode(String(there?.session_data)) }).toEqual({
      _auth_user_id: row.id,
      _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
      _auth_user_hash: sessionHashes({ secretKey }).make(hash),
    })
    expect(there?.last_login).toMatch(/^2026-01-02 03:04:05\.678/)
    statements = []
    const onUser = { left: 'userId', right: 'id' }
    expect(await store.join(session, { token: 'h1.token' }, user, onUser)).toEqual([made, row])
    expect(statements).toHaveLength(1)
    expect(
      await store.insertIf(session, sessionOf(row.id, 'b'), account, { id: `credential:${row.id}`, password: another }),
    ).toBeNull()
    expect(await store.insertIf(session, sessionOf(row.id, 'b'), user, { id: '0' })).toBeNull()
    expect(await store.count(session, {})).toBe(1)
    await expect(store.insert(session, sessionOf(row.id))).rejects.toMatchObject({ fields: ['token'] })
    expect(await scratch.driver.all('select * from django_session')).toHaveLength(1)
  })

  it('a session counts while its user is active and has the password it began with', async () => {
    const store = opened()
    const row = await withPassword(store)
    const made = await store.insert(session, sessionOf(row.id))
    const seen = () => store.find(session, { token: 'h1.token' })
    const set = (what: string) => scratch.driver.run(`update auth_user set ${what}`)
    await set(`is_active = ${dialect === 'postgresql' ? 'false' : '0'}`)
    expect(await seen()).toBeNull()
    expect(await store.list(session, { userId: row.id })).toEqual([])
    expect(await store.insertIf(session, sessionOf(row.id, 'b'), account, { id: `credential:${row.id}` })).toBeNull()
    await set(`is_active = ${dialect === 'postgresql' ? 'true' : '1'}`)
    expect(await seen()).toEqual(made)
    await set(`password = '${another}'`)
    expect(await seen()).toBeNull()
    expect(await store.count(session, {})).toBe(0)
    expect(await store.update(session, { id: made.id }, { expiresAt: now })).toBeNull()
    await set(`password = '${hash}'`)
    expect(await seen()).toEqual(made)
    // Django knows keys that it signs with no more; who signs with another knows nothing of it.
    const rolled = opened({ secretKey: 'the new key', secretKeyFallbacks: [secretKey] })
    expect(await rolled.find(session, { token: 'h1.token' })).toEqual(made)
    expect(await opened({ secretKey: 'the new key' }).find(session, { token: 'h1.token' })).toBeNull()
    expect(await opened({ backends: ['a.b'] }).find(session, { token: 'h1.token' })).toBeNull()
    // What ends does so although it does not count.
    await set(`password = '${another}'`)
    expect(await store.remove(session, { userId: row.id })).toBe(1)
    expect(await scratch.driver.all('select * from django_session')).toEqual([])
  })

  it('sessions of ours outlive a password that is changed here, with all that Django put in them', async () => {
    const store = opened()
    const row = await withPassword(store)
    for (const token of ['a', 'b']) await store.insert(session, sessionOf(row.id, token))
    const codec = rowCodec({ secretKey })
    const [there] = await scratch.driver.all(
      "select d.* from django_session d join keystile_session k on k.session_key = d.session_key where token = 'a'",
    )
    const data = { ...codec.decode(String(there?.session_data)), cart: [9007199254740993n, 'é'] }
    await scratch.driver.run(`update django_session set session_data = ${mark(1)} where session_key = ${mark(2)}`, [
      codec.encode(data),
      String(there?.session_key),
    ])
    await store.update(account, { id: `credential:${row.id}` }, { password: another })
    expect(await store.count(session, {})).toBe(2)
    const [kept] = await scratch.driver.all(`select * from django_session where session_key = '${there?.session_key}'`)
    expect({ ...codec.decode(String(kept?.session_data)) }).toEqual({
      ...data,
      _auth_user_hash: sessionHashes({ secretKey }).make(another),
    })

    // A refresh moves the end alone, a new token the key.
    await store.update(session, { token: 'a' }, { expiresAt: new Date(week.getTime() + 1000) })
    const [moved] = await scratch.driver.all(`select * from django_session where session_key = '${there?.session_key}'`)
    expect(moved).toEqual({ ...kept, expire_date: expect.stringMatching(/^2026-01-09 03:04:06\.678/) })
    expect(await store.update(session, { token: 'a' }, { token: 'c' })).toMatchObject({ token: 'c', ipAddress: '::1' })
    expect(
      await scratch.driver.all(`select * from django_session where session_key = '${there?.session_key}'`),
    ).toEqual([])
    expect(await store.find(session, { token: 'c' })).toMatchObject({ expiresAt: new Date(week.getTime() + 1000) })
    expect(await scratch.driver.all('select * from django_session')).toHaveLength(2)
  })

  it('sign-in and change of password at once leave no session of the old one', async () => {
    const store = opened()
    const row = await withPassword(store)
    let current = hash
    for (let round = 0; round < 12; round++) {
      const from = current
      const to = from === hash ? another : hash
      const id = `credential:${row.id}`
      const signIn = (n: number) =>
        store.insertIf(session, sessionOf(row.id, `${round}-${n}`), account, { id, password: from })
      const change = store.transaction(async (tx) => {
        const changed = await tx.update(account, { id, password: from }, { password: to })
        await tx.remove(session, { userId: row.id })
        return changed
      })
      await Promise.all([signIn(0), change, signIn(1)])
      current = to
      expect(await store.count(session, {})).toBe(0)
      expect(await scratch.driver.all('select * from django_session')).toEqual([])
    }
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

  it('made and dropped again it leaves the database as it was', async () => {
    await djangoUser({ email: 'Dj@Example.com' })
    await djangoDatabase({ driver: scratch.driver, secretKey }).dropOwnTables()
    const before = await dump()
    expect(before).toContain('auth_user')
    const store = opened({}, named as Table)
    await store.ready()
    expect(await dump()).not.toEqual(before)
    await djangoDatabase({ driver: scratch.driver, secretKey }).dropOwnTables()
    expect(await dump()).toEqual(before)
    for (const prefix of ['', 'a', 'auth', 'x"; _', 'K_', '_']) {
      expect(() => djangoDatabase({ driver: scratch.driver, secretKey, prefix })).toThrow(/prefix/)
    }
  })

  /** The schema and all rows, as text. */
  async function dump(): Promise<string> {
    const { driver } = scratch
    const lines: unknown[] = []
    const list = {
      sqlite: "select name from sqlite_master where type = 'table' order by name",
      postgresql: "select tablename::text as name from pg_tables where schemaname = 'public' order by 1",
      mysql: 'select table_name as name from information_schema.tables where table_schema = database() order by 1',
    }
    const schema = {
      sqlite: ['select type, name, tbl_name, sql from sqlite_master order by type, name'],
      postgresql: [
        "select table_name::text, column_name::text, data_type, column_default, is_nullable from information_schema.columns where table_schema = 'public' order by 1, 2",
        "select indexname::text, indexdef from pg_indexes where schemaname = 'public' order by 1",
        'select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) from pg_constraint where connamespace = current_schema()::regnamespace order by 1, 2',
        "select sequencename::text, last_value from pg_sequences where schemaname = 'public' order by 1",
      ],
      mysql: [],
    }
    for (const query of schema[dialect]) lines.push(await driver.all(query))
    for (const { name } of await driver.all(list[dialect])) {
      if (dialect === 'mysql') lines.push(await driver.all(`show create table ${name}`))
      lines.push(name, await driver.all(`select * from ${name}`))
    }
    return JSON.stringify(lines)
  }

  it('a database that is none is told', async () => {
    const store = openStore(djangoDatabase({ driver: scratch.driver, secretKey, usersTable: 'nobody' }), {
      tables: [user],
      idType: 'text',
      makeId: () => undefined,
    })
    await expect(store.ready()).rejects.toMatchObject({
      code: 'BAD_MODEL',
      message: expect.stringMatching(/usersTable/),
    })
  })
})
