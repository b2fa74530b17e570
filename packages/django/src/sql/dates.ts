/**
 * Dates as Django's databases hold them. Outside they are ISO texts in UTC, `2025-01-02T03:04:05.000006Z`, for a `Date`
 * would lose the microseconds.
 */
import { DjangoError } from '../errors.ts'
import { wallClock } from '../primitives/clock.ts'
import type { Dialect } from './driver.ts'

/** How a column holds dates. */
export interface DateForm {
  readonly dialect: Dialect
  /** Of a column that knows the zone, as `timestamptz` does. Default: true for PostgreSQL, else false. */
  readonly zoned?: boolean | undefined
  /** What a date without a zone means: `TIME_ZONE` of a project with `USE_TZ = False`. Default `UTC`. */
  readonly timeZone?: string | undefined
}

/** Django's own, with the seconds that PostgreSQL gives zones of the past. */
const FORM =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?\s*(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/

interface Moment {
  /** Of a whole second. */
  readonly time: number
  readonly microseconds: number
}

/** What a column holds, as ISO text in UTC; `null` for what is no date, numbers among it, as Django reads it. */
export function readDate(stored: unknown, timeZone = 'UTC'): string | null {
  const moment = typeof stored === 'string' ? parse(stored, timeZone) : null
  return moment && inRange(moment) ? `${spell(moment.time, 'T')}${fraction(moment)}Z` : null
}

/**
 * A date as Django writes it. On SQLite the text is what decides which of two dates is later, so there is one form only.
 *
 * @param date a text without a zone is of the column's zone.
 * @throws DjangoError `BAD_VALUE` for what is no date.
 */
export function writeDate(date: Date | string, form: DateForm): string {
  const { dialect, zoned = dialect === 'postgresql', timeZone = 'UTC' } = form
  const moment = typeof date === 'string' ? parse(date, timeZone) : momentOf(date)
  if (!moment || !inRange(moment)) throw new DjangoError('BAD_VALUE', 'That is no date')
  if (zoned) return `${spell(moment.time, ' ')}${fraction(moment)}+00`
  return `${spell(wallClock(moment.time, timeZone), ' ')}${fraction(moment)}`
}

function momentOf(date: Date): Moment | null {
  const time = date.getTime()
  if (Number.isNaN(time)) return null
  const second = Math.floor(time / 1000) * 1000
  return { time: second, microseconds: (time - second) * 1000 }
}

function parse(text: string, timeZone: string): Moment | null {
  const found = FORM.exec(text)
  if (!found) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const wall = new Date(0)
  wall.setUTCFullYear(year, month - 1, day)
  wall.setUTCHours(hour, minute, second)
  // The thirteenth month and the like would have been carried over.
  const same =
    wall.getUTCFullYear() === year &&
    wall.getUTCMonth() === month - 1 &&
    wall.getUTCDate() === day &&
    wall.getUTCHours() === hour &&
    wall.getUTCMinutes() === minute &&
    wall.getUTCSeconds() === second
  if (!same) return null
  const zone = found[8]
  const time = zone === undefined ? instantOf(wall.getTime(), timeZone) : wall.getTime() - offsetOf(zone)
  return { time, microseconds: Number((found[7] ?? '').padEnd(6, '0')) }
}

/** In milliseconds. */
function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = (zone.slice(1).match(/\d\d/g) ?? []).map(Number)
  return (zone.startsWith('-') ? -1000 : 1000) * ((hours * 60 + minutes) * 60 + seconds)
}

const DAY = 86_400_000

/** When the clock on the wall shows `wall`: the first time where it does so twice, as Python has it. */
function instantOf(wall: number, timeZone: string): number {
  if (timeZone === 'UTC') return wall
  const asOf = (time: number) => wall - (wallClock(time, timeZone) - time)
  const [before, after] = [asOf(wall - DAY), asOf(wall + DAY)]
  const shown = [before, after].filter((time) => wallClock(time, timeZone) === wall)
  // A time that the clock skips is reckoned by the offset before.
  return shown.length > 0 ? Math.min(...shown) : before
}

const pad = (number: number, digits = 2) => String(number).padStart(digits, '0')

function spell(time: number, between: string): string {
  const date = new Date(time)
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
  return `${day}${between}${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`
}

/** Six digits or none. */
const fraction = ({ microseconds }: Moment) => (microseconds === 0 ? '' : `.${pad(microseconds, 6)}`)

/** Years that Python has, less a day on either side for its zones. */
const FIRST = Date.parse('0001-01-02T00:00:00Z')
const LAST = Date.parse('9999-12-31T00:00:00Z')

const inRange = ({ time }: Moment) => time >= FIRST && time < LAST
