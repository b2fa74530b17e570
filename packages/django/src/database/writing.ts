/** Statements that write one table, its names quoted and its values bound. */
import type { SqlOutcome, SqlParameter, SqlVerbs } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import { type Binder, binder } from './grammar.ts'

export type Pairs = readonly (readonly [column: string, value: SqlParameter])[]

/** `table` is in quotes already; columns are not. */
export function insertInto(verbs: SqlVerbs, table: string, pairs: Pairs): Promise<SqlOutcome> {
  const bound = binder(verbs.dialect)
  return verbs.run(insertText(verbs, table, pairs, bound), bound.parameters)
}

export function insertText({ dialect }: SqlVerbs, table: string, pairs: Pairs, { bind }: Binder): string {
  const names = pairs.map(([column]) => quoteName(dialect, column))
  return `insert into ${table} (${names.join(', ')}) values (${pairs.map(([, value]) => bind(value)).join(', ')})`
}

/** Changes the rows whose `key` column holds the value; nothing where there is nothing to set. */
export async function updateBy(
  verbs: SqlVerbs,
  table: string,
  pairs: Pairs,
  key: string,
  value: SqlParameter,
): Promise<void> {
  if (pairs.length === 0) return
  const bound = binder(verbs.dialect)
  const set = assignments(verbs, pairs, bound)
  const where = `${quoteName(verbs.dialect, key)} = ${bound.bind(value)}`
  await verbs.run(`update ${table} set ${set} where ${where}`, bound.parameters)
}

export const assignments = ({ dialect }: SqlVerbs, pairs: Pairs, { bind }: Binder) =>
  pairs.map(([column, value]) => `${quoteName(dialect, column)} = ${bind(value)}`).join(', ')

/** Most values of one list. */
const CHUNK = 500

/** Deletes the rows whose `key` column holds one of the values. */
export async function deleteBy(
  verbs: SqlVerbs,
  table: string,
  key: string,
  values: readonly SqlParameter[],
): Promise<void> {
  for (let at = 0; at < values.length; at += CHUNK) {
    const bound = binder(verbs.dialect)
    const marks = values.slice(at, at + CHUNK).map(bound.bind)
    const where = `${quoteName(verbs.dialect, key)} in (${marks.join(', ')})`
    await verbs.run(`delete from ${table} where ${where}`, bound.parameters)
  }
}
