import { expect, it, onTestFinished, vi } from 'vitest'
import { insist } from './background.ts'

/** A task that fails so many times, then gives `done`, and the times at which it ran. */
function failing(times: number) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const began = Date.now()
  const ran: number[] = []
  const task = async () => {
    if (ran.push(Date.now() - began) <= times) throw new Error(`failure ${ran.length}`)
    return 'done'
  }
  return { task, ran }
}

it('what is insisted on runs again where it failed, after each wait', async () => {
  const { task, ran } = failing(2)
  const result = insist(task)
  await vi.runAllTimersAsync()
  expect(ran).toEqual([0, 1000, 5000])
  expect(await result).toBe('done')
})

it('what is insisted on runs once where it succeeds', async () => {
  const { task, ran } = failing(0)
  expect(await insist(task)).toBe('done')
  expect(ran).toEqual([0])
})

it('the last failure of what is insisted on is told', async () => {
  const { task } = failing(9)
  const result = expect(insist(task, [1])).rejects.toThrow('failure 2')
  await vi.runAllTimersAsync()
  await result
})
