import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import fc from 'fast-check'
import Client from 'libsql'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryAdapter } from './memory-adapter.ts'
import { type Database, openStore, type StoreOptions } from './open.ts'
import { type Store, UniqueViolation, UnstorableValue } from './store.ts'
import { extendTable, type Table, table } from './table.ts'
import { asyncDatabase, syncDatabase } from './testing/app-database.ts'

const person = table(
  'person',
  {
    name: { type: 'string', required: true },
    email: { type: 'string', required: true, unique: true },
    born: { type: 'date', required: false },
    verified: { type: 'boolean', required: true, defaultValue: false },
    logins: { type: 'number', required: true, defaultValue: 0 },
    seen: { type: 'number', required: false, bigint: true },
    tags: { type: 'string[]', required: false },
    extra: { type: 'json', required: false },
    role: { type: ['admin', 'member'], required: false },
    group: { type: 'string', required: false },
    nick: { type: 'string', required: false },
  },
  { indexes: [{ fields: ['group', 'nick'], unique: true }] },
)
const pet = table('pet', {
  name: { type: 'string', required: true },
  ownerId: { type: 'string', required: true, index: true, references: { model: 'person', field: 'id' } },
  touched: { type: 'string', required: false, onUpdate: () => 'touched' },
})

const renamedPerson = extendTable(person, {
  tableName: 'app_people',
  columns: { name: 'full_name', email: 'mail', logins: 'login_count', group: 'grp', born: 'born_at' },
})
const renamedPet = extendTable(pet, { tableName: 'app_pets', columns: { ownerId: 'owner' } })

const folder = await mkdtemp(join(tmpdir(), 'keystile-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const appPerson = sqliteTable('person', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  born: integer('born', { mode: 'timestamp_ms' }),
  verified: integer('verified', { mode: 'boolean' }).notNull(),
  logins: integer('logins').notNull(),
  seen: integer('seen'),
  tags: text('tags', { mode: 'json' }),
  extra: text('extra', { mode: 'json' }),
  role: text('role', { enum: ['admin', 'member'] }),
  group: text('group'),
  nick: text('nick'),
})
const appPet = sqliteTable('pet', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  ownerId: text('owner_id').notNull(),
  touched: text('touched'),
})
const appDdl = `
  create table person (id text primary key not null, name text not null, email text not null unique, born integer,
    verified integer not null, logins integer not null, seen integer, tags text, extra text, role text, "group" text,
    nick text);
  create unique index person_group on person ("group", nick);
  create table pet (id text primary key not null, name text not null,
    owner_id text not null references person (id) on delete cascade, touched text);`

function appClient() {
  const client = new Client(':memory:')
  client.exec('pragma foreign_keys = on')
  client.exec(appDdl)
  return client
}

const plain = [person, pet]
const renamed = [renamedPerson, renamedPet]
const cases: { name: string; database: () => Database; tables?: readonly Table[]; idType?: StoreOptions['idType'] }[] =
  [
    { name: 'memory', database: () => memoryAdapter({}) },
    { name: 'memory, database ids', database: () => memoryAdapter({}), idType: 'database' },
    { name: 'SQLite in memory', database: () => ':memory:' },
    { name: 'SQLite in memory, renamed', database: () => ':memory:', tables: renamed },
    { name: 'SQLite in memory, serial ids', database: () => ':memory:', idType: 'serial' },
    { name: 'SQLite in memory, database ids', database: () => ':memory:', idType: 'database' },
    { name: 'SQLite file', database: () => join(folder, `${files++}.db`) },
    { name: 'SQLite file, renamed', database: () => `file:${join(folder, `${files++}.db`)}`, tables: renamed },
    {
      name: 'drizzle, synchronous',
      database: () => syncDatabase(appClient(), { appPerson, appPet }),
    },
    {
      name: 'drizzle, asynchronous',
      database: () => ({ drizzle: asyncDatabase(appClient(), {}), schema: { appPerson, appPet } }),
    },
  ]

