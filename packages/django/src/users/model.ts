/** The user model, found by looking at its table. */
import { DjangoError } from '../errors.ts'
import type { SqlVerbs } from '../sql/driver.ts'
import { type Column, inspectTable, type Table } from '../sql/tables.ts'

/** What is said of a model that is not `django.contrib.auth.models.User`. */
export interface UserModelOptions {
  /** `AUTH_USER_MODEL`'s table. Default `auth_user`. */
  readonly usersTable?: string | undefined
  /** `USERNAME_FIELD`'s column. Default `username`, or where there is none `email`. */
  readonly usernameField?: string | undefined
  /** The primary key's column. Default: what the table says. */
  readonly pkField?: string | undefined
}

export interface UserModel {
  readonly table: Table
  readonly id: Column
  readonly username: Column
  /** By name. A model need not have `last_login`, `is_active` and the like, and may have others. */
  readonly columns: ReadonlyMap<string, Column>
}

/** @throws DjangoError `BAD_MODEL` where the table is not there, or has no key, user name or password. */
export async function findUserModel(verbs: SqlVerbs, options: UserModelOptions = {}): Promise<UserModel> {
  const { usersTable = 'auth_user', usernameField, pkField } = options
  const table = await inspectTable(verbs, usersTable)
  if (!table) {
    throw new DjangoError(
      'BAD_MODEL',
      `There is no table ${usersTable}: run Django's migrations, or name it: usersTable`,
    )
  }
  const columns = new Map(table.columns.map((column) => [column.name, column]))
  const need = (name: string | undefined, what: string, fix: string) => {
    const column = columns.get(name ?? '')
    if (column) return column
    throw new DjangoError('BAD_MODEL', `The table ${usersTable} has no ${what}${name ? `, ${name}` : ''}${fix}`)
  }
  const sole = table.primaryKey.length === 1 ? table.primaryKey[0] : undefined
  const guessed = columns.has('username') ? 'username' : 'email'
  need('password', 'column of hashes', '')
  return {
    table,
    columns,
    id: need(pkField ?? sole, 'primary key of one column', pkField ? '' : ': name one as pkField'),
    username: need(usernameField ?? guessed, 'column of user names', ': name it: usernameField'),
  }
}
