/** What is found out about tables, on each database that is there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables, recordedTables } from '../testing/django-tables.ts'
import { codeOf, recorded } from '../testing/recorded.ts'
import { quoteName } from './names.ts'
import { inspectTable, type Table } from './tables.ts'
import { readValue, writeValue } from './values.ts'

/** Django's field types as they are found. */
const kinds: Readonly<Record<string, string>> = {
  AutoField: 'integer',
  CharField: 'text',
  EmailField: 'text',
  DateTimeField: 'date',
  BooleanField: 'boolean',
}

const columnsOf = (table: Table | null) => table?.unique.map(({ columns }) => columns)

describe.each(testDatabases)('on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  it.each(recordedTables[dialect])('finds the users of Django %s as it declares them', async (version) => {
    const scratch = await open()
    try {
      await scratch.script(djangoTables(dialect, version))
      const table = await inspectTable(scratch.driver, 'auth_user')
      expect(table?.primaryKey).toEqual(['id'])
      expect(columnsOf(table)).toContainEqual(['username'])
      const found = table?.columns.map(({ name, kind, nullable, hasDefault, generated, length }) => {
        return { name, kind, nullable, hasDefault, generated, length: length ?? null }
      })
      const fields = recorded('schema', version).fields.map(
        (field: { column: string; type: string; null: boolean; max_length: number | null }) => ({
          name: field.column,
          kind: kinds[field.type],
          nullable: field.null,
          hasDefault: field.column === 'id',
          generated: false,
          length: field.max_length,
        }),
      )
      const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
      expect(found?.sort(byName)).toEqual(fields.sort(byName))
      expect(columnsOf(await inspectTable(scratch.driver, 'auth_user_groups'))).toContainEqual(['user_id', 'group_id'])
    } finally {
      await scratch.drop()
    }
  })

  describe('of tables of all sorts', () => {
    let scratch: Scratch
    beforeAll(async () => {
      if (missing) return
      scratch = await open()
      const uuid = dialect === 'postgresql' ? 'uuid' : 'char(32)'
      await scratch.script([
        `create table odd (${quoteName(dialect, 'the name')} varchar(5) not null default 'x', id ${uuid} not null primary key, n smallint, twice integer generated always as (n * 2) ${dialect === 'postgresql' ? 'stored' : 'virtual'}, price decimal(5,2))`,
        'create table pair (a integer not null, b integer not null, primary key (b, a))',
        'create view seen as select n from odd',
        ...(dialect === 'mysql' ? [] : ['create unique index a_part on odd (n) where n > 5']),
      ])
    })
    afterAll(() => scratch?.drop())

    it('finds defaults, keys and what takes no value', async () => {
      const odd = await inspectTable(scratch.driver, 'odd')
      expect(columnsOf(odd)).toEqual([['id']])
      expect(odd?.columns).toMatchObject([
        { name: 'the name', kind: 'text', nullable: false, hasDefault: true, length: 5 },
        { name: 'id', kind: 'uuid', nullable: false, hasDefault: false },
        { name: 'n', kind: 'integer', nullable: true, generated: false },
        { name: 'twice', kind: 'integer', hasDefault: true, generated: true },
        { name: 'price', kind: 'other' },
      ])
      expect((await inspectTable(scratch.driver, 'pair'))?.primaryKey).toEqual(['b', 'a'])
      expect(await inspectTable(scratch.driver, 'seen')).toMatchObject({ columns: [{ name: 'n' }], unique: [] })
    })

    it('finds nothing under a name that is none', async () => {
      for (const name of ['none', 'odd; drop table odd', 'odd"', "odd'", 'public.odd', '']) {
        expect(await inspectTable(scratch.driver, name)).toBeNull()
      }
    })

    it('takes values for what the columns hold', async () => {
      const table = await inspectTable(scratch.driver, 'odd')
      const column = (name: string) => {
        const found = table?.columns.find((one) => one.name === name)
        if (!found) throw new Error(name)
        return found
      }
      const uuid = '8f14e45f-ceea-467f-a34e-1b2c3d4e5f60'
      const stored = writeValue(dialect, column('id'), uuid)
      expect(stored).toBe(dialect === 'postgresql' ? uuid : uuid.replaceAll('-', ''))
      expect(readValue(column('id'), stored)).toBe(uuid)
      expect(writeValue(dialect, column('n'), '12')).toBe(12)
      expect(writeValue(dialect, column('n'), null)).toBeNull()
      const refused = [
        ['id', 'x'],
        ['id', null],
        ['n', '012'],
        ['n', 1.5],
        ['the name', '123456'],
        ['the name', 5],
      ] as const
      for (const [name, value] of refused) {
        expect([name, value, codeOf(() => writeValue(dialect, column(name), value))]).toEqual([
          name,
          value,
          'BAD_VALUE',
        ])
      }
      expect(writeValue(dialect, column('the name'), '🔑🔑🔑🔑🔑')).toBe('🔑🔑🔑🔑🔑')
    })
  })
})

it('quotes a name, or refuses it', () => {
  expect(quoteName('mysql', 'the näme')).toBe('`the näme`')
  expect(quoteName('postgresql', 'id')).toBe('"id"')
  for (const name of ['', 'a"b', 'a`b', "a'b", 'a\\b', 'a\0b', 'a.b', 'a\nb', 'x'.repeat(129), '\ud800']) {
    expect([name, codeOf(() => quoteName('sqlite', name))]).toEqual([name, 'BAD_NAME'])
  }
})
