/** Where the groups and permissions of users are, found by looking. */
import type { SqlVerbs } from '../sql/driver.ts'
import { inspectTable } from '../sql/tables.ts'
import type { UserModel } from './model.ts'

/** A table that links users to something. */
export interface Link {
  readonly table: string
  /** The column of the user's key: `user_id`, or by the name of another model. */
  readonly user: string
}

/** A model may have none. */
export interface PermissionTables {
  readonly groups: Link | undefined
  readonly permissions: Link | undefined
}

export async function findPermissionTables(verbs: SqlVerbs, { table }: UserModel): Promise<PermissionTables> {
  return {
    groups: await findLink(verbs, `${table.name}_groups`, 'group_id'),
    permissions: await findLink(verbs, `${table.name}_user_permissions`, 'permission_id'),
  }
}

async function findLink(verbs: SqlVerbs, name: string, other: string): Promise<Link | undefined> {
  const columns = (await inspectTable(verbs, name))?.columns.map((column) => column.name) ?? []
  const [user, ...more] = columns.filter((column) => column !== 'id' && column !== other)
  return columns.includes(other) && user !== undefined && more.length === 0 ? { table: name, user } : undefined
}
