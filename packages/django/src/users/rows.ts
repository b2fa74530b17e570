/** Rows of users: each thing that is asked is one statement, of which every name was found in the table. */
import { DjangoError } from '../errors.ts'
import { type Dialect, firstRow, type SqlDriver, type SqlParameter, type SqlRow } from '../sql/driver.ts'
import { failureOf } from '../sql/failures.ts'
import type { JoinedRow, JoinedTable } from '../sql/joined.ts'
import { quoteName } from '../sql/names.ts'
import { isStorable } from '../sql/parameters.ts'
import { type Statement, statement, type Writer } from '../sql/statements.ts'
import { type FieldValue, readValue } from '../sql/values.ts'
import { keyOf } from './keys.ts'
import type { UserModel } from './model.ts'

/** A user as it was found. */
export interface UserRow {
  /** The primary key as text. */
  readonly id: string
  /** The column `password` as it is stored. */
  readonly password: string
  /** True of every user of a model without `is_active`, as in Django. */
  readonly isActive: boolean
  /** By column, the password among them. */
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** Thrown where the user name is another's: it is found by writing, not by looking first. */
export class UsernameTakenError extends DjangoError {
  constructor(options?: ErrorOptions) {
    super('USERNAME_TAKEN', 'That user name is taken', options)
  }
}

export interface UserRows {
  /** @param along no query is made where it is the same user's, and was found */
  byId(id: string, along?: JoinedRow | undefined): Promise<UserRow | null>
  /** `undefined` for what is not exactly the text of a key. */
  joined(id: string): JoinedRow | undefined
  byUsername(username: string): Promise<UserRow | null>
  /**
   * One UPDATE of these columns alone.
   *
   * @param onlyIf the stored password that the row must still hold
   * @returns whether there was such a row
   */
  update(id: string, values: ReadonlyMap<string, SqlParameter>, onlyIf?: string | undefined): Promise<boolean>
  /** One INSERT. @returns what the database counted, where it did */
  insert(values: ReadonlyMap<string, SqlParameter>): Promise<FieldValue | undefined>
}

export function userRows(driver: SqlDriver, model: UserModel, timeZone: string | undefined): UserRows {
  const { dialect } = driver
  const { table, id: key, username } = model
  const columns = [...model.columns.values()]

  const select = (where: (writer: Writer) => string) =>
    statement(dialect, (writer) => {
      const names = columns.map(({ name }) => writer.name(name)).join(', ')
      return `select ${names} from ${writer.name(table.name)} where ${where(writer)} limit 2`
    })
  const bySomething = (name: string): Statement['text'] =>
    select((writer) => `${writer.name(name)} = ${writer.bind(null)}`).text
  const byKeyText = bySomething(key.name)
  const byNameText = bySomething(username.name)

  const joinedTable: JoinedTable = {
    driver,
    name: quoteName(dialect, table.name),
    key: quoteName(dialect, key.name),
    columns: columns.map(({ name }) => quoteName(dialect, name)),
  }

  const active = model.columns.get('is_active')

  const read = (row: SqlRow): UserRow =>
    new FoundRow(
      {
        id: String(readValue(key, row[key.name], timeZone)),
        password: String(row.password ?? ''),
        isActive: !active || readValue(active, row.is_active) === true,
      },
      () => readFields(row),
    )

  function readFields(row: SqlRow): Record<string, FieldValue> {
    const fields: Record<string, FieldValue> = Object.create(null)
    for (const column of columns) fields[column.name] = readValue(column, row[column.name], timeZone)
    return fields
  }

  async function find(id: string): Promise<SqlRow | undefined> {
    const parameter = keyOf(dialect, key, id)
    return parameter === null ? undefined : firstRow(driver, byKeyText, [parameter])
  }

  /** Two of a name, which only a model without a unique one can have, are nobody. */
  async function one(text: string, parameter: SqlParameter): Promise<UserRow | null> {
    const rows = await driver.all(text, [parameter])
    return rows.length === 1 && rows[0] ? read(rows[0]) : null
  }

  return {
    async byId(id, along) {
      const found = along?.id === id && along.found ? along.found : await find(id)
      // A session is found without its user, too.
      const row = found && found[key.name] !== null ? read(found) : null
      // Some collations find a key in other letters, or with spaces.
      return row?.id === id ? row : null
    },
    joined(id) {
      const parameter = keyOf(dialect, key, id)
      return parameter === null ? undefined : { id, table: joinedTable, key: parameter }
    },
    async byUsername(name) {
      if (typeof name !== 'string' || !isStorable(name)) return null
      if (name.length > 2 * (username.length ?? 1000)) return null
      const parameter = username.kind === 'text' ? name : keyOf(dialect, username, name)
      return parameter === null ? null : one(byNameText, parameter)
    },
    async update(id, values, onlyIf) {
      const parameter = keyOf(dialect, key, id)
      if (parameter === null) return false
      const { text, parameters } = statement(dialect, ({ name, bind }) => {
        const sets = [...values].map(([column, value]) => `${name(column)} = ${bind(value)}`).join(', ')
        const same = `${name(key.name)} = ${bind(parameter)}`
        const still = onlyIf === undefined ? '' : ` and ${name('password')} = ${bind(onlyIf)}`
        return `update ${name(table.name)} set ${sets} where ${same}${still}`
      })
      const { changes } = await told(model, driver.run(text, parameters))
      return changes > 0
    },
    async insert(values) {
      const { text, parameters } = statement(dialect, ({ name, list }) => {
        const names = [...values.keys()].map(name).join(', ')
        const returning = dialect === 'postgresql' ? ` returning ${name(key.name)}` : ''
        return `insert into ${name(table.name)} (${names}) values ${list([...values.values()])}${returning}`
      })
      if (dialect !== 'postgresql') return (await told(model, driver.run(text, parameters))).insertId
      const [row] = await told(model, driver.all(text, parameters))
      return readValue(key, row?.[key.name])
    },
  }
}

/**
 * Most requests look at no more than whose it is: the rest is made when it is asked for. A class, for V8 keeps each getter
 * of an object literal until the next full collection.
 */
class FoundRow implements UserRow {
  readonly id: string
  readonly password: string
  readonly isActive: boolean
  readonly #read: () => UserRow['fields']
  #fields: UserRow['fields'] | undefined

