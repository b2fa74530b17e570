/** Credential accounts: the row that holds a user's password. */
import type { Store } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import type { AccountRow, UserRow } from './model.ts'
import type { Needed } from './records.ts'

export const credentialProvider = 'credential'

export interface Credentials {
  readonly user: UserRow
  /** Holds the password; `null` when this user has no such account. */
  readonly account: AccountRow | null
}

export interface Accounts {
  /** A user and their password, found by fields of the user: one statement. */
  credentials(where: { readonly [field: string]: string }): Promise<Credentials | null>
  /** What a session needs that a password opens: the account as it was when the password was checked. */
  unchanged(account: AccountRow): Needed
  /** The credential account of a user, or `null`. */
  credentialOf(userId: string): Promise<AccountRow | null>
  /** A few stored hashes that do not begin with `prefix`. */
  otherHashes(prefix: string): Promise<readonly string[]>
  /** The row to write for a new password. */
  credentialRow(userId: string, hash: string, now: Date): Partial<AccountRow>
}

export function createAccounts(
  store: Store,
  tables: { readonly user: Table<UserRow>; readonly account: Table<AccountRow> },
): Accounts {
  const onUser = { left: 'id', right: 'userId' }
  const ofProvider = { providerId: credentialProvider }
  return {
    async credentials(where) {
      const found = await store.join(tables.user, where, tables.account, onUser, ofProvider)
      if (!found) return null
      const [user, account] = found
      return { user, account: account?.accountId === user.id ? account : null }
    },
    unchanged: ({ id, password }) => ({ table: tables.account, where: { id, password } }),
    async credentialOf(userId) {
      const account = await store.find(tables.account, { userId, providerId: credentialProvider })
      return account?.accountId === userId ? account : null
    },
    async otherHashes(prefix) {
      const where = { ...ofProvider, password: { notStartsWith: prefix } }
      const rows = await store.list(tables.account, where, { limit: 20 })
      return rows.flatMap((row) => row.password ?? [])
    },
    credentialRow(userId, hash, now) {
      return {
        userId,
        accountId: userId,
        providerId: credentialProvider,
        password: hash,
        createdAt: now,
        updatedAt: now,
      }
    },
  }
}
