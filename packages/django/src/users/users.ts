import { DjangoError } from '../errors.ts'
import type { SqlParameter } from '../sql/driver.ts'
import type { JoinedRow } from '../sql/joined.ts'
import type { FieldInput } from '../sql/values.ts'
import { writeValue } from '../sql/values.ts'
import { type AuthenticateOptions, authenticate } from './authenticate.ts'
import { type UsersOptions, usersContext } from './context.ts'
import type { UserModel } from './model.ts'
import type { UserRow, UserRows } from './rows.ts'
import { type DjangoUser, User } from './user.ts'

/** What a new user is made of: the columns of the model. The user name is required. */
export interface NewUser {
  /** `null` is a password that nothing fits. */
  readonly password: string | null
  readonly [field: string]: FieldInput | undefined
}

/** The users of a Django project. The table is looked at with the first that is asked. */
export interface Users {
  /**
   * What was found out about the table.
   *
   * @throws {DjangoError} `BAD_MODEL`
   */
  model(): Promise<UserModel>
  /** One query; `null` where there is none, and without one for what is not exactly the text of a key. */
  byId(id: string): Promise<UserRow | null>
  /** One query. Whether large and small letters are the same is for the database to say. */
  byUsername(username: string): Promise<UserRow | null>
  /** Who has that name and that password. An unknown name takes as long as a wrong password. Writes no `last_login`. */
  authenticate(
    username: string,
    password: string,
    options?: AuthenticateOptions | undefined,
  ): Promise<DjangoUser | null>
  /**
   * Writes a new user with one INSERT.
   *
   * @throws {UsernameTakenError}
   * @throws {DjangoError} as `register` of a user
   */
  register(values: NewUser): Promise<DjangoUser>
  /** Nobody yet: set its fields and its password, then `register` it. */
  blank(): DjangoUser
  /** The user of a row. */
  fromRow(row: UserRow): DjangoUser
  /** A user that `find` is asked for when it is loaded. */
  lazy(find: () => Promise<UserRow | null>): DjangoUser
  /** Writes `last_login` alone, where the model has it. */
  touchLastLogin(id: string, date: Date): Promise<void>
  /**
   * Writes the password alone.
   *
   * @param encoded the stored form
   * @param onlyIf the stored form that the row must still hold
   * @returns whether there was such a row
   */
  updatePassword(id: string, encoded: string, onlyIf?: string | undefined): Promise<boolean>
}

/** The users, some of whom were read along with another row. */
export interface StoredUsers extends Users {
  /** @param along no query is made where it is the same user's, and was found */
  byId(id: string, along?: JoinedRow | undefined): Promise<UserRow | null>
  /** To be read along; `undefined` before a user was asked for, and for what is not exactly the text of a key. */
  joined(id: string): JoinedRow | undefined
}

export function djangoUsers(options: UsersOptions): StoredUsers {
  const context = usersContext(options)
  const { driver, timeZone } = context
  let rows: UserRows | undefined
  const byId = async (id: string, along?: JoinedRow) => {
    rows ??= await context.rows()
    return typeof id === 'string' ? rows.byId(id, along) : null
  }
  const fromRow = (row: UserRow) => new User(context, { row, find: () => byId(row.id) })
  const blank = () => new User(context, { row: null, find: async () => null })
  const update = async (id: string, field: string, value: FieldInput, onlyIf?: string) => {
    const column = (await context.model()).columns.get(field)
    if (!column) return false
    const values = new Map<string, SqlParameter>([[field, writeValue(driver.dialect, column, value, timeZone)]])
    return (await context.rows()).update(id, values, onlyIf)
  }
  return {
    model: context.model,
    byId,
    joined: (id) => rows?.joined(id),
    byUsername: async (username) => (await context.rows()).byUsername(username),
    async authenticate(username, password, given) {
      const row = await authenticate(context, username, password, given)
      return row && fromRow(row)
    },
    async register({ password, ...values }) {
      await context.model()
      const user = blank()
      for (const [field, value] of Object.entries(values)) {
        // Of no address Django makes the empty one.
        if (value !== undefined) user.set(field, field === 'email' ? (value ?? '') : value)
      }
      if (password === undefined) throw new DjangoError('BAD_VALUE', 'A user needs a password, or null for none')
      await user.setPassword(password)
      await user.register()
      return user
    },
    blank,
    fromRow,
    lazy: (find) => new User(context, { find }),
    async touchLastLogin(id, date) {
      await update(id, 'last_login', date)
    },
    updatePassword: (id, encoded, onlyIf) => update(id, 'password', encoded, onlyIf),
  }
}
