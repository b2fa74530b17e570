import { afterEach, describe, expect, it, vi } from 'vitest'
import { patiently } from './failures.ts'
import { patience } from './in-time.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { makeTurns } from './turns.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('turns', () => {
  it('go to one at a time, in the order of asking', async () => {
    const turns = makeTurns()
    const seen: number[] = []
    await turns.take()
    const waiting = [1, 2, 3].map(async (number) => {
      await turns.take()
      seen.push(number)
      turns.release()
    })
    await Promise.resolve()
    expect(seen).toEqual([])
    turns.release()
    await Promise.all(waiting)
    expect(seen).toEqual([1, 2, 3])
    expect(turns.free).toBe(true)
  })

  it('are not waited for without end', async () => {
    vi.useFakeTimers()
    const turns = makeTurns()
    await turns.take()
    const outcome = expect(turns.take()).rejects.toMatchObject({ name: 'StoreUnavailable' })
    await vi.advanceTimersByTimeAsync(patience)
    await outcome
    turns.release()
    expect(turns.free).toBe(true)
  })
})

describe('a busy database', () => {
  const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })

  it('is asked again until it answers', async () => {
    vi.useFakeTimers()
    let tries = 0
    const answer = patiently(sqliteDialect, () => {
      if (++tries < 10) throw busy
      return 'done'
    })
    await vi.runAllTimersAsync()
    expect(await answer).toBe('done')
    expect(tries).toBe(10)
  })

  it('is given up after a while, other errors at once', async () => {
    vi.useFakeTimers()
    let tries = 0
    const answer = patiently(sqliteDialect, () => {
      tries++
      throw busy
    })
    const outcome = expect(answer).rejects.toBe(busy)
    await vi.advanceTimersByTimeAsync(patience / 2)
    const halfway = tries
    await vi.advanceTimersByTimeAsync(patience)
    await outcome
    expect(tries).toBeGreaterThan(halfway)
    const mistake = new Error('no such table')
    await expect(patiently(sqliteDialect, () => Promise.reject(mistake))).rejects.toBe(mistake)
  })
})
