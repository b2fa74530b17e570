/** Who has that name and that password: `ModelBackend` of Django. */
import type { UsersContext } from './context.ts'
import type { UserRow } from './rows.ts'

export interface AuthenticateOptions {
  /** Let users in that are not active, as `AllowAllUsersModelBackend` does. Default false. */
  readonly allowInactive?: boolean | undefined
}

/** One query and one hash, whether there is such a user or not. The name is looked up as it is given. */
export async function authenticate(
  context: UsersContext,
  username: string,
  password: string,
  { allowInactive = false }: AuthenticateOptions = {},
): Promise<UserRow | null> {
  if (typeof username !== 'string' || typeof password !== 'string') return null
  const rows = await context.rows()
  const row = await verifyRow(context, await rows.byUsername(username), password)
  return row?.isActive || allowInactive ? row : null
}

/** The row whose password it is, hashed anew where it is time; `null` for a wrong one. */
export async function verifyRow(context: UsersContext, row: UserRow | null, password: string): Promise<UserRow | null> {
  const { passwords } = context
  const { valid, rehash } = await passwords.verify(password, row?.password)
  if (!row || !valid) return null
  if (!rehash) return row
  const encoded = await passwords.makeNext(password)
  const rows = await context.rows()
  if (await rows.update(row.id, new Map([['password', encoded]]), row.password)) {
    return { ...row, password: encoded, fields: { ...row.fields, password: encoded } }
  }
  // Somebody has changed it meanwhile: a new password must not be undone, and the old one is good no more.
  const now = await rows.byId(row.id)
  return now && (await passwords.verify(password, now.password)).valid ? now : null
}
