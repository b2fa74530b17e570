/** The tables of an app: the protocol's, changed as options say, with the fields and tables of plugins. */
import type { Options, TableChange } from '../contract/options.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import {
  accountTable,
  rateLimitTable,
  sessionTable,
  type Tables,
  userTable,
  verificationTable,
} from '../domain/model.ts'
import { unknownNames } from '../lib/check-options.ts'
import type { Problem } from '../lib/errors.ts'
import { extendTable, type Field, type Fields, type Table } from '../store/table.ts'

export interface AppTables {
  readonly tables: Tables
  /** Fields beside the protocol's own, which clients may write as each field says. */
  readonly added: { readonly user: Fields; readonly session: Fields }
}

export function appTables(options: Options, plugins: readonly AnyPlugin[], problems: Problem[]): AppTables {
  const added = {
    user: addedFields('user', options.user?.additionalFields, plugins, userTable, problems),
    session: addedFields('session', options.session?.additionalFields, plugins, sessionTable, problems),
  }
  const change = <Row extends object>(table: Table<Row>, changes: TableChange | undefined, fields?: Fields) => {
    const changed = extendTable(table, {
      tableName: changes?.modelName,
      columns: changes?.fields,
      fields: fields ?? changes?.additionalFields,
    })
    problems.push(...unknownNames(`${table.name}.fields`, changes?.fields ?? {}, Object.keys(changed.fields)))
    return changed
  }
  const tables: Tables = {
    user: change(userTable, options.user, added.user),
    session: change(sessionTable, options.session, added.session),
    account: change(accountTable, options.account),
    verification: change(verificationTable, options.verification),
    rateLimit: change(rateLimitTable, options.rateLimit),
  }
  return { tables: withPluginTables(tables, plugins, problems), added }
}

function addedFields(
  model: 'user' | 'session',
  ofApp: Fields | undefined,
  plugins: readonly AnyPlugin[],
  base: Table,
  problems: Problem[],
): Fields {
  const fields: Record<string, Field> = {}
  for (const source of [...plugins.map((plugin) => plugin.fields?.[model]), ofApp]) {
    for (const [name, field] of Object.entries(source ?? {})) {
      if (name === 'id' || Object.hasOwn(base.fields, name)) {
        problems.push({
          code: 'FIELD_TAKEN',
          message: `${model}.${name} is a field of the protocol and cannot be declared again`,
          seen: `${model}.${name} among the additional fields`,
          expected: `none of ${['id', ...Object.keys(base.fields)].join(', ')}`,
          fix: `give the additional field another name; to rename its column use ${model}.fields`,
        })
      }
      fields[name] = field
    }
  }
  return fields
}

function withPluginTables(base: Tables, plugins: readonly AnyPlugin[], problems: Problem[]): Tables {
  const tables: Record<string, Table> = { ...base }
  for (const plugin of plugins) {
    for (const table of plugin.tables ?? []) {
      if (Object.hasOwn(tables, table.name)) {
        problems.push({
          code: 'TABLE_TAKEN',
          message: `plugin ${plugin.id} brings the table ${table.name}, which is there already`,
          seen: `${table.name} twice`,
          expected: 'a name of its own for each table',
          fix: 'use each plugin once, and give its table a name of its own',
        })
      }
      tables[table.name] = table
    }
  }
  return tables as Tables
}