  constructor({ id, password, isActive }: Omit<UserRow, 'fields'>, read: () => UserRow['fields']) {
    this.id = id
    this.password = password
    this.isActive = isActive
    this.#read = read
  }

  get fields(): UserRow['fields'] {
    this.#fields ??= this.#read()
    return this.#fields
  }
}

/** @param fields by column; those that are not known are left out */
export function rowOf(model: UserModel, fields: Readonly<Record<string, FieldValue>>): UserRow {
  return {
    id: String(fields[model.id.name]),
    password: String(fields.password ?? ''),
    isActive: !model.columns.has('is_active') || fields.is_active === true,
    fields,
  }
}

/** What the database refuses as not unique, by the name of it. */
async function told<T>(model: UserModel, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    const failure = failureOf(cause)
    if (failure?.kind !== 'unique') throw cause
    const columns = violated(model.table.dialect, model, failure.names)
    if (columns.length === 1 && columns[0] === model.username.name) throw new UsernameTakenError({ cause })
    throw new DjangoError('NOT_UNIQUE', `Another user has that value: ${columns.join(', ')}`, { cause })
  }
}

/** The columns, from what is told: themselves by SQLite, of the others the name of the key. */
function violated(dialect: Dialect, { table }: UserModel, names: readonly string[]): readonly string[] {
  if (dialect === 'sqlite') return names
  return table.unique.find(({ name }) => name === names[0])?.columns ?? names
}
