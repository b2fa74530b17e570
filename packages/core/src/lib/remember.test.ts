import { expect, it } from 'vitest'
import { remember } from './remember.ts'

it('keeps what was remembered last, and no more than there is room for', () => {
  const map = new Map<number, string>()
  for (let i = 0; i < 1000; i++) expect(remember(map, i, `value ${i}`)).toBe(`value ${i}`)
  expect(map.size).toBe(256)
  expect([...map.keys()].at(0)).toBe(744)
  expect(map.get(999)).toBe('value 999')
})

it('has as much room as it is told', () => {
  const map = new Map<number, number>()
  for (let i = 0; i < 5; i++) remember(map, i, i, 2)
  expect([...map]).toEqual([
    [3, 3],
    [4, 4],
  ])
})
