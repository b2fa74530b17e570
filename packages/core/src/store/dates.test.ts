import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateFromColumn, dateToColumn, parseIso } from './dates.ts'

const anyDate = fc.date({
  min: new Date('0000-01-01'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

describe('dates in columns', () => {
  it('reads ISO text as the platform does', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(parseIso(date.toISOString())).toBe(date.getTime())
      }),
    )
    for (const day of ['2000-02-29', '1900-03-01', '2100-02-28', '0004-02-29', '2024-12-31']) {
      expect(parseIso(`${day}T00:00:00.000Z`)).toBe(Date.parse(`${day}T00:00:00.000Z`))
    }
  })

  it('reads other text, where a missing zone means UTC as in SQLite', () => {
    expect(parseIso('2024-05-06 07:08:09')).toBe(Date.UTC(2024, 4, 6, 7, 8, 9))
    expect(parseIso('2024-05-06T07:08:09+02:00')).toBe(Date.UTC(2024, 4, 6, 5, 8, 9))
    expect(parseIso('2024-05-06')).toBe(Date.UTC(2024, 4, 6))
    expect(parseIso('no date')).toBeNaN()
  })

  it('gives back every date in the form it is kept in', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(dateFromColumn('iso', dateToColumn('iso', date))).toEqual(date)
        expect(dateFromColumn('milliseconds', dateToColumn('milliseconds', date))).toEqual(date)
        const seconds = dateFromColumn('seconds', dateToColumn('seconds', date)).getTime()
        expect(seconds).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })

  it('has no text for years that would sort wrongly', () => {
    expect(dateToColumn('iso', new Date(Date.UTC(10_000, 0, 1)))).toBeNull()
    expect(dateToColumn('iso', new Date(Date.UTC(-1, 0, 1)))).toBeNull()
  })
})
