import type { FieldInput, FieldValue } from '../sql/values.ts'
import { type AuthenticateOptions, authenticate, verifyRow } from './authenticate.ts'
import type { UsersContext } from './context.ts'
import { type Fields, userFields } from './fields.ts'
import { everyPermission, groupsOf, type Permissions, permissionsOf } from './permissions.ts'
import { insertUser } from './register.ts'
import type { UserRow } from './rows.ts'

/** A user of Django's; or nobody, as `AnonymousUser` is there. */
export interface DjangoUser {
  /** Whether somebody was found. False before the first `load`. */
  readonly isAuthenticated: boolean
  readonly isAnonymous: boolean
  /** The primary key as text. */
  readonly id: string | undefined
  /** Whether the user may do anything at all. */
  readonly isActive: boolean
  /** Finds the user: one query, whoever asks and however often. Nobody is found where the session names nobody. */
  load(): Promise<DjangoUser>
  /** The same anew. What was set and not saved is lost. */
  reload(): Promise<DjangoUser>
  /** The value of a column, as it was set or found; `undefined` where there is none. */
  get(field: string): FieldValue | undefined
  /** All of them, but for the password, which `get` gives. */
  readonly fields: Readonly<Record<string, FieldValue>>
  /**
   * Changes a field; `save` writes it.
   *
   * @throws {DjangoError} `UNKNOWN_FIELD` for what is no column, for the id, and for the password, which has
   * `setPassword`; `BAD_VALUE` for what the column does not hold
   */
  set(field: string, value: FieldInput): void
  /** Changes the password; `save` writes it. Of `null`, to one that nothing fits. */
  setPassword(password: string | null): Promise<void>
  setUnusablePassword(): Promise<void>
  /** Whether it is the password, which is hashed anew where it is time. */
  checkPassword(password: string): Promise<boolean>
  hasUsablePassword(): boolean
  /**
   * Writes what was set, or of that the given fields, with one UPDATE of these columns. What was not set is not written.
   *
   * @throws {DjangoError} `UNKNOWN_FIELD`; `USER_GONE` where there is no such row; `NOT_UNIQUE`
   * @throws {UsernameTakenError}
   */
  save(fields?: readonly string[] | undefined): Promise<void>
  /**
   * Writes a new user with what was set, of which the user name and the password are required. Afterwards it has its id;
   * columns that were left to the database are known after `reload`.
   *
   * @throws {DjangoError} `BAD_VALUE`; `BAD_MODEL` naming columns that need a value; `NOT_UNIQUE`
   * @throws {UsernameTakenError}
   */
  register(): Promise<void>
  /** Becomes the user with that name and password; `null`, and nothing is changed, where there is none. */
  authenticate(username: string, password: string, options?: AuthenticateOptions): Promise<DjangoUser | null>
  /** Becomes nobody. What is stored stays. */
  forget(): void
  /** Whether the user may do that, such as `auth.change_user`. An active superuser may do everything. */
  hasPerm(name: string): Promise<boolean>
  /** Whether all of these; true of none. */
  hasPerms(names: readonly string[]): Promise<boolean>
  /** Whether any of an app's. */
  hasModulePerms(app: string): Promise<boolean>
  /** What the user may do, read once until `reload`. */
  getAllPermissions(): Promise<ReadonlySet<string>>
  getUserPermissions(): Promise<ReadonlySet<string>>
  getGroupPermissions(): Promise<ReadonlySet<string>>
  /** The names of the groups. */
  groups(): Promise<readonly string[]>
}

/** Where a user comes from. */
export interface UserSource {
  /** `null` is nobody; where it is left out, `find` is asked first. */
  readonly row?: UserRow | null | undefined
  /** Asked by `load` and `reload`. */
  readonly find: () => Promise<UserRow | null>
}

const none: ReadonlySet<string> = new Set()

export function makeUser(context: UsersContext, source: UserSource): DjangoUser {
  const { passwords } = context
  const fields: Fields = userFields(context, source.row ?? null)
  let loading: Promise<unknown> | undefined = source.row === undefined ? undefined : Promise.resolve()
  let find = source.find
  let given: Promise<Permissions> | undefined
  let every: Promise<ReadonlySet<string>> | undefined

  function become(row: UserRow | null) {
    fields.become(row)
    given = undefined
    every = undefined
  }

  /** From now on this is the row, and it is found again by its key. */
  function settle(row: UserRow | null) {
    become(row)
    loading = Promise.resolve()
    find = async () => (row ? (await context.rows()).byId(row.id) : null)
  }

  function load(): Promise<DjangoUser> {
    if (!loading) {
      // What comes after another has become of this user is of no use any more.
      const mine: Promise<unknown> = find().then(
        (row) => {
          if (loading === mine) become(row)
        },
        (error) => {
          if (loading === mine) loading = undefined
          throw error
        },
      )
      loading = mine
    }
    return loading.then(() => user)
  }

  /** Of whom, where there is anything to read. */
  const active = () => (fields.row && fields.isActive ? fields.row.id : undefined)
  const isSuperuser = () => fields.get('is_superuser') === true
  const read = async (of: (permissions: Permissions) => ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const id = active()
    if (id === undefined) return none
    if (isSuperuser()) {
      every ??= everyPermission(context)
      return every
    }
    given ??= permissionsOf(context, id)
    return of(await given)
  }
  const all = () => read(({ own, ofGroups }) => new Set([...own, ...ofGroups]))
  const hasPerms = async (names: readonly string[]) => {
    if (names.length === 0) return true
    if (active() === undefined) return false
    if (isSuperuser()) return true
    const permissions = await all()
    return names.every((name) => permissions.has(name))
  }

  const user: DjangoUser = {
    get isAuthenticated() {
      return fields.row !== null
    },
    get isAnonymous() {
      return fields.row === null
    },
    get id() {
      return fields.row?.id
    },
    get isActive() {
      return fields.isActive
    },
    get fields() {
      return fields.shown()
    },
    load,
    reload() {
      loading = undefined
      return load()
    },
    get: fields.get,
    set: fields.set,
    async setPassword(password) {
      fields.setPassword(await passwords.make(password))
    },
    setUnusablePassword: () => user.setPassword(null),
    async checkPassword(password) {
      const changed = fields.newPassword
      if (changed !== undefined) return (await passwords.verify(password, changed)).valid
      const row = await verifyRow(context, fields.row, password)
      if (row) fields.refresh(row)
      return row !== null
    },
    hasUsablePassword() {
      const password = fields.get('password')
      return typeof password === 'string' && passwords.isUsable(password)
    },
    save: fields.save,
    async register() {
      settle(await insertUser(context, fields.given))
    },
    async authenticate(username, password, options) {
      const row = await authenticate(context, username, password, options)
      if (!row) return null
      settle(row)
      return user
    },
    forget: () => settle(null),
    hasPerm: (name) => hasPerms([name]),
    hasPerms,
    async hasModulePerms(app) {
      if (active() !== undefined && isSuperuser()) return true
      return [...(await all())].some((name) => name.startsWith(`${app}.`))
    },
    getAllPermissions: all,
    getUserPermissions: () => read(({ own }) => own),
    getGroupPermissions: () => read(({ ofGroups }) => ofGroups),
    async groups() {
      return fields.row ? groupsOf(context, fields.row.id) : []
    },
  }
  return user
}
