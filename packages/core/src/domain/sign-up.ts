/** Sign-up with a password: the user and their credential account come into being together, or not at all. */
import type { Clock, Logger } from '../lib/environment.ts'
import { APIError, apiError } from '../lib/errors.ts'
import { RandomUnavailable } from '../lib/random.ts'
import { type Store, StoreUnavailable, UniqueViolation, UnstorableValue } from '../store/store.ts'
import type { Accounts } from './accounts.ts'
import type { Background } from './background.ts'
import { baseCodes } from './codes.ts'
import type { Tell } from './events.ts'
import type { Exchange } from './exchange.ts'
import type { Mail } from './mail.ts'
import type { AccountRow, Tables, UserRow } from './model.ts'
import type { Output } from './output.ts'
import type { Passwords } from './passwords/index.ts'
import type { RecordsOf } from './records.ts'
import type { PasswordSettings } from './settings.ts'

export interface SignUpInput {
  readonly exchange: Exchange
  /** Fields of the new user, checked; `email` in its canonical form. */
  readonly profile: Partial<UserRow> & { readonly email: string }
  readonly password: string
  readonly callbackURL?: string | undefined
}

/** A new user who may be signed in, or what to answer where sign-up does not sign in: the same for a taken address. */
export type SignedUp =
  | { readonly user: UserRow; readonly account: AccountRow }
  | { readonly shown: Record<string, unknown> }

export type SignUp = (input: SignUpInput) => Promise<SignedUp>

export function signUp(options: {
  readonly settings: PasswordSettings
  readonly tables: Tables
  readonly store: Store
  readonly records: RecordsOf
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly output: Output<UserRow>
  readonly mail: Mail
  readonly background: Background
  readonly tell: Tell
  readonly clock: Clock
  readonly makeId: () => string
  readonly logger: Logger
}): SignUp {
  const { settings, tables, store, records, accounts, output, mail, clock, logger } = options
  const discreet = settings.requireEmailVerification || !settings.autoSignIn
  const additional = Object.entries(tables.user.fields).filter(([name]) => !coreFields.has(name))

  /** `shaped` is told what the app's hooks made of the profile, before it is known whether the address is free. */
  async function create(
    exchange: Exchange,
    profile: Partial<UserRow>,
    hash: string,
    shaped: (profile: Partial<UserRow>) => void,
  ): Promise<{ user: UserRow; account: AccountRow }> {
    const now = new Date(clock())
    return records(exchange).transaction(async (tx) => {
      const row = { emailVerified: false, createdAt: now, updatedAt: now, ...profile }
      const seal = (data: Partial<UserRow>) => {
        shaped(data)
        return data
      }
      const user = await tx.create(tables.user, row, { seal })
      if (!user) throw apiError(baseCodes.FAILED_TO_CREATE_USER)
      const account = await tx.create(tables.account, accounts.credentialRow(user.id, hash, now))
      if (!account) throw apiError(baseCodes.FAILED_TO_CREATE_USER)
      return { user, account }
    })
  }

  /** The answer for an address that is taken, made up so that it looks like one for a new user. */
  function synthetic(profile: Partial<UserRow>): Record<string, unknown> {
    const id = options.makeId()
    const now = new Date(clock())
    const core = { name: '', image: null, emailVerified: false, ...profile, createdAt: now, updatedAt: now }
    const extra: Record<string, unknown> = {}
    for (const [name, field] of additional) {
      const value = (profile as Record<string, unknown>)[name]
      const fallback = typeof field.defaultValue === 'function' ? field.defaultValue() : field.defaultValue
      if (field.returned !== false) extra[name] = value ?? fallback ?? null
      delete (core as Record<string, unknown>)[name]
    }
    if (settings.customSyntheticUser) {
      return settings.customSyntheticUser({ coreFields: core, additionalFields: extra, id })
    }
    return output({ ...core, ...extra, id } as unknown as UserRow)
  }

  async function tellOwner(exchange: Exchange, email: string): Promise<void> {
    const tell = settings.onExistingUserSignUp
    if (!tell) return
    const user = await store.find(tables.user, { email })
    if (user) options.background.run('onExistingUserSignUp', () => tell({ user }, exchange.request))
  }

  return async ({ exchange, profile, password, callbackURL }) => {
    const hash = await options.passwords.hash(password)
    let shaped: Partial<UserRow> = profile
    try {
      const made = await create(exchange, profile, hash, (data) => {
        shaped = data
      })
      const { user } = made
      mail.verification(exchange, user, 'sign-up', callbackURL)
      options.tell(exchange, 'user.created', { user })
      return discreet ? { shown: output(user) } : made
    } catch (error) {
      if (error instanceof UniqueViolation && error.fields.includes('email')) {
        if (!discreet) throw apiError(baseCodes.USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL)
        await tellOwner(exchange, profile.email)
        return { shown: synthetic(shaped) }
      }
      // A hook that refuses an address must not tell which addresses it refuses.
      if (discreet && error instanceof APIError && error.statusCode === 403) return { shown: synthetic(shaped) }
      if (clear.some((known) => error instanceof known)) throw error
      logger.error('a user could not be created', error)
      throw Object.assign(apiError(baseCodes.FAILED_TO_CREATE_USER, 422), { cause: error })
    }
  }
}

/** Errors that are answered as they are: they say what is wrong. */
const clear = [APIError, RandomUnavailable, StoreUnavailable, UnstorableValue]

const coreFields = new Set(['id', 'name', 'email', 'emailVerified', 'image', 'createdAt', 'updatedAt'])
