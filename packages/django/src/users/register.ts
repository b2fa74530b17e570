/** A new user: `create_user` of Django. */
import { randomUUID } from 'node:crypto'
import { DjangoError } from '../errors.ts'
import type { SqlParameter } from '../sql/driver.ts'
import type { Column } from '../sql/tables.ts'
import { type FieldInput, type FieldValue, readValue, writeValue } from '../sql/values.ts'
import type { UsersContext } from './context.ts'
import type { UserModel } from './model.ts'
import { normaliseEmail, normaliseUsername } from './normalise.ts'
import { rowOf, type UserRow } from './rows.ts'

/**
 * Writes a user with one INSERT that names every column, for Django's have no defaults in the database.
 *
 * @param given the password as it is stored
 * @throws DjangoError `BAD_VALUE` without a name or a password, and for a value that its column does not hold;
 * `UNKNOWN_FIELD`; `BAD_MODEL` naming the columns that need a value; `NOT_UNIQUE`
 * @throws UsernameTakenError
 */
export async function insertUser(context: UsersContext, given: ReadonlyMap<string, FieldInput>): Promise<UserRow> {
  const { driver, timeZone } = context
  const model = await context.model()
  const chosen = normalised(model, given)
  const values = new Map<string, SqlParameter>()
  const fields: Record<string, FieldValue> = Object.create(null)
  const missing: string[] = []
  for (const column of model.columns.values()) {
    const value = chosen.get(column.name) ?? defaultOf(context, model, column)
    if (value !== undefined) {
      const stored = writeValue(driver.dialect, column, value, timeZone)
      values.set(column.name, stored)
      fields[column.name] = readValue(column, stored, timeZone)
    } else if (!column.nullable && !column.hasDefault) missing.push(column.name)
  }
  if (missing.length > 0) {
    throw new DjangoError('BAD_MODEL', `A user of ${model.table.name} needs a value for ${missing.join(', ')}`)
  }
  const counted = await (await context.rows()).insert(values)
  if (!values.has(model.id.name)) fields[model.id.name] = counted ?? null
  return rowOf(model, fields)
}

function normalised(model: UserModel, given: ReadonlyMap<string, FieldInput>): Map<string, FieldInput> {
  const chosen = new Map(given)
  const { name } = model.username
  const username = given.get(name)
  if (typeof username !== 'string' || username === '') throw new DjangoError('BAD_VALUE', 'A user needs a user name')
  if (typeof given.get('password') !== 'string') {
    throw new DjangoError('BAD_VALUE', 'A user needs a password; null is one that nothing fits')
  }
  chosen.set(name, name === 'email' ? normaliseEmail(username) : normaliseUsername(username))
  const email = given.get('email')
  if (name !== 'email' && typeof email === 'string') chosen.set('email', normaliseEmail(email))
  for (const field of chosen.keys()) {
    const column = model.columns.get(field)
    if (!column || column.generated) throw new DjangoError('UNKNOWN_FIELD', `Users have no field ${field} to write`)
  }
  return chosen
}

/** Of what Django's own model has, as that has it; of a key the database does not count, a new one. */
function defaultOf({ clock }: UsersContext, { id }: UserModel, column: Column): FieldInput | undefined {
  if (column === id) return column.kind === 'uuid' && !column.hasDefault ? randomUUID() : undefined
  switch (column.name) {
    case 'first_name':
    case 'last_name':
    case 'email':
      return ''
    case 'is_superuser':
    case 'is_staff':
      return false
    case 'is_active':
      return true
    case 'date_joined':
      return new Date(clock())
    default:
      return column.nullable && !column.hasDefault ? null : undefined
  }
}
