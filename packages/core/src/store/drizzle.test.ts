import { drizzle as drizzleD1 } from 'drizzle-orm/d1'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import Client from 'libsql'
import { describe, expect, it } from 'vitest'
import { accountTable, sessionTable, userTable } from '../domain/model.ts'
import { ConfigError } from '../lib/errors.ts'
import { openStore, type StoreOptions } from './open.ts'
import { extendTable } from './table.ts'
import { asyncDatabase, syncDatabase } from './testing/app-database.ts'

const options = (tables: StoreOptions['tables'], more: Partial<StoreOptions> = {}): StoreOptions => ({
  tables,
  makeId: (model) => `${model}1`,
  idType: 'text',
  ...more,
})
const now = new Date('2026-01-02T03:04:05.678Z')
const user = { name: 'Ann', email: 'a@x', createdAt: now, updatedAt: now }

/** As `drizzle-orm` schemas of better-auth apps look: other property names, seconds, defaults of their own. */
const users = sqliteTable('user', {
  id: text('id').primaryKey(),
  fullName: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: integer('email_verified', { mode: 'boolean' }).notNull(),
  image: text('image'),
  createdAt: integer('created_at', { mode: 'timestamp' }).notNull(),
  updatedAt: integer('updated_at')
    .notNull()
    .$onUpdate(() => 7),
  slug: text('slug')
    .notNull()
    .$defaultFn(() => 'made'),
  touched: integer('touched').$onUpdate(() => 42),
})
const userDdl = `create table user (id text primary key, name text not null, email text not null unique,
  email_verified integer not null, image text, created_at integer not null, updated_at integer not null,
  slug text not null, touched integer);`

function database(ddl: string, schema: Record<string, unknown>, casing?: 'snake_case') {
  const client = new Client(':memory:')
  client.exec(ddl)
  return { client, db: syncDatabase(client, schema, casing), rows: (q: string) => client.prepare(q).raw().all([]) }
}

