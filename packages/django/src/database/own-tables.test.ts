/** Our own tables beside Django's, on each database that is there. */
import { extendTable, openStore, type Table } from '@keystile/core/store'
import { describe, expect, it } from 'vitest'
import { testDatabases } from '../testing/databases.ts'
import { djangoDatabase } from './database.ts'
import { now, user } from './testing/model.ts'
import { named, secretKey, stage } from './testing/stage.ts'

describe.each(testDatabases)('own tables on $name', (database) => {
  const { dialect } = database
  const { djangoUser, opened, scratch } = stage(database)

  it('made and dropped again it leaves the database as it was', async () => {
    await djangoUser({ email: 'Dj@Example.com' })
    await djangoDatabase({ driver: scratch().driver, secretKey }).dropOwnTables()
    const before = await dump()
    expect(before).toContain('auth_user')
    const store = opened({}, named)
    await store.ready()
    expect(await dump()).not.toEqual(before)
    await djangoDatabase({ driver: scratch().driver, secretKey }).dropOwnTables()
    expect(await dump()).toEqual(before)
    for (const prefix of ['', 'a', 'auth', 'x"; _', 'K_', '_']) {
      expect(() => djangoDatabase({ driver: scratch().driver, secretKey, prefix })).toThrow(/prefix/)
    }
  })

  /** The schema and all rows, as text. */
  async function dump(): Promise<string> {
    const { driver } = scratch()
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
    const store = openStore(djangoDatabase({ driver: scratch().driver, secretKey, usersTable: 'nobody' }), {
      tables: [user],
      idType: 'text',
      makeId: () => undefined,
    })
    await expect(store.ready()).rejects.toMatchObject({
      code: 'BAD_MODEL',
      message: expect.stringMatching(/usersTable/),
    })
  })
  it('are all written, or nothing is, within a transaction that goes on', async () => {
    const tagged = extendTable(named, {
      fields: { tag: { type: 'string', required: false, unique: true } },
    }) as unknown as Table
    const store = opened({}, tagged)
    const row = (n: number) => ({
      name: 'Ann',
      username: `ann${n}`,
      email: `${n}@example.com`,
      tag: 'one',
      createdAt: now,
      updatedAt: now,
    })
    await store.insert(tagged, row(1))
    const both = store.transaction(async (tx) => {
      await expect(tx.insert(tagged, row(2))).rejects.toMatchObject({ fields: ['tag'] })
      await tx.insert(tagged, { ...row(3), tag: 'three' })
    })
    // MySQL has written half of it, and gives up the whole.
    if (dialect === 'mysql') await expect(both).rejects.toMatchObject({ name: 'StoreUnavailable' })
    else await both
    expect(await store.count(tagged, {})).toBe(dialect === 'mysql' ? 1 : 2)
    expect(await scratch().driver.all("select 1 from auth_user where username = 'ann2'")).toEqual([])
  })
})
