/** Makes our own tables where they are missing, and takes them away again. Those of Django are never touched. */
import type { Dialect, SqlDriver, SqlVerbs } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import { inspectTable } from '../sql/tables.ts'
import type { OwnColumn, OwnTable } from './own-tables.ts'

/** Any number that is the same for all of us: who makes tables waits for who does it already. */
const LOCK = 7_214_996_031

/** Safe to call from several processes at once; where all is there, nothing is written. */
export async function makeTables(driver: SqlDriver, tables: readonly OwnTable[]): Promise<void> {
  if ((await missing(driver, tables)).length === 0) return
  // MySQL commits by itself before each of these statements.
  if (driver.dialect === 'mysql') return run(driver, await missing(driver, tables))
  await driver.transaction(async (tx) => {
    if (tx.dialect === 'postgresql') await tx.all(`select pg_advisory_xact_lock(${LOCK})`)
    await run(tx, await missing(tx, tables))
  })
}

async function run(verbs: SqlVerbs, statements: readonly string[]): Promise<void> {
  for (const text of statements) await verbs.run(text)
}

/** The statements that make what is not there. */
async function missing(verbs: SqlVerbs, tables: readonly OwnTable[]): Promise<string[]> {
  const statements: string[] = []
  for (const table of tables) {
    const found = await inspectTable(verbs, table.name)
    if (!found) {
      statements.push(...createTable(verbs.dialect, table))
      continue
    }
    const there = new Set(found.columns.map(({ name }) => name.toLowerCase()))
    for (const column of table.columns) {
      if (there.has(column.name.toLowerCase())) continue
      // Of rows that are there nobody knows the value.
      const added = { ...column, notNull: column.notNull && column.default !== undefined && !column.references }
      statements.push(
        `alter table ${quoteName(verbs.dialect, table.name)} add column ${declared(verbs.dialect, added)}`,
      )
      const own = table.indexes.filter(({ columns }) => columns.includes(column.name))
      statements.push(...own.map((index) => createIndex(verbs.dialect, table.name, index)))
    }
  }
  return statements
}

function createTable(dialect: Dialect, table: OwnTable): string[] {
  const name = (text: string) => quoteName(dialect, text)
  const parts = [...table.columns.map((column) => declared(dialect, column)), `primary key (${name(table.primaryKey)})`]
  if (dialect === 'mysql') {
    // References beside the columns, for MySQL overlooks those within; with the indexes, for it has no `if not exists` of them.
    for (const { name: column, references } of table.columns)
      if (references) parts.push(foreignKey(dialect, column, references))
    for (const { name: index, columns, unique } of table.indexes) {
      parts.push(`${unique ? 'unique ' : ''}key ${name(index)} (${columns.map(name).join(', ')})`)
    }
  }
  const create = `create table if not exists ${name(table.name)} (${parts.join(', ')})`
  if (dialect === 'mysql') return [`${create} engine = InnoDB`]
  return [create, ...table.indexes.map((index) => createIndex(dialect, table.name, index))]
}

function createIndex(dialect: Dialect, table: string, { name, columns, unique }: OwnTable['indexes'][number]): string {
  const quote = (text: string) => quoteName(dialect, text)
  const when = dialect === 'mysql' ? '' : 'if not exists '
  return `create ${unique ? 'unique ' : ''}index ${when}${quote(name)} on ${quote(table)} (${columns.map(quote).join(', ')})`
}

function declared(dialect: Dialect, column: OwnColumn): string {
  const parts = [quoteName(dialect, column.name), column.type]
  parts.push(column.notNull ? 'not null' : 'null')
  if (column.default !== undefined) parts.push(`default ${column.default}`)
  if (column.references && dialect !== 'mysql') parts.push(target(dialect, column.references))
  return parts.join(' ')
}

type Reference = NonNullable<OwnColumn['references']>

const target = (dialect: Dialect, { table, column, onDelete }: Reference) =>
  `references ${quoteName(dialect, table)} (${quoteName(dialect, column)}) on delete ${onDelete}`

const foreignKey = (dialect: Dialect, column: string, reference: Reference) =>
  `foreign key (${quoteName(dialect, column)}) ${target(dialect, reference)}`

const tablesOf: Readonly<Record<Dialect, string>> = {
  sqlite: `select name from sqlite_master where type = 'table' and substr(name, 1, length(?)) = ?`,
  postgresql: `
    select tablename::text as name from pg_tables
    where schemaname = current_schema() and left(tablename::text, length($1::text)) = $2::text`,
  mysql: `
    select table_name as name from information_schema.tables
    where table_schema = database() and left(table_name, char_length(?)) = ?`,
}

/** Drops every table whose name begins with the prefix. */
export async function dropTables(driver: SqlDriver, prefix: string): Promise<void> {
  const { dialect } = driver
  const found = await driver.all(tablesOf[dialect], [prefix, prefix])
  const names = found.map(({ name }) => quoteName(dialect, String(name)))
  if (names.length === 0) return
  if (dialect === 'postgresql') await driver.run(`drop table ${names.join(', ')}`)
  else if (dialect === 'sqlite') await driver.transaction((tx) => dropEach(tx, names))
  else await dropEach(driver, names)
}

/** Of those that refer to each other the one referred to goes last, which the database says by refusing. */
async function dropEach(verbs: SqlVerbs, names: readonly string[]): Promise<void> {
  let left = names
  while (left.length > 0) {
    const kept: string[] = []
    let refusal: unknown
    for (const name of left) {
      try {
        await verbs.run(`drop table ${name}`)
      } catch (error) {
        refusal = error
        kept.push(name)
      }
    }
    if (kept.length === left.length) throw refusal
    left = kept
  }
}
