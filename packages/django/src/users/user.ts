import type { FieldInput, FieldValue } from '../sql/values.ts'
import { type AuthenticateOptions, authenticate, verifyRow } from './authenticate.ts'
import type { UsersContext } from './context.ts'
import { Fields } from './fields.ts'
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

/** A class, for one is made with every request that asks who it is. */
export class User implements DjangoUser {
  readonly #context: UsersContext
  readonly #fields: Fields
  #loading: Promise<unknown> | undefined
  #find: () => Promise<UserRow | null>
  #given: Promise<Permissions> | undefined
  #every: Promise<ReadonlySet<string>> | undefined

  constructor(context: UsersContext, { row, find }: UserSource) {
    this.#context = context
    this.#fields = new Fields(context, row ?? null)
    this.#loading = row === undefined ? undefined : settled
    this.#find = find
  }

  get isAuthenticated(): boolean {
    return this.#fields.row !== null
  }

  get isAnonymous(): boolean {
    return this.#fields.row === null
  }

  get id(): string | undefined {
    return this.#fields.row?.id
  }

  get isActive(): boolean {
    return this.#fields.isActive
  }

  get fields(): Readonly<Record<string, FieldValue>> {
    return this.#fields.shown()
  }

  async load(): Promise<DjangoUser> {
    if (!this.#loading) {
      // What comes after another has become of this user is of no use any more.
      const mine: Promise<unknown> = this.#find().then(
        (row) => {
          if (this.#loading === mine) this.#become(row)
        },
        (error) => {
          if (this.#loading === mine) this.#loading = undefined
          throw error
        },
      )
      this.#loading = mine
    }
    await this.#loading
    return this
  }

  reload(): Promise<DjangoUser> {
    this.#loading = undefined
    return this.load()
  }

  get(field: string): FieldValue | undefined {
    return this.#fields.get(field)
  }

  set(field: string, value: FieldInput): void {
    this.#fields.set(field, value)
  }

  async setPassword(password: string | null): Promise<void> {
    this.#fields.setPassword(await this.#context.passwords.make(password))
  }

  setUnusablePassword(): Promise<void> {
    return this.setPassword(null)
  }

  async checkPassword(password: string): Promise<boolean> {
    const changed = this.#fields.newPassword
    if (changed !== undefined) return (await this.#context.passwords.verify(password, changed)).valid
    const row = await verifyRow(this.#context, this.#fields.row, password)
    if (row) this.#fields.refresh(row)
    return row !== null
  }

  hasUsablePassword(): boolean {
    const password = this.#fields.get('password')
    return typeof password === 'string' && this.#context.passwords.isUsable(password)
  }

  save(fields?: readonly string[] | undefined): Promise<void> {
    return this.#fields.save(fields)
  }

  async register(): Promise<void> {
    this.#settle(await insertUser(this.#context, this.#fields.given))
  }

  async authenticate(username: string, password: string, options?: AuthenticateOptions): Promise<DjangoUser | null> {
    const row = await authenticate(this.#context, username, password, options)
    if (!row) return null
    this.#settle(row)
    return this
  }

  forget(): void {
    this.#settle(null)
  }

  hasPerm(name: string): Promise<boolean> {
    return this.hasPerms([name])
  }

  async hasPerms(names: readonly string[]): Promise<boolean> {
    if (names.length === 0) return true
    if (this.#active === undefined) return false
    if (this.#isSuperuser) return true
    const permissions = await this.getAllPermissions()
    return names.every((name) => permissions.has(name))
  }

  async hasModulePerms(app: string): Promise<boolean> {
    if (this.#active !== undefined && this.#isSuperuser) return true
    return [...(await this.getAllPermissions())].some((name) => name.startsWith(`${app}.`))
  }

  getAllPermissions(): Promise<ReadonlySet<string>> {
    return this.#read(({ own, ofGroups }) => new Set([...own, ...ofGroups]))
  }

  getUserPermissions(): Promise<ReadonlySet<string>> {
    return this.#read(({ own }) => own)
  }

  getGroupPermissions(): Promise<ReadonlySet<string>> {
    return this.#read(({ ofGroups }) => ofGroups)
  }

  async groups(): Promise<readonly string[]> {
    return this.#fields.row ? groupsOf(this.#context, this.#fields.row.id) : []
  }

  /** Of whom, where there is anything to read. */
  get #active(): string | undefined {
    return this.#fields.row && this.#fields.isActive ? this.#fields.row.id : undefined
  }

  get #isSuperuser(): boolean {
    return this.#fields.get('is_superuser') === true
  }

  async #read(of: (permissions: Permissions) => ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const id = this.#active
    if (id === undefined) return none
    if (this.#isSuperuser) {
      this.#every ??= everyPermission(this.#context)
      return this.#every
    }
    this.#given ??= permissionsOf(this.#context, id)
    return of(await this.#given)
  }

  #become(row: UserRow | null): void {
    this.#fields.become(row)
    this.#given = undefined
    this.#every = undefined
  }

  /** From now on this is the row, and it is found again by its key. */
  #settle(row: UserRow | null): void {
    this.#become(row)
    this.#loading = settled
    this.#find = async () => (row ? (await this.#context.rows()).byId(row.id) : null)
  }
}

const settled = Promise.resolve()
