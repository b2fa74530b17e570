import { describe, expect, it } from 'vitest'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { openStore } from '../store/open.ts'
import { createBackground } from './background.ts'
import { accountTable, rateLimitTable, sessionTable, userTable, verificationTable } from './model.ts'
import { createSweep } from './sweep.ts'

const minute = 60_000
const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const tables = {
  user: userTable,
  session: sessionTable,
  account: accountTable,
  verification: verificationTable,
  rateLimit: rateLimitTable,
}
type Name = 'session' | 'verification' | 'rateLimit'

/** A sweep made at `start`, on rows that end, or rest since, the moments that are given. */
function site(rest: Partial<Record<Name, readonly number[]>> = {}, keepVerifications = false) {
  const clock = { now: start }
  const logged: string[] = []
  const log = (line: string) => logged.push(line)
  const background = createBackground({ debug: log, info: log, warn: log, error: log })
  const ends = (times: readonly number[] = []) => times.map((at, n) => ({ id: `${n}`, expiresAt: new Date(at) }))
  const rows: Record<Name, { id: string; expiresAt?: Date; lastRequest?: number }[]> = {
    session: ends(rest.session),
    verification: ends(rest.verification),
    rateLimit: (rest.rateLimit ?? []).map((at, n) => ({ id: `${n}`, lastRequest: at })),
  }
  const store = openStore(memoryAdapter(rows), { tables: Object.values(tables), makeId: () => 'id', idType: 'text' })
  const sweep = createSweep({ store, tables, clock: () => clock.now, background, keepVerifications })
  /** What is left after a request at that time. */
  const left = async (now: number) => {
    clock.now = now
    sweep()
    await background.idle()
    const times = (name: Name) => rows[name].map((row) => row.expiresAt?.getTime() ?? row.lastRequest)
    return { session: times('session'), verification: times('verification'), rateLimit: times('rateLimit') }
  }
  return { left, logged, rows, store }
}

describe('expired rows are removed', () => {
  const cases: readonly [title: string, after: readonly number[], swept: readonly boolean[]][] = [
    ['not at the start', [0], [false]],
    ['not within the first minute', [minute - 1], [false]],
    ['after a minute', [minute], [true]],
    ['long after', [day], [true]],
    ['once a minute', [minute, minute, 2 * minute - 1, 2 * minute], [true, false, false, true]],
    [
      'a minute after the last time, however late that was',
      [5 * minute, 6 * minute - 1, 6 * minute],
      [true, false, true],
    ],
    ['at once where the clock was put back', [-1], [true]],
    ['and a minute after that', [-day, minute - day - 1, minute - day], [true, false, true]],
  ]
  it.each(cases)('%s', async (_title, after, swept) => {
    const { left, rows } = site()
    const seen: boolean[] = []
    for (const time of after) {
      rows.session.splice(0, rows.session.length, { id: 'old', expiresAt: new Date(start - 2 * day) })
      seen.push((await left(start + time)).session.length === 0)
    }
    expect(seen).toEqual(swept)
  })

  const now = start + minute
  it.each([
    ['', false, [now + 1]],
    [', verifications not where they are kept', true, [now - day, now, now + 1]],
  ])('and no others%s', async (_title, keepVerifications, verification) => {
    const ends = [now - day, now, now + 1]
    const { left } = site(
      { session: ends, verification: ends, rateLimit: [now - day - 1, now - day, now] },
      keepVerifications,
    )
    expect(await left(now)).toEqual({ session: [now + 1], verification, rateLimit: [now - day, now] })
  })

  it('a thousand of a table at a time', async () => {
    const old = Array.from({ length: 1001 }, () => start - 2 * day)
    const { left } = site({ session: old, verification: old, rateLimit: old })
    const [one] = old
    expect(await left(start + minute)).toEqual({ session: [one], verification: [one], rateLimit: [one] })
    expect(await left(start + 2 * minute)).toEqual({ session: [], verification: [], rateLimit: [] })
  })

  it('a store that fails is told of in the log, by name', async () => {
    const { left, logged, store } = site()
    await store.close()
    await left(start + minute)
    expect(logged).toEqual([expect.stringMatching(/sweep.* failed/)])
  })
})
