/** Sign-in with a password, whatever names the user: an address, a user name. */

import type { Clock, Logger } from '../lib/environment.ts'
import { apiError, type ErrorCode } from '../lib/errors.ts'
import type { Store } from '../store/store.ts'
import type { Accounts, Credentials } from './accounts.ts'
import { baseCodes } from './codes.ts'
import type { Tell } from './events.ts'
import type { CurrentSession, Exchange } from './exchange.ts'
import type { Tables } from './model.ts'
import type { Passwords } from './passwords/index.ts'
import type { Sessions } from './sessions.ts'
import type { PasswordSettings } from './settings.ts'
import type { Throttle } from './throttle.ts'

export interface SignInInput {
  readonly exchange: Exchange
  /** The unique field that names the user, in its stored form: `{ email }`. */
  readonly where: { readonly [field: string]: string }
  readonly password: string
  readonly remember?: boolean | undefined
  readonly callbackURL?: string | undefined
  /** What an unknown user and a wrong password are both answered with. */
  readonly refusal: ErrorCode
}

/** Opens a session, or throws the refusal. Unknown user, no password and wrong password cost and say the same. */
export type PasswordSignIn = (input: SignInInput) => Promise<CurrentSession>

export function passwordSignIn(options: {
  readonly settings: PasswordSettings
  readonly tables: Tables
  readonly store: Store
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly throttle: Throttle
  readonly tell: Tell
  readonly clock: Clock
  readonly logger: Logger
}): PasswordSignIn {
  const { settings, tables, store, accounts, passwords, sessions, throttle, clock, logger } = options

  /** Brings an older hash up to the present format; a failure leaves the old one, which still holds. */
  async function upgrade({ user, password: stored }: Credentials, password: string): Promise<void> {
    try {
      const hash = await passwords.hash(password)
      const account = await accounts.credentialOf(user.id)
      if (account && stored) {
        const patch = { password: hash, updatedAt: new Date(clock()) }
        await store.update(tables.account, { id: account.id, password: stored }, patch)
      }
    } catch (error) {
      logger.warn('a password hash could not be brought up to date', error)
    }
  }

  return async ({ exchange, where, password, remember, callbackURL, refusal }) => {
    if (password.length > settings.maxPasswordLength) throw apiError(refusal)
    const found = await accounts.credentials(where)
    const userId = found?.user.id
    let outdated = false
    const name = Object.values(where).join()
    const right = await throttle.attempt(exchange, { account: userId ?? name, userId }, async () => {
      const { valid, rehash } = await passwords.verify(password, found?.password)
      outdated = rehash
      return valid
    })
    if (!found || !right) {
      options.tell(exchange, 'sign-in.failed', { name, userId })
      throw apiError(refusal)
    }
    if (outdated) await upgrade(found, password)
    const opened = await sessions.open(found.user, { method: 'pwd', exchange, remember, callbackURL })
    if (!opened) throw apiError(baseCodes.FAILED_TO_CREATE_SESSION, 401)
    throttle.remember(exchange, found.user.id)
    return opened
  }
}

/** Whether a password is the one that a signed-in user has; wrong ones count against the account. */
export async function knowsPassword(
  { throttle, passwords }: { readonly throttle: Throttle; readonly passwords: Passwords },
  exchange: Exchange,
  userId: string,
  password: string,
  stored: string | null | undefined,
): Promise<boolean> {
  const check = async () => (await passwords.verify(password, stored)).valid
  return throttle.attempt(exchange, { account: userId, userId }, check)
}

/** Throws when a new password is too short or too long. */
export function checkNewPassword(password: string, settings: PasswordSettings): void {
  if (password.length < settings.minPasswordLength) throw apiError(baseCodes.PASSWORD_TOO_SHORT)
  if (password.length > settings.maxPasswordLength) throw apiError(baseCodes.PASSWORD_TOO_LONG)
}
