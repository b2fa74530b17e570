import { describe, expect, it } from 'vitest'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { openStore } from '../store/open.ts'
import { type UserRow, userTable } from './model.ts'
import { type ModelHooks, recordKeeper } from './records.ts'

const now = new Date(Date.UTC(2026, 0, 1))
const person = (name: string): Partial<UserRow> => ({
  name,
  email: `${name}@example.com`,
  emailVerified: true,
  createdAt: now,
  updatedAt: now,
})

/** Records of users with these hooks around them, and the rows behind them. */
function site(...hooks: readonly ModelHooks[]) {
  let made = 0
  const rows: Record<'user', { name?: string }[]> = { user: [] }
  const store = openStore(memoryAdapter(rows), { tables: [userTable], makeId: () => `${++made}`, idType: 'text' })
  const records = recordKeeper(store, { user: hooks })(null)
  return { records, names: () => rows.user.map(({ name }) => name) }
}

describe('a before-hook', () => {
  it('may give the id, and what it gives beside the fields is dropped', async () => {
    const seen: object[] = []
    const given = { id: 'mine', image: 'face', role: 'admin' }
    const { records } = site(
      { create: { before: () => ({ data: given }) } },
      { create: { before: (data) => void seen.push(data) } },
    )
    const row = await records.create(userTable, person('ada'))
    expect(seen).toEqual([{ ...person('ada'), id: 'mine', image: 'face' }])
    expect(row).toEqual({ ...person('ada'), id: 'mine', image: 'face' })
  })
})

describe('rows that are removed', () => {
  it.each<[string, ModelHooks, removed: number, left: string[]]>([
    ['without hooks', {}, 3, []],
    ['with hooks', { delete: { after: () => {} } }, 3, []],
    ['where a hook keeps one', { delete: { before: ({ name }) => (name === 'bob' ? false : undefined) } }, 2, ['bob']],
  ])('are counted %s', async (_title, hooks, removed, left) => {
    const { records, names } = site(hooks)
    for (const name of ['ada', 'bob', 'cyd']) await records.create(userTable, person(name))
    expect(await records.remove(userTable, { emailVerified: true })).toBe(removed)
    expect(names()).toEqual(left)
  })

  it('are told each to a hook that comes after', async () => {
    const gone: unknown[] = []
    const { records } = site({ delete: { after: ({ name }) => gone.push(name) } })
    for (const name of ['ada', 'bob']) await records.create(userTable, person(name))
    await records.remove(userTable, { emailVerified: true })
    expect(gone).toEqual(['ada', 'bob'])
  })
})

describe('a transaction inside another', () => {
  it('is undone with it, and told to no hook', async () => {
    const told: unknown[] = []
    const { records, names } = site({ create: { after: ({ name }) => told.push(name) } })
    const outer = records.transaction(async (tx) => {
      await tx.transaction((inner) => inner.create(userTable, person('ada')))
      throw new Error('undone')
    })
    await expect(outer).rejects.toThrow('undone')
    expect(told).toEqual([])
    expect(names()).toEqual([])
  })

  it('is told once both are done', async () => {
    const told: unknown[] = []
    const { records } = site({ create: { after: ({ name }) => told.push(name) } })
    await records.transaction(async (tx) => {
      await tx.transaction((inner) => inner.create(userTable, person('ada')))
      expect(told).toEqual([])
    })
    expect(told).toEqual(['ada'])
  })
})
