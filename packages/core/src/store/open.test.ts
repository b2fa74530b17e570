import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { userTable } from '../domain/model.ts'
import { ConfigError } from '../lib/errors.ts'
import { memoryAdapter } from './memory-adapter.ts'
import { type Database, openStore } from './open.ts'

const options = { tables: [userTable], makeId: () => 'u1', idType: 'text' as const }
const now = new Date(0)

describe('openStore', () => {
  it('refuses what it cannot open, at once and with a fix', () => {
    const pg = { constructor: { [Symbol.for('drizzle:entityKind')]: 'PgDatabase' } }
    const wrong = ['', 'postgres://localhost/x', 'file:a.db?mode=ro', null, undefined, 7, {}, pg]
    for (const database of wrong) {
      try {
        openStore(database as Database, options)
        expect.unreachable(String(database))
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
        expect((error as ConfigError).problems[0]?.fix).toBeTruthy()
      }
    }
  })

  it('touches nothing before it is used', async () => {
    const path = join(tmpdir(), `keystile-untouched-${process.pid}.db`)
    const store = openStore(path, options)
    await store.close()
    await expect(store.ready()).rejects.toMatchObject({ name: 'StoreUnavailable' })
    expect(existsSync(path)).toBe(false)
  })

  it('keeps the rows of memoryAdapter in the arrays it was given', async () => {
    const rows = { user: [{ id: 'old', name: 'Old', email: 'old@x' }] as Record<string, unknown>[] }
    const store = openStore(memoryAdapter(rows), options)
    await store.insert(userTable, { name: 'Ann', email: 'a@x', createdAt: now, updatedAt: now })
    expect(rows.user).toHaveLength(2)
    expect(rows.user[1]).toMatchObject({ id: 'u1', name: 'Ann', emailVerified: false, createdAt: now })
    expect(await store.find(userTable, { id: 'old' })).toMatchObject({ name: 'Old', image: null })
  })
})
