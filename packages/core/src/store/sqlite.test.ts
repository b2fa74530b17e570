import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Client from 'libsql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountTable, sessionTable, userTable, verificationTable } from '../domain/model.ts'
import { openStore, type StoreOptions } from './open.ts'
import { loadDriver } from './sqlite-driver.ts'
import { extendTable } from './table.ts'
import { transpileStore } from './testing/transpile.ts'

const folder = await mkdtemp(join(tmpdir(), 'keystile-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `${files++}.db`)

const tables = [userTable, sessionTable, accountTable, verificationTable]
function options(more: Partial<StoreOptions> = {}): StoreOptions {
  let count = 0
  return { tables, makeId: (model) => `${model}${++count}`, idType: 'text', ...more }
}
const now = new Date('2026-01-02T03:04:05.678Z')
const user = { name: 'Ann', email: 'a@x', createdAt: now, updatedAt: now }
const account = { accountId: '1', createdAt: now, updatedAt: now }

/** A database that another program has made. */
function moved(ddl: string) {
  const path = newFile()
  const client = new Client(path)
  client.exec(ddl)
  return { path, client, rows: (query: string) => client.prepare(query).raw().all([]) as unknown[][] }
}

describe('the file of an embedded database', () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777

  it('is for its owner alone when it is new, and so are the files beside it', async () => {
    const path = newFile()
    const store = openStore(path, options())
    await store.insert(userTable, user)
    expect([path, `${path}-wal`].map(modeOf)).toEqual([0o600, 0o600])
    await store.close()
  })

  it('keeps the mode it has', async () => {
    const { path, client } = moved('create table other (id text)')
    client.close()
    chmodSync(path, 0o640)
    const store = openStore(path, options())
    await store.ready()
    expect(modeOf(path)).toBe(0o640)
    await store.close()
  })
})

describe('tables of an embedded database', () => {
  it('are made with the names the protocol knows', async () => {
    const path = newFile()
    const store = openStore(path, options())
    await store.ready()
    const client = new Client(path)
    const names = client.prepare(`select name from sqlite_master where sql is not null order by name`).raw().all([])
    expect((names as string[][]).flat()).toEqual([
      'account',
      'account_providerId_accountId_uidx',
      'account_userId_idx',
      'session',
      'session_token_uidx',
      'session_userId_idx',
      'user',
      'user_email_uidx',
      'verification',
      'verification_expiresAt_idx',
      'verification_identifier_idx',
    ])
    const query = `select group_concat(name || ' ' || lower(type) || ' ' || "notnull") from pragma_table_info('user')`
    expect(client.prepare(query).raw().get([])).toEqual([
      'id text 1,name text 1,email text 1,emailVerified integer 1,image text 0,createdAt date 1,updatedAt date 1',
    ])
    expect(store.findings).toEqual([])
    await store.insert(userTable, user)
    expect(client.prepare('select emailVerified, createdAt from user').raw().all([])).toEqual([[0, now.toISOString()]])
    expect(client.prepare('pragma journal_mode').raw().get([])).toEqual(['wal'])
    await store.close()
  })

  it('stay as they are at the next start, and take new fields with the rows they hold', async () => {
    const path = newFile()
    const first = openStore(path, options())
    await first.insert(userTable, user)
    await first.close()
    const wider = extendTable(userTable, {
      fields: {
        plan: { type: 'string', defaultValue: 'free' },
        age: { type: 'number', required: true },
        code: { type: 'string', required: false, unique: true },
      },
    })
    const second = openStore(path, options({ tables: [wider, sessionTable, accountTable] }))
    expect(await second.find(wider, { email: 'a@x' })).toMatchObject({ ...user, plan: 'free', age: null, code: null })
    await second.update(wider, {}, { code: 'c' } as never)
    const clash = second.insert(wider, { ...user, id: 'u9', email: 'b@x', age: 1, code: 'c' } as never)
    await expect(clash).rejects.toMatchObject({ table: 'user', fields: ['code'] })
    await second.close()
  })

  it('tell of duplicates instead of failing, and index once those are gone', async () => {
    const { path, client } = moved(`
      create table account (id text primary key not null, "accountId" text not null, "providerId" text not null,
        "userId" text not null, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date,
        "refreshTokenExpiresAt" date, scope text, password text, "createdAt" date not null, "updatedAt" date not null);
      insert into account (id, accountId, providerId, userId, createdAt, updatedAt)
        values ('1', 'x', 'p', 'u', '', ''), ('2', 'x', 'p', 'u', '', '');`)
    const warnings: string[] = []
    const first = openStore(path, options({ logger: { warn: (message) => warnings.push(message) } }))
    await first.ready()
    expect(first.findings).toEqual([expect.stringContaining('account holds several rows with the same providerId')])
    expect(warnings).toEqual(first.findings)
    await first.close()
    client.exec(`delete from account where id = '2'`)
    const second = openStore(path, options())
    await second.ready()
    expect(second.findings).toEqual([])
    await second.close()
  })

  it('fill the issuer that some versions demand, and tell of columns nobody knows', async () => {
    const { path, rows } = moved(`
      create table account (id text primary key not null, issuer text not null, "accountId" text not null,
        "providerId" text not null, "userId" text not null);
      create table user (id text primary key not null, name text not null, shoe integer not null);`)
    const store = openStore(path, options())
    await store.ready()
    expect(store.findings).toEqual([expect.stringContaining('user.shoe is NOT NULL')])
    for (const providerId of ['credential', 'my idp']) {
      await store.insert(accountTable, { ...account, providerId, userId: 'u' }).catch((error) => {
        expect(String(error)).toContain('FOREIGN KEY')
      })
    }
    expect(rows('select issuer from account order by issuer')).toEqual([['local:credential'], ['local:oauth:my%20idp']])
    await store.close()
  })
})

describe('dates that others have left', () => {
  const sessionDdl = (type: string, rest = '') => `
    create table user (id text primary key not null, name text not null, email text not null, emailVerified integer,
      image text, createdAt ${type} ${rest}, updatedAt ${type} ${rest});`
  const kept: [string, string, unknown, unknown][] = [
    ['ISO text', 'date', '2020-01-01T00:00:00.000Z', now.toISOString()],
    ['integer seconds', 'integer', 1_577_836_800, Math.floor(now.getTime() / 1000)],
    ['integer milliseconds', 'integer', 1_577_836_800_000, now.getTime()],
    ['seconds in a column declared as a date', 'datetime', 1_577_836_800, Math.floor(now.getTime() / 1000)],
  ]
  it.each(kept)('%s: read, compared and written alike', async (_, type, old, written) => {
    const { path, client, rows } = moved(sessionDdl(type))
    client.prepare(`insert into user values ('old', 'Old', 'o@x', 1, null, ?, ?)`).run([old, old])
    const store = openStore(path, options({ tables: [userTable] }))
    const then = new Date('2020-01-01T00:00:00.000Z')
    expect(await store.find(userTable, { id: 'old' })).toMatchObject({ createdAt: then, emailVerified: true })
    const row = await store.insert(userTable, user)
    expect(rows(`select createdAt, updatedAt from user where id = 'user1'`)).toEqual([[written, written]])
    expect(await store.find(userTable, { id: row.id })).toEqual(row)
    expect(await store.count(userTable, { createdAt: then })).toBe(1)
    expect(await store.count(userTable, { createdAt: { gt: then } })).toBe(1)
    expect(await store.count(userTable, { createdAt: { lt: new Date(then.getTime() + 1) } })).toBe(1)
    expect(await store.count(userTable, { createdAt: row.createdAt })).toBe(1)
    await store.close()
  })

  it('in empty integer columns follow the default they declare', async () => {
    for (const [rest, expected] of [
      ["default (cast(unixepoch('subsecond') * 1000 as integer)) not null", now.getTime()],
      ['default (unixepoch()) not null', Math.floor(now.getTime() / 1000)],
      ['not null', Math.floor(now.getTime() / 1000)],
    ] as const) {
      const { path, rows } = moved(sessionDdl('integer', rest))
      const store = openStore(path, options({ tables: [userTable] }))
      await store.insert(userTable, user)
      expect(rows('select createdAt from user')).toEqual([[expected]])
      await store.close()
    }
  })
})

describe('serial ids', () => {
  it('are integers in the database and text outside', async () => {
    const path = newFile()
    const store = openStore(path, options({ idType: 'serial', makeId: () => undefined }))
    const { id } = await store.insert(userTable, user)
    const session = { token: 't', userId: id, expiresAt: now, createdAt: now, updatedAt: now }
    expect(await store.insert(sessionTable, session)).toMatchObject({ userId: '1' })
    await expect(store.insert(sessionTable, { ...session, userId: 'x' })).rejects.toMatchObject({ field: 'userId' })
    const found = new Client(path).prepare('select id, userId, typeof(userId) from session').raw().all([])
    expect(found).toEqual([[1, 1, 'integer']])
    await store.close()
  })
})

describe('a database that does not answer', () => {
  it('is unavailable where it cannot be opened or is none', async () => {
    const noDatabase = newFile()
    writeFileSync(noDatabase, 'this is a letter to a friend. '.repeat(200))
    for (const path of [join(folder, 'nowhere', 'x.db'), noDatabase]) {
      const failing = openStore(path, options()).find(userTable, {})
      await expect(failing).rejects.toMatchObject({ name: 'StoreUnavailable', cause: expect.anything() })
    }
  })

  it('can be tried again after a failed start', async () => {
    const path = newFile()
    writeFileSync(path, 'this is a letter to a friend. '.repeat(200))
    const store = openStore(path, options())
    await expect(store.ready()).rejects.toMatchObject({ name: 'StoreUnavailable' })
    rmSync(path)
    expect(await store.count(userTable, {})).toBe(0)
    await store.close()
  })

  it('is waited for while another process writes, without stopping the event loop', async () => {
    const path = newFile()
    const store = openStore(path, options())
    await store.ready()
    // By the same library: two of them in one process do not see each other's locks.
    const other = (await loadDriver())(path)
    other.exec('begin immediate')
    let settled = false
    const writing = Promise.all([
      store.insert(userTable, user),
      store.transaction((tx) => tx.insert(userTable, { ...user, email: 'b@x' })),
    ]).finally(() => {
      settled = true
    })
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
    expect(await store.count(userTable, {})).toBe(0)
    other.exec('rollback')
    await writing
    expect(await store.count(userTable, {})).toBe(2)
    await store.close()
  })
})

describe('two processes on one file', () => {
  let code: Awaited<ReturnType<typeof transpileStore>>
  beforeAll(async () => {
    code = await transpileStore()
  })
  afterAll(() => code.remove())

  it('start together and write side by side', async () => {
    const path = newFile()
    const script = (name: string) => `
      import { openStore } from '${code.folder}/store/open.js'
      import { rateLimitTable, sessionTable, userTable } from '${code.folder}/domain/model.js'
      let count = 0
      const store = openStore(${JSON.stringify(path)}, {
        tables: [userTable, sessionTable, rateLimitTable], makeId: () => '${name}' + ++count, idType: 'text' })
      const now = new Date()
      const one = (i) => store.insert(userTable, { name: 'n', email: '${name}' + i, createdAt: now, updatedAt: now })
      const two = (i) => store.transaction(async (tx) => {
        await tx.count(userTable, {})
        const { id } = await tx.insert(userTable, { name: 't', email: 't${name}' + i, createdAt: now, updatedAt: now })
        await tx.insert(sessionTable, { token: id, userId: id, expiresAt: now, createdAt: now, updatedAt: now })
      })
      await Promise.all(Array.from({ length: 50 }, (_, i) => Promise.all([one(i), two(i)])))
      await store.close()`
    const run = async (name: string) => {
      const file = join(code.folder, `${name}.js`)
      writeFileSync(file, script(name))
      expect(await once(fork(file, { timeout: 290_000 }), 'exit')).toEqual([0, null])
    }
    await Promise.all(['a', 'b', 'c'].map(run))
    const store = openStore(path, options())
    expect(await store.count(userTable, {})).toBe(300)
    expect(await store.count(sessionTable, {})).toBe(150)
    await store.close()
  })
})
