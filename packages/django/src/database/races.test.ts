/** Sign-ins, refreshes, ends and new passwords at once, here and as Django writes them. */
import { openStore, type Store } from '@keystile/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { djangoDatabase } from './database.ts'
import { account, accountOf, hashOf, session, sessionOf, user } from './testing/model.ts'

/** As many as are asked for where all services are. */
const rounds = process.env.KEYSTILE_REQUIRE_SERVICES === '1' ? 200 : 30

describe.each(testDatabases)('at once on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  let stores: Store[]
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
    let count = 0
    stores = [scratch.driver, scratch.another()].map((driver) =>
      openStore(djangoDatabase({ driver, secretKey: 'the key' }), {
        tables: [user, session, account],
        idType: 'text',
        makeId: (model) => `${model}-${++count}`,
      }),
    )
  })
  afterAll(async () => {
    for (const store of stores ?? []) await store.close()
    await scratch?.drop()
  })

  it('nothing is torn, and nothing ended comes back', async () => {
    const [one, two] = stores as [Store, Store]
    const django = scratch.another()
    const now = new Date('2026-01-02T03:04:05.678Z')
    const row = await one.insert(user, { name: 'Ann', email: 'ann@example.com', createdAt: now, updatedAt: now })
    await one.insert(account, accountOf(row.id, hashOf(0)))
    const id = `credential:${row.id}`
    const ended: string[] = []
    for (let round = 1; round <= rounds; round++) {
      const [from, to] = [hashOf(round - 1), hashOf(round)]
      const signIn = (store: Store, token: string, password: string) =>
        store.insertIf(session, sessionOf(row.id, token), account, { id, password })
      const old = [await signIn(one, `${round}a`, from), await signIn(two, `${round}b`, from)]
      expect(old).not.toContain(null)
      const later = new Date(now.getTime() + round * 86400_000 * 30)
      const [there] = await django.all(`select session_key from keystile_session where token = '${round}b'`)
      const byDjango = [
        django.run(`delete from django_session where session_key = '${there?.session_key}'`),
        django.run(`update auth_user set first_name = 'r${round}'`),
      ]
      await Promise.all([
        one.transaction(async (tx) => {
          await tx.update(account, { id, password: from }, { password: to })
          await tx.remove(session, { userId: row.id, id: { ne: old[0]?.id ?? '' } })
          await tx.update(session, { id: old[0]?.id ?? '' }, { token: `${round}new` })
        }),
        two.update(session, { id: old[0]?.id ?? '', token: `${round}a` }, { expiresAt: later, updatedAt: now }),
        two.update(session, { id: old[1]?.id ?? '' }, { expiresAt: later, updatedAt: now }),
        signIn(two, `${round}c`, from),
        one.update(user, { id: row.id }, { image: `/${round}.png` }),
        two.remove(session, { token: `${round}b` }),
        ...byDjango,
      ])
      const left = await two.list(session, { userId: row.id })
      expect(left.map(({ token }) => token)).toEqual([`${round}new`])
      expect(await one.remove(session, { token: `${round}new` })).toBe(1)
      ended.push(`${round}a`, `${round}b`, `${round}c`, `${round}new`)
      expect(await two.find(account, { id })).toMatchObject({ password: to })
    }
    expect(await one.count(session, { token: { in: ended } })).toBe(0)
    expect(await django.all('select * from django_session')).toEqual([])
    expect(await django.all('select * from keystile_session')).toEqual([])
    if (dialect === 'sqlite') await django.close()
  })
})
