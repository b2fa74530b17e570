import { DjangoError } from '../errors.ts'
import { type DjangoVersion, NEWEST_DJANGO, since } from '../version.ts'
import type { JsonObject } from './json.ts'

/** Where a session keeps an expiry of its own. */
const KEY = '_session_expiry'

/** The last moment that Python's dates know, in milliseconds. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59)

/** When sessions end, by Django's settings. */
export interface ExpiryOptions {
  /** `SESSION_COOKIE_AGE` in seconds. Default two weeks. */
  readonly cookieAge?: number | undefined
  /** `SESSION_EXPIRE_AT_BROWSER_CLOSE`. Default `false`. */
  readonly expireAtBrowserClose?: boolean | undefined
}

/** When a session ends that is saved now. */
export interface Expiry {
  /** Whole seconds from now: the age of the cookie. */
  readonly age: number
  /** When the row ends. */
  readonly date: Date
  /** The cookie is sent without an age. */
  readonly atBrowserClose: boolean
}

/**
 * When a session with this data ends.
 *
 * @param now milliseconds since 1970
 */
export function expiryOf(data: JsonObject, options: ExpiryOptions, now: number): Expiry {
  const { cookieAge = 1_209_600, expireAtBrowserClose = false } = options
  const own = ownExpiry(data[KEY])
  const date = typeof own === 'object' ? own.getTime() : now + (own || cookieAge) * 1000
  const atBrowserClose = own === undefined ? expireAtBrowserClose : own === 0
  return { age: Math.floor((date - now) / 1000), date: new Date(Math.min(date, LAST)), atBrowserClose }
}

/**
 * Gives a session an expiry of its own, as Django's `set_expiry` does: seconds from each save, `0` for as long as the
 * browser is open, a date, or `null` for the one of the settings.
 *
 * @throws {DjangoError} `UNREADABLE_EXPIRY` for a date where `djangoVersion` is before 4.1, which reads none, and for
 *   what is neither a whole number nor a date
 */
export function setExpiry(data: JsonObject, expiry: number | Date | null, djangoVersion?: DjangoVersion): void {
  if (expiry === null) {
    delete data[KEY]
  } else if (typeof expiry === 'number') {
    if (!Number.isSafeInteger(expiry)) throw new DjangoError('UNREADABLE_EXPIRY', 'an expiry is a number of seconds')
    data[KEY] = expiry
  } else {
    if (Number.isNaN(expiry.getTime())) throw new DjangoError('UNREADABLE_EXPIRY', 'the date of expiry is not valid')
    if (!since(djangoVersion ?? NEWEST_DJANGO, '4.1')) {
      throw new DjangoError('UNREADABLE_EXPIRY', 'Django before 4.1 reads no date of expiry: set seconds')
    }
    data[KEY] = pythonIso(expiry)
  }
}

/** Seconds or a date; what Django could not read counts as none. */
function ownExpiry(stored: unknown): number | Date | undefined {
  if (typeof stored === 'number' && Number.isFinite(stored)) return stored
  if (typeof stored !== 'string') return undefined
  const [, day, time, fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$/.exec(stored) ?? []
  const date = new Date(`${day}T${time}${fraction.slice(0, 4)}${zone}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** The ISO text of Python: microseconds where there are any, and an offset. */
function pythonIso(date: Date): string {
  const iso = date.toISOString().slice(0, -1)
  return `${iso.endsWith('.000') ? iso.slice(0, -4) : `${iso}000`}+00:00`
}
