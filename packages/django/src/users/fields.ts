/** The fields of one user: what was found, what was set, and the writing of it. */
import { DjangoError } from '../errors.ts'
import type { SqlParameter } from '../sql/driver.ts'
import { type FieldInput, type FieldValue, readValue, writeValue } from '../sql/values.ts'
import type { UsersContext } from './context.ts'
import type { UserModel } from './model.ts'
import { rowOf, type UserRow } from './rows.ts'

export interface Fields {
  readonly row: UserRow | null
  readonly isActive: boolean
  /** What was set and is not written yet. */
  readonly given: ReadonlyMap<string, FieldInput>
  /** The stored form of a password that was set. */
  readonly newPassword: string | undefined
  get(field: string): FieldValue | undefined
  set(field: string, value: FieldInput): void
  setPassword(encoded: string): void
  shown(): Readonly<Record<string, FieldValue>>
  save(fields?: readonly string[] | undefined): Promise<void>
  /** Another row, or none; what was set is dropped. */
  become(row: UserRow | null): void
  /** The same row as it is now; what was set stays. */
  refresh(row: UserRow): void
}

export function userFields(context: UsersContext, first: UserRow | null): Fields {
  const { driver, timeZone } = context
  let row = first
  let given = new Map<string, FieldInput>()

  /** As it will be found again, where the model is known. */
  function spelled(field: string, value: FieldInput): FieldValue {
    const column = context.known?.columns.get(field)
    if (column) return readValue(column, writeValue(driver.dialect, column, value, timeZone), timeZone)
    return value instanceof Date ? value.toISOString() : value
  }

  function get(field: string): FieldValue | undefined {
    const value = given.get(field)
    if (value !== undefined) return spelled(field, value)
    return row && Object.hasOwn(row.fields, field) ? row.fields[field] : undefined
  }

  return {
    get row() {
      return row
    },
    get isActive() {
      if (!row) return false
      const set = given.get('is_active')
      return set === undefined ? row.isActive : set === true
    },
    get given() {
      return given
    },
    get newPassword() {
      const password = given.get('password')
      return typeof password === 'string' ? password : undefined
    },
    get,
    set(field, value) {
      if (field === 'password') throw new DjangoError('UNKNOWN_FIELD', 'The password is changed by setPassword')
      const model = context.known
      if (model) {
        checkField(model, field, row === null)
        spelled(field, value)
      }
      given.set(field, value)
    },
    setPassword(encoded) {
      given.set('password', encoded)
    },
    shown() {
      const all: Record<string, FieldValue> = { ...row?.fields }
      for (const [field, value] of given) all[field] = spelled(field, value)
      const { password: _, ...rest } = all
      return rest
    },
    async save(fields) {
      if (!row) throw new DjangoError('USER_GONE', 'There is no stored user to save: load or register it first')
      const { id } = row
      const model = await context.model()
      for (const field of fields ?? []) if (field !== 'password') checkField(model, field, false)
      const written = new Map(given)
      if (fields) for (const field of given.keys()) if (!fields.includes(field)) written.delete(field)
      if (written.size === 0) return
      const values = new Map<string, SqlParameter>()
      const found: Record<string, FieldValue> = {}
      for (const [field, value] of written) {
        const column = checkField(model, field, false)
        const stored = writeValue(driver.dialect, column, value, timeZone)
        values.set(field, stored)
        found[field] = readValue(column, stored, timeZone)
      }
      if (!(await (await context.rows()).update(id, values))) {
        throw new DjangoError('USER_GONE', 'The user is not there any more')
      }
      // What was set meanwhile is still to be written.
      for (const [field, value] of written) if (given.get(field) === value) given.delete(field)
      if (row?.id === id) row = rowOf(model, { ...row.fields, ...found })
    },
    become(next) {
      row = next
      given = new Map()
    },
    refresh(next) {
      row = next
    },
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
