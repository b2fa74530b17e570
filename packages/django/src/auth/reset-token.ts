import { type Clock, wallClock } from '../primitives/clock.ts'
import { timingSafeEqual } from '../primitives/compare.ts'
import { fromBase36, toBase36 } from '../primitives/digits.ts'
import { allKeys, type SecretKeys } from '../primitives/keys.ts'
import { saltedHmac } from '../primitives/salted-hmac.ts'
import { type DjangoVersion, hmacOf, NEWEST_DJANGO, since } from '../version.ts'

/** What a token depends on: it ends when the password, the e-mail address or the time of the last login changes. */
export interface ResetTokenUser {
  /** The primary key as text. */
  readonly id: string
  /** The text of the column `password`. */
  readonly password: string
  readonly lastLogin: Date | null
  readonly email: string | null
}

/** What `resetTokens` is told. */
export interface ResetTokenOptions extends SecretKeys {
  readonly djangoVersion?: DjangoVersion | undefined
  /** `PASSWORD_RESET_TIMEOUT` in seconds. Default three days; before 3.1 Django counts whole days. */
  readonly timeout?: number | undefined
  /** `TIME_ZONE` of the Django server, whose wall clock its tokens are reckoned by. Default `UTC`. */
  readonly serverTimeZone?: string | undefined
  /** The zone of the dates in the database: `UTC`, except where Django has `USE_TZ = False`. */
  readonly databaseTimeZone?: string | undefined
  readonly clock?: Clock | undefined
}

/** Tokens of the mails that reset a password, as Django's `PasswordResetTokenGenerator` makes them. */
export interface ResetTokens {
  make(user: ResetTokenUser): string
  /** Whether the token was made for that user as it is now, and is not too old. */
  check(user: ResetTokenUser, token: unknown): boolean
}

const SALT = 'django.contrib.auth.tokens.PasswordResetTokenGenerator'
const START = Date.UTC(2001, 0, 1)

/** Makes and checks reset tokens. */
export function resetTokens(options: ResetTokenOptions): ResetTokens {
  const { djangoVersion = NEWEST_DJANGO, timeout = 259_200, clock = Date.now } = options
  const { serverTimeZone = 'UTC', databaseTimeZone = 'UTC' } = options
  const keys = allKeys(options)
  const algorithm = hmacOf(djangoVersion)
  const inDays = !since(djangoVersion, '3.1')
  const unit = inDays ? 86_400 : 1

  const now = () => Math.floor((wallClock(clock(), serverTimeZone) - START) / (unit * 1000))

  function tokenOf(user: ResetTokenUser, time: number, key: string): string {
    const { id, password, lastLogin, email } = user
    const login = lastLogin
      ? new Date(wallClock(lastLogin.getTime(), databaseTimeZone)).toISOString().slice(0, 19).replace('T', ' ')
      : ''
    const state = `${id}${password}${login}${time}${inDays ? '' : (email ?? '')}`
    const hex = saltedHmac(SALT, state, key, algorithm).toString('hex')
    return `${toBase36(time)}-${hex.replace(/(.)./g, '$1')}`
  }

  return {
    make: (user) => tokenOf(user, now(), keys[0]),

    check(user, token) {
      if (typeof token !== 'string') return false
      const time = fromBase36(token.slice(0, Math.max(0, token.indexOf('-'))))
      if (time === undefined || !keys.some((key) => timingSafeEqual(tokenOf(user, time, key), token))) return false
      return (now() - time) * unit <= timeout
    },
  }
}
