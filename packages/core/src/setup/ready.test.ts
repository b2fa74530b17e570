import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import Client from 'libsql'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Database, openStore } from '../store/open.ts'
import { table } from '../store/table.ts'
import { syncDatabase } from '../store/testing/app-database.ts'
import { readiness } from './ready.ts'

const note = table('note', { text: { type: 'string' }, done: { type: 'boolean' } })
const notes = sqliteTable('note', {
  id: text('id').primaryKey(),
  text: text('text').notNull(),
  done: integer('done', { mode: 'boolean' }).notNull(),
})

function ready(database: Database, cookieDomains: readonly string[] = []) {
  const store = openStore(database, { tables: [note], makeId: () => '1', idType: 'text' })
  onTestFinished(() => store.close())
  const errors: string[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) }
  return { errors, ...readiness({ database, store, tables: [note], cookieDomains, logger }) }
}

const suffixes = vi.hoisted(() => ({ loaded: 0 }))
vi.mock('tldts', async (original) => {
  suffixes.loaded++
  return original()
})

describe('before the first request', () => {
  // Before all others, for a list that is loaded stays.
  it('the list of public suffixes is loaded where a cookie domain is set, and else not', async () => {
    await ready(':memory:').all()
    expect(suffixes.loaded).toBe(0)
    await ready(':memory:', ['example.com']).all()
    expect(suffixes.loaded).toBe(1)
  })

  it('a database that is well says nothing, and is looked at once', async () => {
    const client = new Client(':memory:')
    client.exec('create table note (id text primary key, text text not null, done integer not null)')
    const { all } = ready(syncDatabase(client, { notes }))
    await all()
    expect(all()).toBe(all())
    await expect(ready(':memory:').all()).resolves.toBeUndefined()
  })

  it('a table or column that the database lacks is named, until it is there', async () => {
    const client = new Client(':memory:')
    const { all } = ready(syncDatabase(client, { notes }))
    const problem = { code: 'TABLE_UNREADABLE', message: 'Table note of the database cannot be read' }
    await expect(all()).rejects.toMatchObject({ name: 'ConfigError', problems: [problem], cause: expect.anything() })
    await expect(all()).rejects.toThrow('no such table: note')
    client.exec('create table note (id text primary key, text text not null)')
    await expect(all()).rejects.toThrow('no such column: done')
    client.exec('alter table note add column done integer not null default 0')
    await expect(all()).resolves.toBeUndefined()
  })

  it('a schema without the table is told as the store tells it', async () => {
    const other = sqliteTable('other', { id: text('id').primaryKey() })
    const { all } = ready(syncDatabase(new Client(':memory:'), { other }))
    await expect(all()).rejects.toMatchObject({ code: 'SCHEMA_TABLE_MISSING' })
  })

  it('a file that cannot be opened is told with its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keystile-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'none', 'auth.db')
    await expect(ready(path).all()).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      problems: [{ seen: expect.stringContaining(path), expected: expect.stringContaining(path) }],
    })
  })

  it('database and cookie domains are told together, the domains alone to the log', async () => {
    const { all, tellDomains, errors } = ready(syncDatabase(new Client(':memory:'), { notes }), [
      'app.co.uk',
      '.co.uk',
      'vercel.app',
    ])
    const codes = await all().catch((error) => error.problems.map(({ code }: { code: string }) => code))
    expect(codes).toEqual(['COOKIE_DOMAIN_PUBLIC', 'COOKIE_DOMAIN_PUBLIC', 'TABLE_UNREADABLE'])
    await tellDomains()
    expect(errors.map((line) => line.slice(0, 52))).toEqual([
      'No browser keeps a cookie for the domain .co.uk (COO',
      'No browser keeps a cookie for the domain vercel.app ',
    ])
  })
})