describe("a store on the app's drizzle tables", () => {
  it('writes as the columns of the schema do, and fills those of the app', async () => {
    const { db, rows } = database(userDdl, { users })
    const store = openStore(db, options([userTable]))
    const row = await store.insert(userTable, user)
    expect(row.createdAt).toEqual(new Date('2026-01-02T03:04:05.000Z'))
    const seconds = Math.floor(now.getTime() / 1000)
    const query = 'select name, email_verified, created_at, updated_at, slug, touched from user'
    expect(rows(query)).toEqual([['Ann', 0, seconds, seconds, 'made', 42]])
    const later = new Date('2027-01-01T00:00:00.000Z')
    expect(await store.update(userTable, { id: row.id }, { updatedAt: later })).toMatchObject({ updatedAt: later })
    expect(await store.count(userTable, { updatedAt: { gte: later } })).toBe(1)
    expect(store.findings).toEqual([])
  })

  it('learns from a row whether plain numbers are milliseconds', async () => {
    const { client, db, rows } = database(userDdl, { users })
    client.exec(`insert into user values ('old', 'O', 'o@x', 0, null, 1, ${now.getTime()}, 's', null)`)
    const store = openStore(db, options([userTable]))
    expect(await store.find(userTable, { id: 'old' })).toMatchObject({ updatedAt: now })
    await store.insert(userTable, user)
    expect(rows(`select updated_at from user where id = 'user1'`)).toEqual([[now.getTime()]])
  })

  it("follows the database's casing, and names the app gave its tables and columns", async () => {
    const people = sqliteTable('people', {
      id: text().primaryKey(),
      name: text().notNull(),
      mailAddress: text().notNull(),
      emailVerified: integer({ mode: 'boolean' }).notNull(),
      image: text(),
      createdAt: text().notNull(),
      updatedAt: text().notNull(),
    })
    const ddl = `create table people (id text primary key, name text, mail_address text, email_verified integer,
      image text, created_at text, updated_at text)`
    const { db, rows } = database(ddl, { people }, 'snake_case')
    const table = extendTable(userTable, { tableName: 'people', columns: { email: 'mailAddress' } })
    const mapped = extendTable(table, { columns: { email: 'mail_address' } })
    const store = openStore(db, options([mapped]))
    expect(await store.insert(userTable, user)).toMatchObject({ email: 'a@x', createdAt: now })
    expect(rows('select mail_address, created_at from people')).toEqual([['a@x', now.toISOString()]])
  })

  it('lists everything that the schema lacks, with the fix', async () => {
    const { email, ...rest } = { id: text('id'), email: text('email'), name: text('name') }
    expect(email).toBeDefined()
    const store = openStore(database('', { users: sqliteTable('user', rest) }).db, options([userTable, accountTable]))
    const error = await store.ready().then(
      () => expect.unreachable(),
      (reason: unknown) => reason as ConfigError,
    )
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.problems.map((problem) => problem.message)).toEqual([
      'Table user of the drizzle schema has no column email',
      'Table user of the drizzle schema has no column emailVerified',
      'Table user of the drizzle schema has no column image',
      'Table user of the drizzle schema has no column createdAt',
      'Table user of the drizzle schema has no column updatedAt',
      'The drizzle schema has no table named account',
    ])
    for (const problem of error.problems) expect(problem.fix).toBeTruthy()
    await expect(openStore(database('', {}).db, options([userTable])).ready()).rejects.toThrow('without its schema')
  })

  it('refuses D1, which could leave a user without an account', async () => {
    const d1 = { prepare() {}, batch() {}, exec() {}, withSession() {} }
    const store = openStore(drizzleD1(d1 as never, { schema: { users } }), options([userTable]))
    await expect(store.ready()).rejects.toMatchObject({
      code: 'DRIZZLE_WITHOUT_TRANSACTIONS',
      problems: [{ fix: expect.stringContaining('durable-sqlite') }],
    })
  })

  it('serves without our extra columns and says so', async () => {
    const sessions = sqliteTable('session', {
      id: text('id').primaryKey(),
      expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
      token: text('token').notNull(),
      createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
      updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
      ipAddress: text('ip_address'),
      userAgent: text('user_agent'),
      userId: text('user_id').notNull(),
      needed: text('needed').notNull(),
    })
    const ddl = `create table session (id text primary key, expires_at integer, token text, created_at integer,
      updated_at integer, ip_address text, user_agent text, user_id text, needed text)`
    const store = openStore(database(ddl, { sessions }).db, options([sessionTable]))
    const given = { token: 't', userId: 'u', expiresAt: now, createdAt: now, updatedAt: now, amr: 'pwd' }
    expect(await store.insert(sessionTable, given)).toMatchObject({ token: 't', amr: null })
    expect(await store.find(sessionTable, { amr: 'pwd' })).toBeNull()
    expect(await store.find(sessionTable, { amr: null })).toMatchObject({ token: 't' })
    expect(await store.update(sessionTable, { token: 't' }, { aal: 'aal2' })).toMatchObject({ token: 't', aal: null })
    expect(store.findings).toHaveLength(4)
    expect(store.findings.join('\n')).toContain('session.needed is NOT NULL')
  })

  it('leaves a transaction to an asynchronous driver, which may give it a connection of its own', async () => {
    const client = new Client(':memory:')
    client.exec(userDdl)
    const db = asyncDatabase(client, { users })
    const sessions: unknown[] = []
    const transaction = db.transaction.bind(db)
    db.transaction = (work, config) =>
      transaction((tx) => {
        sessions.push(config)
        return work(tx)
      }, config)
    const store = openStore(db, options([userTable]))
    await store.transaction((tx) => tx.insert(userTable, user))
    expect(sessions).toEqual([{ behavior: 'immediate' }])
    expect(await store.count(userTable, {})).toBe(1)
  })

  it("takes ids from the app's own default where we make none", async () => {
    const own = sqliteTable('user', { ...ownColumns, id: text('id').$defaultFn(() => 'theirs') })
    const ddl = `create table user (id text, name text, email text, email_verified integer, image text,
      created_at integer, updated_at integer)`
    const { db } = database(ddl, { own })
    const store = openStore(db, options([userTable], { idType: 'database', makeId: () => undefined }))
    expect(await store.insert(userTable, user)).toMatchObject({ id: 'theirs', createdAt: now })
  })
})

const ownColumns = {
  name: text('name'),
  email: text('email'),
  emailVerified: integer('email_verified', { mode: 'boolean' }),
  image: text('image'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }),
}
