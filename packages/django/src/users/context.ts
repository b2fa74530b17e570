/** What everything about users is made with. */
import type { DjangoPasswords } from '../passwords/passwords.ts'
import type { Clock } from '../primitives/clock.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { findUserModel, type UserModel, type UserModelOptions } from './model.ts'
import { findPermissionTables, type PermissionTables } from './permission-tables.ts'
import { type UserRows, userRows } from './rows.ts'

export interface UsersOptions extends UserModelOptions {
  readonly driver: SqlDriver
  readonly passwords: DjangoPasswords
  /** Default the system's. */
  readonly clock?: Clock | undefined
  /** `TIME_ZONE` of a project with `USE_TZ = False`. Default `UTC`. */
  readonly databaseTimeZone?: string | undefined
}

export interface UsersContext {
  readonly driver: SqlDriver
  readonly passwords: DjangoPasswords
  readonly clock: Clock
  readonly timeZone: string | undefined
  /** The table is looked at once. */
  model(): Promise<UserModel>
  rows(): Promise<UserRows>
  permissionTables(): Promise<PermissionTables>
  /** The model, once it is known. */
  readonly known: UserModel | undefined
}

export function usersContext(options: UsersOptions): UsersContext {
  const { driver, passwords, clock = Date.now, databaseTimeZone: timeZone } = options
  let known: UserModel | undefined
  const model = once(async () => {
    known = await findUserModel(driver, options)
    return known
  })
  return {
    driver,
    passwords,
    clock,
    timeZone,
    model,
    rows: once(async () => userRows(driver, await model(), timeZone)),
    permissionTables: once(async () => findPermissionTables(driver, await model())),
    get known() {
      return known
    },
  }
}

/** What was found is kept, a failure is not. */
function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined
  return () => {
    found ??= find().catch((error) => {
      found = undefined
      throw error
    })
    return found
  }
}
