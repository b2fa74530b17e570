import { describe, expect, it } from 'vitest'
import { codeOf, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { since } from '../version.ts'
import { readDate, writeDate } from './dates.ts'
import { sqliteDriver } from './sqlite.ts'

const byValue = (record: { value?: string; stored?: unknown }) => String(record.value ?? record.stored)

describe.each(recordedVersions)('as recorded of Django %s', (version) => {
  const flows = recorded('flows', version)

  it('writes the text of SQLite', () => {
    replay(flows.sqlite_dates, ({ value, stored }) => expect(writeDate(value, { dialect: 'sqlite' })).toBe(stored))
  })

  it('reads what may be there', () => {
    replay(
      flows.sqlite_dates_read,
      ({ stored, result }) => {
        const read = readDate(stored)
        expect(read === null ? 'None' : read.replace('T', ' ').replace('Z', '+00:00')).toBe(result)
      },
      since(version, '4.0') ? {} : { '2025-01-02': 'older releases read no day without a time' },
      byValue,
    )
  })

  it('finds the same sessions alive on SQLite, where the text decides', async () => {
    const driver = sqliteDriver(':memory:')
    for (const { now, expire_date: end, visible } of flows.sqlite_expire_compare) {
      const text = writeDate(now.replace(' ', 'T'), { dialect: 'sqlite' })
      const [row] = await driver.all('select ? > ? as visible', [end, text])
      expect({ end, visible: row?.visible === 1 }).toEqual({ end, visible: visible.result })
    }
    await driver.close()
  })
})

it.each(['3.2', '4.2', '5.2'])('writes what Django %s stores on servers', (version) => {
  replay(recorded('schema-postgresql', version).dates, ({ value, stored_text }) =>
    expect(writeDate(value, { dialect: 'postgresql' })).toBe(stored_text),
  )
  // The column itself fills up the six digits.
  replay(recorded('schema-mysql', version).dates, ({ value, stored_text }) =>
    expect(writeDate(value, { dialect: 'mysql' })).toBe(stored_text.replace('.000000', '')),
  )
})

describe('dates', () => {
  it('reads those of PostgreSQL in the zone of whatever connection', () => {
    expect(readDate('2025-01-02 08:34:05.000006+05:30')).toBe('2025-01-02T03:04:05.000006Z')
    expect(readDate('1880-01-02 03:57:33+00:53:28')).toBe('1880-01-02T03:04:05Z')
    expect(readDate('2025-01-01 20:04:05-07')).toBe('2025-01-02T03:04:05Z')
  })

  it('keeps a Date to its millisecond', () => {
    expect(writeDate(new Date('2025-01-02T03:04:05.120Z'), { dialect: 'sqlite' })).toBe('2025-01-02 03:04:05.120000')
    expect(writeDate(new Date(-1), { dialect: 'mysql' })).toBe('1969-12-31 23:59:59.999000')
  })

  it('reads nothing out of what is no date', () => {
    for (const text of ['2025-02-30', '2025-13-01 00:00', '2025-01-02 25:00', 'infinity', '0000-00-00 00:00:00', 'x']) {
      expect(readDate(text)).toBeNull()
      expect(codeOf(() => writeDate(text, { dialect: 'sqlite' }))).toBe('BAD_VALUE')
    }
    expect(codeOf(() => writeDate(new Date(Number.NaN), { dialect: 'sqlite' }))).toBe('BAD_VALUE')
    expect(codeOf(() => writeDate(new Date(8.64e15), { dialect: 'sqlite' }))).toBe('BAD_VALUE')
  })

  it('uses the wall clock of a project without zones', () => {
    const timeZone = 'Europe/Berlin'
    const wall = (date: string) => writeDate(date, { dialect: 'sqlite', timeZone })
    expect(wall('2025-07-01T12:00:00.000006Z')).toBe('2025-07-01 14:00:00.000006')
    expect(readDate('2025-07-01 14:00:00.000006', timeZone)).toBe('2025-07-01T12:00:00.000006Z')
    expect(readDate('2025-01-01 13:00:00', timeZone)).toBe('2025-01-01T12:00:00Z')
    // Shown twice, and never.
    expect(readDate('2025-10-26 02:30:00', timeZone)).toBe('2025-10-26T00:30:00Z')
    expect(readDate('2025-03-30 02:30:00', timeZone)).toBe('2025-03-30T01:30:00Z')
    expect(writeDate('2025-07-01T12:00:00Z', { dialect: 'postgresql', timeZone })).toBe('2025-07-01 12:00:00+00')
    const plain = { dialect: 'postgresql', zoned: false, timeZone } as const
    expect(writeDate('2025-07-01T12:00:00Z', plain)).toBe('2025-07-01 14:00:00')
  })
})
