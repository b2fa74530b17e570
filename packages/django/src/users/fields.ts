/** The fields of one user: what was found, what was set, and the writing of it. */
import { DjangoError } from '../errors.ts'
import type { SqlParameter } from '../sql/driver.ts'
import { type FieldInput, type FieldValue, readValue, writeValue } from '../sql/values.ts'
import type { UsersContext } from './context.ts'
import type { UserModel } from './model.ts'
import { rowOf, type UserRow } from './rows.ts'

export class Fields {
  readonly #context: UsersContext
  #row: UserRow | null
  #given: Map<string, FieldInput> | undefined

  constructor(context: UsersContext, row: UserRow | null) {
    this.#context = context
    this.#row = row
  }

  get row(): UserRow | null {
    return this.#row
  }

  get isActive(): boolean {
    if (!this.#row) return false
    const set = this.#given?.get('is_active')
    return set === undefined ? this.#row.isActive : set === true
  }

  /** What was set and is not written yet. */
  get given(): Map<string, FieldInput> {
    this.#given ??= new Map()
    return this.#given
  }

  /** The stored form of a password that was set. */
  get newPassword(): string | undefined {
    const password = this.#given?.get('password')
    return typeof password === 'string' ? password : undefined
  }

  get(field: string): FieldValue | undefined {
    const value = this.#given?.get(field)
    if (value !== undefined) return this.#spelled(field, value)
    return this.#row && Object.hasOwn(this.#row.fields, field) ? this.#row.fields[field] : undefined
  }

  set(field: string, value: FieldInput): void {
    if (field === 'password') throw new DjangoError('UNKNOWN_FIELD', 'The password is changed by setPassword')
    const model = this.#context.known
    if (model) {
      checkField(model, field, this.#row === null)
      this.#spelled(field, value)
    }
    this.given.set(field, value)
  }

  setPassword(encoded: string): void {
    this.given.set('password', encoded)
  }

  shown(): Readonly<Record<string, FieldValue>> {
    const all: Record<string, FieldValue> = { ...this.#row?.fields }
    for (const [field, value] of this.given) all[field] = this.#spelled(field, value)
    const { password: _, ...rest } = all
    return rest
  }

  async save(fields?: readonly string[] | undefined): Promise<void> {
    const { driver, timeZone } = this.#context
    if (!this.#row) throw new DjangoError('USER_GONE', 'There is no stored user to save: load or register it first')
    const { id } = this.#row
    const model = await this.#context.model()
    for (const field of fields ?? []) if (field !== 'password') checkField(model, field, false)
    const written = new Map(this.given)
    if (fields) for (const field of this.given.keys()) if (!fields.includes(field)) written.delete(field)
    if (written.size === 0) return
    const values = new Map<string, SqlParameter>()
    const found: Record<string, FieldValue> = {}
    for (const [field, value] of written) {
      const column = checkField(model, field, false)
      const stored = writeValue(driver.dialect, column, value, timeZone)
      values.set(field, stored)
      found[field] = readValue(column, stored, timeZone)
    }
    if (!(await (await this.#context.rows()).update(id, values))) {
      throw new DjangoError('USER_GONE', 'The user is not there any more')
    }
    // What was set meanwhile is still to be written.
    for (const [field, value] of written) if (this.given.get(field) === value) this.given.delete(field)
    if (this.#row?.id === id) this.#row = rowOf(model, { ...this.#row.fields, ...found })
  }

  /** Another row, or none; what was set is dropped. */
  become(row: UserRow | null): void {
    this.#row = row
    this.#given = undefined
  }

  /** The same row as it is now; what was set stays. */
  refresh(row: UserRow): void {
    this.#row = row
  }

  /** As it will be found again, where the model is known. */
  #spelled(field: string, value: FieldInput): FieldValue {
    const { driver, timeZone, known } = this.#context
    const column = known?.columns.get(field)
    if (column) return readValue(column, writeValue(driver.dialect, column, value, timeZone), timeZone)
    return value instanceof Date ? value.toISOString() : value
  }
}

/** The column that may be written. */
function checkField(model: UserModel, field: string, isNew: boolean) {
  const column = model.columns.get(field)
  // Only a new user may be given a key, and only where nobody counts them.
  const isKey = field === model.id.name && !(isNew && !model.id.hasDefault)
  if (!column || column.generated || isKey) {
    throw new DjangoError('UNKNOWN_FIELD', `Users have no field ${JSON.stringify(field)} to write`)
  }
  return column
}
