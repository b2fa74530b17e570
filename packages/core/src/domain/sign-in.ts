/** Sign-in with a password, whatever names the user: an address, a user name. */

import type { Clock, Logger } from '../lib/environment.ts'
import { apiError, type ErrorCode } from '../lib/errors.ts'
import type { Store } from '../store/store.ts'
import type { Accounts } from './accounts.ts'
import { baseCodes } from './codes.ts'
import type { Tell } from './events.ts'
import type { CurrentSession, Exchange } from './exchange.ts'
import type { AccountRow, Tables, UserRow } from './model.ts'
import type { Passwords } from './passwords/index.ts'
import type { Needed } from './records.ts'
import type { Sessions } from './sessions.ts'
import type { PasswordSettings } from './settings.ts'
import type { Throttle } from './throttle.ts'

export interface PasswordInput {
  readonly exchange: Exchange
  /** The unique field that names the user, in its stored form: `{ email }`. */
  readonly where: { readonly [field: string]: string }
  readonly password: string
  /** What an unknown user and a wrong password are both answered with. */
  readonly refusal: ErrorCode
}

export interface SignInInput extends PasswordInput {
  readonly remember?: boolean | undefined
  readonly callbackURL?: string | undefined
}

/** How often a password is checked that is changed while what it opens is made. */
const mostAttempts = 3

/** Opens a session, or throws the refusal. Unknown user, no password and wrong password cost and say the same. */
export type PasswordSignIn = (input: SignInInput) => Promise<CurrentSession>

/**
 * Checks a password, then makes what it opens: `enter` is given the user and what that is to rest on, and gives `null`
 * where it rests no more, or a hook refused. Unknown user, no password and wrong password cost and say the same.
 */
export type PasswordEntry = <T>(
  input: PasswordInput,
  enter: (user: UserRow, needs: Needed) => Promise<T | null>,
) => Promise<T>

export function passwordSignIn(withPassword: PasswordEntry, sessions: Sessions): PasswordSignIn {
  return ({ remember, callbackURL, ...input }) =>
    withPassword(input, (user, needs) =>
      sessions.open(user, { method: 'pwd', exchange: input.exchange, remember, callbackURL, needs }),
    )
}

export function passwordEntry(options: {
  readonly settings: PasswordSettings
  readonly tables: Tables
  readonly store: Store
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly tell: Tell
  readonly clock: Clock
  readonly logger: Logger
}): PasswordEntry {
  const { settings, tables, store, accounts, passwords, throttle, clock, logger } = options

  /** Brings an older hash up to the present format; a failure leaves the old one, which still holds. */
  async function upgraded(account: AccountRow, password: string): Promise<AccountRow> {
    try {
      const patch = { password: await passwords.hash(password), updatedAt: new Date(clock()) }
      const { id, password: stored } = account
      return (await store.update(tables.account, { id, password: stored }, patch)) ?? account
    } catch (error) {
      logger.warn('a password hash could not be brought up to date', error)
      return account
    }
  }

  return async ({ exchange, where, password, refusal }, enter) => {
    if (password.length > settings.maxPasswordLength) throw apiError(refusal)
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const found = await accounts.credentials(where)
      const stored = found?.account?.password
      const userId = found?.user.id
      let outdated = false
      const name = Object.values(where).join()
      const right = await throttle.attempt(exchange, { account: userId ?? name, userId }, async () => {
        const { valid, rehash } = await passwords.verify(password, stored)
        outdated = rehash
        return valid
      })
      if (!found?.account || !right) {
        options.tell(exchange, 'sign-in.failed', { name, userId })
        throw apiError(refusal)
      }
      const account = outdated ? await upgraded(found.account, password) : found.account
      const needs = accounts.unchanged(account)
      const entered = await enter(found.user, needs)
      if (entered) {
        throttle.remember(exchange, found.user.id)
        return entered
      }
      // What it was to rest on still stands: a hook has refused. Else what stands now is asked.
      if (await store.find(needs.table, needs.where)) break
    }
    throw apiError(baseCodes.FAILED_TO_CREATE_SESSION, 401)
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
