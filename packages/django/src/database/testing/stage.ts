/** A database with Django's tables, and stores over it, for the tests of a file. */
import { extendTable, openStore, type Store, type Table } from '@keystile/core/store'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { SqlParameter } from '../../sql/driver.ts'
import type { Scratch, TestDatabase } from '../../testing/databases.ts'
import { djangoTables } from '../../testing/django-tables.ts'
import { djangoDatabase } from '../database.ts'
import type { DjangoDatabaseOptions } from '../options.ts'
import { account, accountOf, ann, hashOf, maybe, session, user } from './model.ts'

export const secretKey = 'the key of the project'

/** Users with a name and a level, as plugins and apps add fields. */
export const named = extendTable(user, {
  fields: { username: { ...maybe, unique: true }, level: { type: 'number', required: true, defaultValue: 3 } },
}) as unknown as Table

export function stage({ dialect, missing, open }: TestDatabase) {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch | undefined
  const stores: Store[] = []
  const statements: string[] = []
  let count = 0
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
  }, 60_000)
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    for (const table of ['django_session', 'auth_user']) await scratch?.driver.run(`delete from ${table}`)
  })
  afterAll(() => scratch?.drop())

  const there = () => {
    if (!scratch) throw new Error('there is no database')
    return scratch
  }
  const mark = (n: number) => (dialect === 'postgresql' ? `$${n}` : '?')
  const yes = dialect === 'postgresql' ? true : 1
  const no = dialect === 'postgresql' ? false : 0

  return {
    /** Of the stores, since it was emptied. */
    statements,
    scratch: there,
    mark,
    yes,
    no,
    all: (text: string) => there().driver.all(text),
    run: (text: string, parameters: readonly SqlParameter[] = []) => there().driver.run(text, parameters),
    opened(options: Partial<DjangoDatabaseOptions> = {}, users: Table = user as Table): Store {
      const store = openStore(djangoDatabase({ driver: there().driver, secretKey, ...options }), {
        tables: [users, session as Table, account as Table],
        idType: 'text',
        makeId: (model) => `${model}-${++count}`,
        onStatement: (sql) => statements.push(sql),
      })
      stores.push(store)
      return store
    },
    async withPassword(store: Store) {
      const row = await store.insert(user, ann)
      await store.insert(account, accountOf(row.id, hashOf(0)))
      return row
    },
    /** A user as Django's own code would have made it. */
    async djangoUser(more: Readonly<Record<string, SqlParameter>>) {
      const values: Record<string, SqlParameter> = {
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
      const marks = names.map((_, i) => mark(i + 1))
      await there().driver.run(
        `insert into auth_user (${names.join(', ')}) values (${marks.join(', ')})`,
        Object.values(values),
      )
    },
  }
}
