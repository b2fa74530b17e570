/** What users may do, as `ModelBackend` of Django reads it. */
import { type Statement, statement, type Writer } from '../sql/statements.ts'
import type { UsersContext } from './context.ts'
import { keyOf } from './keys.ts'

/** Names such as `auth.change_user`. */
export interface Permissions {
  /** Given to the user. */
  readonly own: ReadonlySet<string>
  /** Given to the user's groups. */
  readonly ofGroups: ReadonlySet<string>
}

/** One query. What a user is given counts for nothing while it is not active: that is for the caller to mind. */
export async function permissionsOf(context: UsersContext, id: string): Promise<Permissions> {
  const { driver } = context
  const { groups, permissions } = await context.permissionTables()
  const key = keyOf(driver.dialect, (await context.model()).id, id)
  const { text, parameters } = statement(driver.dialect, (writer) => {
    const { name, bind } = writer
    const parts: string[] = []
    if (permissions) {
      const given = `select permission_id from ${name(permissions.table)} where ${name(permissions.user)} = ${bind(key)}`
      parts.push(named('own', given))
    }
    if (groups) {
      const mine = `select group_id from ${name(groups.table)} where ${name(groups.user)} = ${bind(key)}`
      parts.push(named('groups', `select permission_id from auth_group_permissions where group_id in (${mine})`))
    }
    return parts.join(' union all ')
  })
  const rows = text === '' || key === null ? [] : await driver.all(text, parameters)
  const from = (source: string) =>
    new Set(rows.filter((row) => row.source === source).map((row) => `${row.app_label}.${row.codename}`))
  return { own: from('own'), ofGroups: from('groups') }
}

/** The permissions whose ids `ids` selects. */
const named = (source: string, ids: string) => `select '${source}' as source, ${NAMES} where p.id in (${ids})`

const NAMES = 'c.app_label, p.codename from auth_permission p join django_content_type c on c.id = p.content_type_id'

/** All there are: those of an active superuser. */
export async function everyPermission({ driver }: UsersContext): Promise<ReadonlySet<string>> {
  const rows = await driver.all(`select ${NAMES}`)
  return new Set(rows.map((row) => `${row.app_label}.${row.codename}`))
}

/** The names of the user's groups, in their order. */
export async function groupsOf(context: UsersContext, id: string): Promise<readonly string[]> {
  const { driver } = context
  const { groups } = await context.permissionTables()
  const key = keyOf(driver.dialect, (await context.model()).id, id)
  if (!groups || key === null) return []
  const { text, parameters }: Statement = statement(driver.dialect, ({ name, bind }: Writer) => {
    const link = `${name(groups.table)} l on l.group_id = g.id`
    return `select g.name from auth_group g join ${link} where l.${name(groups.user)} = ${bind(key)} order by g.name`
  })
  return (await driver.all(text, parameters)).map((row) => String(row.name))
}
