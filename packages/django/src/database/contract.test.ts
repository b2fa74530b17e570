/** What every store does, on tables of our own beside Django's. */
import { openEngine, openStore, type Store, table, UniqueViolation, UnstorableValue } from '@keystile/core/store'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { djangoDatabase } from './database.ts'

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

type PersonRow = NonNullable<(typeof person)['~row']>

describe.each(testDatabases)('a store on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
  })
  afterAll(() => scratch?.drop())

  let store: Store
  let statements: string[]
  let count = 0
  const database = () => djangoDatabase({ driver: scratch.driver, secretKey: 'a secret key' })
  beforeEach(async () => {
    if (missing) return
    statements = []
    store = openStore(database(), {
      tables: [person, pet],
      idType: 'text',
      makeId: (model) => `${model}-${++count}`,
      onStatement: (sql) => statements.push(sql),
    })
    await store.remove(person, {})
    statements.length = 0
  })
  afterEach(() => store?.close())

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
    expect((await add('bob', { id: '77' })).id).toBe('77')
  })

  it('demands what is required and knows its fields', async () => {
    await expect(store.insert(person, { name: 'ann' })).rejects.toThrow('person.email is required')
    await expect(add('ann', { nonsense: 1 })).rejects.toThrow('no field nonsense')
    await expect(store.find(person, { nonsense: 1 } as never)).rejects.toThrow('no field nonsense')
    await expect(store.find(person, { name: undefined } as never)).rejects.toThrow('where.name is undefined')
    await expect(store.update(person, {}, { id: 'x' })).rejects.toThrow('cannot be changed')
    await expect(store.list(person, {}, { limit: -1 })).rejects.toThrow('limit')
    await expect(store.find(table('stranger', {}), {})).rejects.toThrow('not part of this store')
    expect(await store.count(person, {})).toBe(0)
  })

  it('refuses values that it could not give back', async () => {
    for (const name of ['half \ud800', 'nul \0', { toString: () => 'x' }, ['x']]) {
      await expect(store.insert(person, { name, email: 'a' } as never)).rejects.toBeInstanceOf(UnstorableValue)
    }
    for (const wrong of [
      { born: new Date(Number.NaN) },
      { logins: Number.NaN },
      { verified: 'perhaps' },
      { seen: 1.5 },
    ]) {
      await expect(add('ann', wrong)).rejects.toMatchObject({ name: 'UnstorableValue', table: 'person' })
    }
    expect(await store.count(person, {})).toBe(0)
  })

  it('holds long texts, in indexes as long as the database allows', async () => {
    const email = `${'é'.repeat(500)}@example.com`
    expect((await add('ann', { email, name: 'x'.repeat(100_000) })).name).toHaveLength(100_000)
    expect(await store.count(person, { email })).toBe(1)
    const both = add('bob', { group: 'g'.repeat(380), nick: 'n'.repeat(380) })
    expect(await both).toMatchObject({ group: 'g'.repeat(380) })
    // A server that is not strict would cut it.
    const longer = add('cid', { group: 'g'.repeat(381) })
    if (dialect === 'mysql') await expect(longer).rejects.toMatchObject({ name: 'UnstorableValue', field: 'group' })
    else expect(await longer).toMatchObject({ group: 'g'.repeat(381) })
  })

  it('compares by every operator', async () => {
    await add('ann', { born: new Date(1000), logins: 1, nick: 'x' })
    await add('Bob', { born: new Date(2000), logins: 2, nick: 'y' })
    await add('cid%_', { logins: 3 })
    expect(await names({ name: { eq: 'ann' } })).toEqual(['ann'])
    expect(await names({ name: 'ANN' })).toEqual([])
    expect(await names({ name: 'ann ' })).toEqual([])
    expect(await names({ name: 'ánn' })).toEqual([])
    expect(await names({ name: { ne: 'ann' } })).toEqual(['Bob', 'cid%_'])
    expect(await names({ logins: { gt: 1, lt: 3 } })).toEqual(['Bob'])
    expect(await names({ logins: { gte: 1, lte: 2 } })).toEqual(['Bob', 'ann'])
    expect(await names({ born: { gt: new Date(1000) } })).toEqual(['Bob'])
    expect(await names({ born: { lte: new Date(1999) } })).toEqual(['ann'])
    expect(await names({ born: null })).toEqual(['cid%_'])
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
    const old = { born: { lte: new Date(1000) } }
    const tom = { ...rex, id: '77', name: 'tom', touched: null }
    expect(await store.insertIf(pet, tom, person, old)).toEqual(tom)
    expect(await store.insertIf(pet, { ...rex, name: 'eve' }, pet, { name: 'tom' })).toMatchObject({ name: 'eve' })
    expect(await store.count(pet, {})).toBe(3)
    // What belongs to a row goes with it.
    await store.remove(person, {})
    expect(await store.insertIf(pet, rex, person, { id: ann.id })).toBeNull()
    expect(await store.count(pet, {})).toBe(0)
    await expect(store.insertIf(pet, { name: 'rex' }, person, {})).rejects.toThrow('pet.ownerId is required')
  })

  it('refuses a value that is taken, whatever else must be there', async () => {
    const ann = await add('ann')
    const again = { name: 'ann', email: 'ann@example.com' }
    await expect(store.insertIf(person, again, person, { id: ann.id })).rejects.toMatchObject({ fields: ['email'] })
    expect(await store.insertIf(person, again, person, { id: 'nobody' })).toBeNull()
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
    const ann = await store.find(person, { name: 'ann' })
    await store.insert(pet, { name: 'rex', ownerId: ann?.id ?? '' })
    expect(await store.update(pet, { name: 'rex' }, { name: 'max' })).toMatchObject({ name: 'max', touched: 'touched' })
    expect(await store.update(pet, { name: 'max' }, { touched: 'mine' })).toMatchObject({ touched: 'mine' })
  })

  it('changes and removes many, all of them or none', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await add(name)
    await expect(store.updateAll(person, {}, { email: 'same' })).rejects.toBeInstanceOf(UniqueViolation)
    expect(await store.count(person, { email: 'same' })).toBe(0)
    expect(await store.updateAll(person, { name: { ne: 'd' } }, { verified: true })).toBe(3)
    expect(await store.remove(person, { verified: true }, { limit: 2 })).toBe(2)
    expect(await store.remove(person, { verified: true })).toBe(1)
    expect(await store.remove(person, { verified: true })).toBe(0)
    expect(await names({})).toEqual(['d'])
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
    const ann = await add('ann', { group: 'g', nick: 'n' })
    await expect(add('bob', { group: 'g', nick: 'n' })).rejects.toMatchObject({ fields: ['group', 'nick'] })
    await add('cid', { group: 'g' })
    await add('dan', { group: 'g' })
    await expect(store.update(person, { name: 'dan' }, { nick: 'n' })).rejects.toBeInstanceOf(UniqueViolation)
    await expect(add('eve', { id: ann.id })).rejects.toMatchObject({ fields: ['id'] })
  })

  it('gives a row to consume to one of many', async () => {
    await add('ann', { group: 'once' })
    const got = await Promise.all(Array.from({ length: 32 }, () => store.consume(person, { group: 'once' })))
    expect(got.filter(Boolean)).toHaveLength(1)
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
    const { seen, logins } = (await store.increment(person, { name: 'ann' }, { seen: 5, logins: -10 })) ?? {}
    expect([seen, logins]).toEqual([5, 20])
    await expect(store.increment(person, {}, { name: 1 } as never)).rejects.toThrow('not a number')
  })

  it('leaves nothing of a transaction that throws', async () => {
    const ann = await add('ann')
    const failing = store.transaction(async (tx) => {
      await tx.insert(person, { name: 'bob', email: 'b' })
      await tx.update(person, { name: 'ann' }, { logins: 9 })
      await tx.increment(person, { name: 'ann' }, { seen: 9 })
      expect(await tx.insertIf(pet, { name: 'rex', ownerId: ann.id }, person, { seen: 9 })).not.toBeNull()
      await tx.consume(person, { name: 'ann' })
      expect(await tx.count(person, {})).toBe(1)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.list(person, {})).toMatchObject([{ name: 'ann', logins: 0, seen: null }])
    expect(statements.filter((sql) => /^(begin|commit|rollback)$/.test(sql))).toEqual(['begin', 'rollback'])
  })

  it('goes on inside a transaction after a refused statement', async () => {
    await add('ann')
    const within = await store.transaction(async (tx) => {
      await tx.insert(person, { name: 'ann', email: 'ann@example.com' }).catch(() => {})
      await tx.insert(person, { name: 'bob', email: 'b' })
      return tx.count(person, {})
    })
    expect(within).toBe(2)
    expect(await store.count(person, {})).toBe(2)
  })

  it('keeps the statements of others out of a transaction', async () => {
    await add('ann')
    let writes: Promise<unknown> | undefined
    const failing = store.transaction(async (tx) => {
      await tx.insert(person, { name: 'bob', email: 'b' })
      writes = add('cid')
      await tx.count(person, {})
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await writes
    expect(await names({})).toEqual(['ann', 'cid'])
  })

  it('runs transactions in turn, each on the outcome of the last', async () => {
    const ann = await add('ann')
    const step = () =>
      store.transaction(async (tx) => {
        const row = await tx.find(person, { id: ann.id })
        await tx.update(person, { id: ann.id }, { logins: (row?.logins ?? 0) + 1 })
      })
    await Promise.all(Array.from({ length: 20 }, step))
    expect(await store.find(person, { id: ann.id })).toMatchObject({ logins: 20 })
  })

  it('has no transaction inside a transaction, and none of its verbs after it', async () => {
    let kept: Store | undefined
    const nesting = store.transaction(async (tx) => {
      kept = tx as Store
      await (tx as Store).transaction(async () => {})
    })
    await expect(nesting).rejects.toThrow('cannot hold another')
    await expect(kept?.count(person, {})).rejects.toThrow('had ended')
  })

  it('answers no more once closed, and leaves the driver open', async () => {
    await store.close()
    await expect(store.count(person, {})).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await expect(store.transaction(async () => {})).rejects.toMatchObject({ name: 'StoreUnavailable' })
    expect(await scratch.driver.all('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('gives back every storable row as it was', async () => {
    const storable = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'))
    const rows = fc.record({
      name: storable,
      email: storable,
      born: fc.option(
        fc.date({ min: new Date('0002-01-01'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
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

  it('makes its tables from several sides at once, and leaves them as they are', async () => {
    await database().dropOwnTables()
    const options = { tables: [person, pet], idType: 'text', makeId: () => undefined } as const
    await Promise.all(Array.from({ length: 5 }, () => database()[openEngine](options)))
    await add('ann')
    await database()[openEngine](options)
    expect(await store.count(person, {})).toBe(1)
    await database()[openEngine]({
      ...options,
      tables: [{ ...person, fields: { ...person.fields, more: { type: 'string', required: false } } }],
    })
    expect(await scratch.driver.all('select more from keystile_person')).toEqual([{ more: null }])
  })
})
