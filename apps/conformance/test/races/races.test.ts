import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ada, day, setup } from '../support.ts'

async function freshFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keystile-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'auth.db')
}

const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))
/** How often each status came. */
function tally(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const databases: readonly [string, () => Promise<string | undefined>][] = [
  ['rows in memory', async () => undefined],
  ['SQLite in memory', async () => ':memory:'],
  ['an SQLite file', freshFile],
]

async function made(database: string | undefined) {
  const all = setup(database === undefined ? {} : { database })
  onTestFinished(() => all.auth.close())
  return all
}

describe.each(databases)('%s', (_title, place) => {
  it('50 sign-ups at once all succeed, the tables not yet made', async () => {
    const { auth, browser } = await made(await place())
    const statuses = await times(
      50,
      async (i) => (await browser().signUp({ ...ada, email: `a${i}@example.com` })).status,
    )
    expect(tally(statuses)).toEqual({ 200: 50 })
    const { store, tables } = await auth.$context
    expect([
      await store.count(tables.user, {}),
      await store.count(tables.account, {}),
      await store.count(tables.session, {}),
    ]).toEqual([50, 50, 50])
  })

  it('20 sign-ups of one address make one user', async () => {
    const { auth, browser } = await made(await place())
    const statuses = await times(
      20,
      async (i) => (await browser().signUp({ ...ada, email: i % 2 ? ada.email : 'ADA@example.com' })).status,
    )
    expect(tally(statuses)).toEqual({ 200: 1, 422: 19 })
    const { store, tables } = await auth.$context
    expect([
      await store.count(tables.user, {}),
      await store.count(tables.account, {}),
      await store.count(tables.session, {}),
    ]).toEqual([1, 1, 1])
  })

  it('30 reads of a session that is due for refresh are all 200, with one new end', async () => {
    const { auth, browser, clock } = await made(await place())
    const caller = browser()
    await caller.signUp()
    const cookie = [...caller.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    // Every look at the clock gives another time, so that two refreshes would give two ends.
    let now = clock.now + 2 * day
    Object.defineProperty(clock, 'now', { get: () => now++ })
    const answers = await times(30, () => browser().get('/get-session', { cookie }))
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 30 })
    const ends = new Set(answers.map(({ json }) => json?.session?.expiresAt))
    const { store, tables } = await auth.$context
    const [row] = await store.list(tables.session, {})
    expect([...ends]).toEqual([row?.expiresAt.toISOString()])
    for (const { setCookies } of answers) expect(setCookies).toEqual([expect.not.stringContaining('Max-Age=0')])
  })

  it('of 10 changes of one password at once, one is made', async () => {
    const { auth, browser } = await made(await place())
    const caller = browser()
    await caller.signUp()
    const statuses = await times(10, async (i) => {
      const body = { currentPassword: ada.password, newPassword: `password-${i}`, revokeOtherSessions: false }
      return (await caller.post('/change-password', body)).status
    })
    expect(tally(statuses)).toEqual({ 200: 1, 400: 9 })
    const { store, tables } = await auth.$context
    const [account] = await store.list(tables.account, {})
    expect(account?.password).toBe(`quick:password-${statuses.indexOf(200)}`)
  })
})
