/** Opens a store over the tables of a Django project. */
import {
  ConfigError,
  type Engine,
  eachVerb,
  runWork,
  type StoreOptions,
  StoreUnavailable,
  type Table,
  type Verbs,
} from '@keystile/core/store'
import { sessionHashes } from '../auth/session-hash.ts'
import { DjangoError } from '../errors.ts'
import { LOWER_AND_DIGITS, randomText } from '../primitives/random.ts'
import { rowCodec } from '../sessions/codec.ts'
import type { SqlDriver, SqlVerbs } from '../sql/driver.ts'
import { inspectTable, type Table as SqlTable } from '../sql/tables.ts'
import { findUserModel, type UserModel } from '../users/model.ts'
import { accountSources, credentialSource } from './account-source.ts'
import { makeTables } from './ddl.ts'
import { told } from './failures.ts'
import type { DatabaseSettings } from './options.ts'
import { ownSource } from './own-source.ts'
import { type OwnTable, type OwnTypes, ownTable } from './own-tables.ts'
import type { PlaceContext } from './place.ts'
import { once, outside, type Trace } from './session.ts'
import { sessionSource } from './session-source.ts'
import type { Source, Sources } from './source.ts'
import { userSource } from './user-source.ts'
import { sourceVerbs } from './verbs.ts'

export async function openDjango(settings: DatabaseSettings, options: StoreOptions): Promise<Engine> {
  const { driver } = settings
  const trace: Trace = options.onStatement ?? (() => {})
  const { sources, own, findings } = await prepared(settings, options).catch(refused)
  await makeTables(driver, own).catch(refused)
  let closed = false
  const checkOpen = () => {
    if (closed) throw new StoreUnavailable('the store is closed')
  }
  const verbs = sourceVerbs({ driver, trace, sources }, outside(driver, trace), false)
  return {
    verbs: eachVerb(verbs, (call) => async (...args) => {
      checkOpen()
      return call(...args)
    }),
    findings,
    async transaction(work) {
      checkOpen()
      try {
        return await once(driver, trace, (session) => {
          const inner: Verbs = sourceVerbs({ driver, trace, sources }, session, true)
          return runWork(inner, work)
        })
      } catch (error) {
        throw told(error, undefined)
      }
    },
    // The driver is the caller's.
    async close() {
      closed = true
    },
  }
}

function refused(error: unknown): never {
  if (!(error instanceof DjangoError) || (error.code !== 'BAD_MODEL' && error.code !== 'BAD_NAME')) {
    throw told(error, undefined)
  }
  const { code, message } = error
  const fix = 'give djangoDatabase the database, tables and columns that the Django project has'
  const problem = { code, message, seen: 'a name or a model that is not there', expected: 'what Django has made', fix }
  throw Object.assign(new ConfigError([problem]), { cause: error })
}

async function prepared(settings: DatabaseSettings, options: StoreOptions) {
  const { driver, databaseTimeZone, random } = settings
  const { dialect } = driver
  const model = await findUserModel(driver, settings)
  const sessions = await needTable(driver, settings.sessionTable)
  const types = await typesOf(settings, model, sessions)
  const context: PlaceContext = { dialect, databaseTimeZone, userKey: model.id }
  const { tables } = options
  const newIdOf = (table: Table) => () => options.makeId(table.name) ?? randomText(random, 32, LOWER_AND_DIGITS)

  const sources = new Map<string, Sources>()
  const own: OwnTable[] = []
  const findings: string[] = []
  const put = (source: Source, beside: OwnTable) => {
    own.push(beside)
    const all = [source]
    sources.set(source.table.name, { table: source.table, all, of: () => all })
  }
  const named = (name: string) => tables.find((table) => table.name === name)

  const user = named('user')
  if (user) {
    const made = userSource({
      context,
      model,
      types,
      table: user,
      others: tables,
      userDefaults: settings.userDefaults,
      random,
    })
    put(made.source, made.own)
    findings.push(...made.findings)
  }
  const session = named('session')
  const opened =
    session &&
    sessionSource({
      context,
      model,
      types,
      table: session,
      others: tables,
      expireDate: needColumn(sessions, 'expire_date'),
      codec: rowCodec(settings),
      hashes: sessionHashes(settings),
      backends: settings.backends,
      random,
      newId: newIdOf(session),
    })
  if (opened) put(opened.source, opened.own)
  for (const table of tables) {
    if (sources.has(table.name)) continue
    const beside = ownTable(types, table, tables)
    const source = ownSource(context, table, beside, newIdOf(table))
    put(source, beside)
    if (table.name !== 'account') continue
    const passwordChanges = opened?.passwordChanges ?? (async () => {})
    const credential = credentialSource({ context, model, table, random, passwordChanges })
    sources.set(table.name, accountSources(credential, source))
  }
  return { sources, own: inOrder(own), findings }
}

async function needTable(driver: SqlDriver, name: string): Promise<SqlTable> {
  const table = await inspectTable(driver, name)
  if (table) return table
  throw new DjangoError('BAD_MODEL', `There is no table ${name}: run Django's migrations, or name it: sessionTable`)
}

function needColumn(table: SqlTable, name: string) {
  const column = table.columns.find((one) => one.name === name)
  if (!column) throw new DjangoError('BAD_MODEL', `The table ${table.name} has no column ${name}`)
  return column
}

/** What our columns that refer to Django's are declared as: as those themselves. */
async function typesOf(settings: DatabaseSettings, model: UserModel, sessions: SqlTable): Promise<OwnTypes> {
  const { driver, prefix } = settings
  const key = needColumn(sessions, 'session_key')
  const declared = async (table: string, column: { readonly name: string; readonly declared: string }) =>
    driver.dialect === 'mysql' ? column.declared + (await collationOf(driver, table, column.name)) : column.declared
  return {
    dialect: driver.dialect,
    prefix,
    users: { table: model.table.name, key: model.id.name, type: await declared(model.table.name, model.id) },
    sessions: { table: sessions.name, type: await declared(sessions.name, key) },
    binary: driver.dialect === 'mysql' ? await binaryCollation(driver) : '',
  }
}

async function collationOf(verbs: SqlVerbs, table: string, column: string): Promise<string> {
  const text = `select character_set_name as charset, collation_name as collation from information_schema.columns
    where table_schema = database() and table_name = ? and column_name = ?`
  const [row] = await verbs.all(text, [table, column])
  const { charset, collation } = row ?? {}
  return typeof collation === 'string' ? ` character set ${word(charset)} collate ${word(collation)}` : ''
}

/** Under which texts are the same only if they are, spaces at the end included, where the server has such a one. */
async function binaryCollation(verbs: SqlVerbs): Promise<string> {
  const known = ['utf8mb4_0900_bin', 'utf8mb4_nopad_bin']
  const text = `select collation_name as name from information_schema.collations where collation_name in (?, ?)`
  const [row] = await verbs.all(text, known)
  return row ? word(row.name) : 'utf8mb4_bin'
}

function word(name: unknown): string {
  if (typeof name !== 'string' || !/^\w+$/.test(name)) throw new DjangoError('BAD_NAME', 'That is no collation')
  return name
}

/** Those that others refer to first. */
function inOrder(tables: readonly OwnTable[]): OwnTable[] {
  const done: OwnTable[] = []
  let left = [...tables]
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const ready = left.filter(({ name, columns }) =>
      columns.every(({ references }) => !references || references.table === name || !names.has(references.table)),
    )
    // Of tables that refer to each other any may be the first: the database says whether it can be done.
    const next = ready.length > 0 ? ready : left
    done.push(...next)
    left = left.filter((table) => !next.includes(table))
  }
  return done
}