describe.each(cases)('store: $name', ({ database, tables = plain, idType = 'text' }) => {
  let store: Store
  let statements: string[]
  beforeEach(() => {
    let count = 0
    statements = []
    store = openStore(database(), {
      tables,
      idType,
      makeId: (model) => (idType === 'text' ? `${model}-${++count}` : undefined),
      onStatement: (sql) => statements.push(sql),
    })
  })
  afterEach(() => store.close())

  const add = (name: string, more: object = {}) => store.insert(person, { name, email: `${name}@example.com`, ...more })
  const names = async (where: Parameters<typeof store.list<PersonRow>>[1]) =>
    (await store.list(person, where, { orderBy: { field: 'name', direction: 'asc' } })).map((row) => row.name)

  it('gives back what was inserted, whole', async () => {
    const born = new Date('2001-02-03T04:05:06.789Z')
    const row = await add('ann', { born, tags: ['a', 'b'], extra: { deep: [1, null] }, seen: 2 ** 41, role: 'admin' })
    expect(row).toEqual({
      id: expect.any(String),
      name: 'ann',
      email: 'ann@example.com',
      born,
      verified: false,
      logins: 0,
      seen: 2 ** 41,
      tags: ['a', 'b'],
      extra: { deep: [1, null] },
      role: 'admin',
      group: null,
      nick: null,
    })
    expect(await store.find(person, { id: row.id })).toEqual(row)
    expect(await store.find(person, { born, verified: false, seen: 2 ** 41 })).toEqual(row)
  })

  it('takes an id that is given', async () => {
    const row = await add('ann', { id: '77' })
    expect(row.id).toBe('77')
    expect((await store.find(person, { id: '77' }))?.name).toBe('ann')
  })

  it('finds nothing by an id of another form', async () => {
    await add('ann')
    expect(await store.find(person, { id: 'nobody' })).toBeNull()
    expect(await store.count(person, { id: { in: ['nobody', '0x1', ' 1'] } })).toBe(0)
    expect(await store.count(person, { id: { ne: 'nobody' } })).toBe(1)
  })

  it('demands what is required and knows its fields', async () => {
    await expect(store.insert(person, { name: 'ann' })).rejects.toThrow('person.email is required')
    await expect(add('ann', { nonsense: 1 })).rejects.toThrow('no field nonsense')
    await expect(store.find(person, { nonsense: 1 } as never)).rejects.toThrow('no field nonsense')
    await expect(store.find(person, { name: undefined } as never)).rejects.toThrow('where.name is undefined')
    await expect(store.find(person, { name: { equals: 1 } } as never)).rejects.toThrow('no operator equals')
    await expect(store.update(person, {}, { id: 'x' })).rejects.toThrow('cannot be changed')
    await expect(store.list(person, {}, { limit: -1 })).rejects.toThrow('limit')
    await expect(store.find(table('stranger', {}), {})).rejects.toThrow('not part of this store')
    expect(await store.count(person, {})).toBe(0)
  })

  it('refuses values that it could not give back', async () => {
    for (const name of ['half \ud800', 'nul \0', { toString: () => 'x' }, ['x']]) {
      await expect(store.insert(person, { name, email: 'a' } as never)).rejects.toBeInstanceOf(UnstorableValue)
    }
    for (const wrong of [{ born: new Date(Number.NaN) }, { logins: Number.NaN }, { verified: 'perhaps' }]) {
      await expect(add('ann', wrong)).rejects.toMatchObject({ name: 'UnstorableValue', table: 'person' })
    }
    expect(await store.count(person, {})).toBe(0)
  })

  it('takes dates, numbers and booleans in the forms that clients send', async () => {
    const row = await add('ann', { born: '2001-02-03T04:05:06.789Z', logins: '7', verified: 1 })
    expect(row).toMatchObject({ born: new Date('2001-02-03T04:05:06.789Z'), logins: 7, verified: true })
    expect(await store.find(person, { id: row.id })).toEqual(row)
  })

  it('compares by every operator', async () => {
    await add('ann', { born: new Date(1000), logins: 1, nick: 'x' })
    await add('Bob', { born: new Date(2000), logins: 2, nick: 'y' })
    await add('cid%_', { logins: 3 })
    expect(await names({ name: { eq: 'ann' } })).toEqual(['ann'])
    expect(await names({ name: { ne: 'ann' } })).toEqual(['Bob', 'cid%_'])
    expect(await names({ logins: { gt: 1, lt: 3 } })).toEqual(['Bob'])
    expect(await names({ logins: { gte: 1, lte: 2 } })).toEqual(['Bob', 'ann'])
    expect(await names({ born: { gt: new Date(1000) } })).toEqual(['Bob'])
    expect(await names({ born: { lte: new Date(1999) } })).toEqual(['ann'])
    expect(await names({ born: null })).toEqual(['cid%_'])
    expect(await names({ born: { eq: null } })).toEqual(['cid%_'])
    expect(await names({ born: { ne: null } })).toEqual(['Bob', 'ann'])
    expect(await names({ nick: { ne: 'x' } })).toEqual(['Bob'])
    expect(await names({ name: { in: ['ann', 'Bob', 'nobody'] } })).toEqual(['Bob', 'ann'])
    expect(await names({ name: { in: [] } })).toEqual([])
    expect(await names({ name: { notIn: ['ann', 'x', 'y'] } })).toEqual(['Bob', 'cid%_'])
    expect(await names({ name: { notIn: [] } })).toHaveLength(3)
    expect(await names({ name: { contains: '%' } })).toEqual(['cid%_'])
    expect(await names({ name: { contains: 'b' } })).toEqual(['Bob'])
    expect(await names({ name: { startsWith: 'b' } })).toEqual([])
    expect(await names({ name: { startsWith: 'B' } })).toEqual(['Bob'])
    expect(await names({ name: { notStartsWith: 'B' } })).toEqual(['ann', 'cid%_'])
    expect(await names({ nick: { notStartsWith: 'x' } })).toEqual(['Bob'])
    expect(await names({ name: { endsWith: '_' } })).toEqual(['cid%_'])
    expect(await names({ name: { endsWith: 'bb' } })).toEqual([])
    expect(await names({ name: { endsWith: 'xann' } })).toEqual([])
    expect(await names({ nick: { endsWith: '' } })).toEqual(['Bob', 'ann'])
    expect(await names({ verified: false, logins: 3 })).toEqual(['cid%_'])
  })

  it('orders, limits and counts', async () => {
    for (const [name, logins] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const)
      await add(name, { logins })
    const list = async (options: object) => (await store.list(person, {}, options)).map((row) => row.name).join('')
    expect(await list({ orderBy: { field: 'logins', direction: 'asc' } })).toBe('bca')
    expect(await list({ orderBy: { field: 'logins', direction: 'desc' }, limit: 2 })).toBe('ac')
    expect(await list({ orderBy: { field: 'name', direction: 'asc' }, offset: 1 })).toBe('bc')
    expect(await list({ orderBy: { field: 'name', direction: 'asc' }, offset: 1, limit: 1 })).toBe('b')
    expect(await list({ limit: 0 })).toBe('')
    expect(await store.count(person, { logins: { gt: 1 } })).toBe(2)
  })

  it('joins in one statement', async () => {
    const ann = await add('ann')
    await store.insert(pet, { name: 'rex', ownerId: ann.id })
    statements.length = 0
    const on = { left: 'ownerId', right: 'id' }
    const found = await store.join(pet, { name: 'rex' }, person, on)
    expect(found?.[0]).toMatchObject({ name: 'rex', ownerId: ann.id, touched: null })
    expect(found?.[1]).toEqual(ann)
    expect(statements).toHaveLength(1)
    expect((await store.join(pet, { name: 'rex' }, person, on, { name: 'eve' }))?.[1]).toBeNull()
    expect((await store.join(pet, { name: 'rex' }, person, on, { name: 'ann' }))?.[1]).toEqual(ann)
    expect(await store.join(pet, { name: 'tom' }, person, on)).toBeNull()
    const back = await store.join(person, { name: 'ann' }, pet, { left: 'id', right: 'ownerId' }, { name: 'tom' })
    expect(back).toEqual([ann, null])
  })

  it('inserts only while another table has a row', async () => {
    const ann = await add('ann', { nick: 'n', born: new Date(1000) })
    const rex = { name: 'rex', ownerId: ann.id }
    statements.length = 0
    const row = await store.insertIf(pet, rex, person, { id: ann.id, nick: 'n' })
    expect(row).toEqual({ id: expect.any(String), ...rex, touched: null })
    expect(statements).toHaveLength(1)
    expect(await store.list(pet, {})).toEqual([row])
    expect(await store.insertIf(pet, { ...rex, name: 'max' }, person, { id: ann.id, nick: 'o' })).toBeNull()
    expect(await store.insertIf(pet, { ...rex, name: 'max' }, person, { id: 'nobody' })).toBeNull()
    expect(
      await store.insertIf(pet, { ...rex, id: '77', name: 'tom' }, person, { born: { lte: new Date(1000) } }),
    ).toEqual({ ...rex, id: '77', name: 'tom', touched: null })
    expect(await store.insertIf(pet, { ...rex, name: 'eve' }, pet, { name: 'tom' })).toMatchObject({ name: 'eve' })
    expect(await store.count(pet, {})).toBe(3)
    // Whose owner is gone would be refused: nothing is tried.
    await store.remove(person, {})
    expect(await store.insertIf(pet, rex, person, { id: ann.id })).toBeNull()
    expect(await store.count(pet, {})).toBe(0)
    await expect(store.insertIf(pet, { name: 'rex' }, person, {})).rejects.toThrow('pet.ownerId is required')
    await expect(store.insertIf(pet, rex, person, { nonsense: 1 } as never)).rejects.toThrow('no field nonsense')
  })

  it('refuses a value that is taken, whatever else must be there', async () => {
    const ann = await add('ann')
    const again = { name: 'ann', email: 'ann@example.com' }
    await expect(store.insertIf(person, again, person, { id: ann.id })).rejects.toMatchObject({ fields: ['email'] })
    expect(await store.insertIf(person, again, person, { id: 'nobody' })).toBeNull()
  })

  it('inserts inside a transaction as outside, and leaves nothing of one that throws', async () => {
    const ann = await add('ann')
    const failing = store.transaction(async (tx) => {
      await tx.update(person, { id: ann.id }, { nick: 'n' })
      expect(await tx.insertIf(pet, { name: 'rex', ownerId: ann.id }, person, { nick: 'n' })).not.toBeNull()
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.count(pet, {})).toBe(0)
  })

  it('updates one row and gives it as it then is', async () => {
    await add('ann', { group: 'g' })
    await add('bob', { group: 'g' })
    const row = await store.update(person, { group: 'g' }, { logins: 5, nick: 'n', born: undefined } as never)
    expect(row).toMatchObject({ logins: 5, nick: 'n', born: null })
    expect(await store.count(person, { logins: 5 })).toBe(1)
    expect(await store.update(person, { name: 'nobody' }, { logins: 6 })).toBeNull()
    expect(await store.update(person, { email: 'ann@example.com' }, {})).toMatchObject({ name: 'ann' })
    await expect(store.update(person, { name: 'ann' }, { name: null } as never)).rejects.toThrow('required')
  })

  it('writes onUpdate values unless the patch has its own', async () => {
    const ann = await add('ann')
    await store.insert(pet, { name: 'rex', ownerId: ann.id })
    expect(await store.update(pet, { name: 'rex' }, { name: 'max' })).toMatchObject({ name: 'max', touched: 'touched' })
    expect(await store.update(pet, { name: 'max' }, { touched: 'mine' })).toMatchObject({ touched: 'mine' })
  })

  it('changes and removes many', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await add(name)
    expect(await store.updateAll(person, { name: { ne: 'd' } }, { verified: true })).toBe(3)
    expect(await store.remove(person, { verified: true }, { limit: 2 })).toBe(2)
    expect(await store.remove(person, { verified: true })).toBe(1)
    expect(await store.remove(person, { verified: true })).toBe(0)
    expect(await names({})).toEqual(['d'])
  })

  it('changes all of many rows or none', async () => {
    for (const name of ['a', 'b', 'c']) await add(name)
    await expect(store.updateAll(person, {}, { email: 'same' })).rejects.toBeInstanceOf(UniqueViolation)
    expect(await store.count(person, { email: 'same' })).toBe(0)
  })

  it('removes what belongs to a removed row', async () => {
    const ann = await add('ann')
    await store.insert(pet, { name: 'rex', ownerId: ann.id })
    expect(await store.remove(person, { id: ann.id })).toBe(1)
    expect(await store.count(pet, {})).toBe(0)
  })

  it('lets one of twenty have a unique value', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => add('ann')))
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(lost).toHaveLength(19)
    for (const reason of lost) {
      expect(reason).toBeInstanceOf(UniqueViolation)
      expect(reason).toMatchObject({ table: 'person', fields: ['email'] })
    }
  })

  it('names all fields of a unique index, which null never breaks', async () => {
    await add('ann', { group: 'g', nick: 'n' })
    await expect(add('bob', { group: 'g', nick: 'n' })).rejects.toMatchObject({ fields: ['group', 'nick'] })
    await add('cid', { group: 'g' })
    await add('dan', { group: 'g' })
    await expect(store.update(person, { name: 'dan' }, { nick: 'n' })).rejects.toBeInstanceOf(UniqueViolation)
    await expect(add('eve', { id: (await store.find(person, {}))?.id })).rejects.toMatchObject({ fields: ['id'] })
  })

  it('gives a row to consume to one of many', async () => {
    await add('ann', { group: 'once' })
    const got = await Promise.all(Array.from({ length: 32 }, () => store.consume(person, { group: 'once' })))
    expect(got.filter(Boolean)).toHaveLength(1)
    expect(await store.count(person, {})).toBe(0)
  })

  it('consumes one row where several match', async () => {
    await add('ann', { group: 'g' })
    await add('bob', { group: 'g' })
    expect(await store.consume(person, { group: 'g' })).toMatchObject({ group: 'g' })
    expect(await store.count(person, {})).toBe(1)
  })

  it('counts exactly, and only while the condition holds', async () => {
    await add('ann')
    const step = () => store.increment(person, { name: 'ann', logins: { lt: 30 } }, { logins: 1 }, { verified: true })
    const rows = await Promise.all(Array.from({ length: 40 }, step))
    const reached = rows.flatMap((row) => row?.logins ?? []).sort((a, b) => a - b)
    expect(reached).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(await store.increment(person, { name: 'ann' }, { seen: 5, logins: -10 })).toMatchObject({
      seen: 5,
      logins: 20,
      verified: true,
    })
    await expect(store.increment(person, {}, { name: 1 } as never)).rejects.toThrow('not a number')
  })

  it('leaves nothing of a transaction that throws', async () => {
    await add('ann')
    const failing = store.transaction(async (tx) => {
      await tx.insert(person, { name: 'bob', email: 'b' })
      await tx.update(person, { name: 'ann' }, { logins: 9 })
      await tx.increment(person, { name: 'ann' }, { seen: 9 })
      await tx.consume(person, { name: 'ann' })
      expect(await tx.count(person, {})).toBe(1)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.list(person, {})).toMatchObject([{ name: 'ann', logins: 0, seen: null }])
    expect(statements.filter((sql) => /^(begin|commit|rollback)/.test(sql)).map((sql) => sql.split(' ')[0])).toEqual([
      'begin',
      'rollback',
    ])
  })

  it('goes on inside a transaction after a refused statement', async () => {
    await add('ann')
    const count = await store.transaction(async (tx) => {
      await tx.insert(person, { name: 'ann', email: 'ann@example.com' }).catch(() => {})
      await tx.insert(person, { name: 'bob', email: 'b' })
      return tx.count(person, {})
    })
    expect(count).toBe(2)
    expect(await store.count(person, {})).toBe(2)
  })

  it('keeps the statements of others out of a transaction', async () => {
    await add('ann')
    let reads: Promise<number> | undefined
    let writes: Promise<unknown> | undefined
    const failing = store.transaction(async (tx) => {
      await tx.insert(person, { name: 'bob', email: 'b' })
      reads = store.count(person, {})
      writes = add('cid')
      await tx.count(person, {})
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await reads).toBe(1)
    await writes
    expect(await names({})).toEqual(['ann', 'cid'])
  })

  it('runs transactions in turn, each on the outcome of the last', async () => {
    const ann = await add('ann')
    await Promise.all(
      Array.from({ length: 20 }, () =>
        store.transaction(async (tx) => {
          const row = await tx.find(person, { id: ann.id })
          await tx.update(person, { id: ann.id }, { logins: (row?.logins ?? 0) + 1 })
        }),
      ),
    )
    expect(await store.find(person, { id: ann.id })).toMatchObject({ logins: 20 })
  })

  it('has no transaction inside a transaction, and none of its verbs after it', async () => {
    let kept: Store | undefined
    await expect(
      store.transaction(async (tx) => {
        kept = tx as Store
        await (tx as Store).transaction(async () => {})
      }),
    ).rejects.toThrow('cannot hold another')
    await expect(kept?.count(person, {})).rejects.toThrow('had ended')
    expect(await store.count(person, {})).toBe(0)
  })

  it('answers no more once closed', async () => {
    await add('ann')
    await store.close()
    await store.close()
    await expect(store.count(person, {})).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await expect(store.transaction(async () => {})).rejects.toMatchObject({ name: 'StoreUnavailable' })
  })

  it('gives back every storable row as it was', async () => {
    const storable = fc.string({ unit: 'binary' }).filter((s) => !s.includes('\0'))
    const rows = fc.record({
      name: storable,
      email: storable,
      born: fc.option(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
      ),
      verified: fc.boolean(),
      logins: fc.integer(),
      seen: fc.option(fc.maxSafeInteger()),
      tags: fc.option(fc.array(fc.string({ unit: 'binary' }))),
      // JSON knows no -0, and a bare null is the column's own.
      extra: fc.option(fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)),
    })
    await fc.assert(
      fc.asyncProperty(rows, async (row) => {
        await store.remove(person, {})
        const inserted = await store.insert(person, row)
        expect(inserted).toMatchObject(row)
        const { id, name, email, born, verified, logins, seen } = inserted
        expect(await store.find(person, { id, name, email, born, verified, logins, seen })).toEqual(inserted)
      }),
      { numRuns: 60 },
    )
  })
})

type PersonRow = NonNullable<(typeof person)['~row']>
