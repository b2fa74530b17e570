/** What is found in a Django project's database, by looking alone: nothing is written. */
import { algorithmOf, STOCK_HASHERS } from '../passwords/hashers.ts'
import { rowCodec } from '../sessions/codec.ts'
import { writeDate } from '../sql/dates.ts'
import type { Dialect, SqlDriver } from '../sql/driver.ts'
import { statement } from '../sql/statements.ts'
import { inspectTable } from '../sql/tables.ts'
import { findUserModel, type UserModel, type UserModelOptions } from '../users/model.ts'
import { type DjangoVersion, since } from '../version.ts'
import { type GuessedVersion, guessVersion } from './version.ts'

export interface InspectOptions extends UserModelOptions {
  /** Default `django_session`. */
  readonly sessionTable?: string | undefined
  /** In front of the names of our own tables. Default `keystile_`. */
  readonly prefix?: string | undefined
  /** Tells whether the sessions can be read with it. */
  readonly secretKey?: string | undefined
  /** Milliseconds since 1970. Default the system's. */
  readonly clock?: (() => number) | undefined
}

export interface FoundUsers {
  readonly table: string
  readonly rows: number
  /** Column and type of the primary key. */
  readonly key: string
  readonly keyType: string
  readonly username: string
  /** Columns of Django's own model that are not there. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  /** Of these, the ones that every new user needs a value for. */
  readonly needed: readonly string[]
}

export interface FoundHasher {
  /** `unusable` for passwords that nothing fits. */
  readonly algorithm: string
  readonly rows: number
  /** Whether it is verified: by default, by opting in (`passwordHashers`), or not at all. */
  readonly verified: 'by default' | 'by opting in' | 'never'
}

export interface FoundSessions {
  readonly table: string
  readonly live: number
  readonly expired: number
  /** How the latest rows are written: signed as since 3.1, or under SHA-1 as before; `undefined` without any. */
  readonly form: 'signed' | 'legacy' | undefined
  /** Of the latest rows, how many the secret key given reads. */
  readonly readable: { readonly read: number; readonly of: number } | undefined
}

export interface Inspection {
  readonly dialect: Dialect
  /** Or why there are none. */
  readonly users: FoundUsers | { readonly problem: string }
  readonly hashers: readonly FoundHasher[]
  /** `undefined` without the table: the engine is another one, or there are no sessions. */
  readonly sessions: FoundSessions | undefined
  readonly version: GuessedVersion
  /** What that release does by default. The project's own settings are not in the database. */
  readonly csrf: { readonly cookie: 'plain' | 'masked'; readonly looksAtOrigin: boolean } | undefined
  /** Tables that `djangoDatabase` would make, and those that are there already. */
  readonly own: readonly { readonly table: string; readonly there: boolean }[]
}

const OWN_TABLES = ['user', 'session', 'account', 'verification']

const DJANGO_COLUMNS = [
  'id',
  'password',
  'last_login',
  'is_superuser',
  'username',
  'first_name',
  'last_name',
  'email',
  'is_staff',
  'is_active',
  'date_joined',
]

/** @throws what the driver throws: a table that is not there is told, a database that is not there is an error. */
export async function inspectDjango(driver: SqlDriver, options: InspectOptions = {}): Promise<Inspection> {
  const model = await findUserModel(driver, options).catch((error: Error & { code?: string }) => {
    if (error.code !== 'BAD_MODEL') throw error
    return error
  })
  const hashers = model instanceof Error ? [] : await hashersOf(driver, model)
  const sessions = await sessionsOf(driver, options)
  const version = await guessVersion(driver, { sessions: sessions?.form, hashers: hashers.map(({ sample }) => sample) })
  const { prefix = 'keystile_' } = options
  const own = []
  for (const name of OWN_TABLES) {
    const table = prefix + name
    own.push({ table, there: (await inspectTable(driver, table)) !== null })
  }
  return {
    dialect: driver.dialect,
    users: model instanceof Error ? { problem: model.message } : await usersOf(driver, model),
    hashers: hashers.map(({ sample: _, ...hasher }) => hasher),
    sessions,
    version,
    csrf: version.least && csrfOf(version.least),
    own,
  }
}

async function usersOf(driver: SqlDriver, model: UserModel): Promise<FoundUsers> {
  const { table, id, username, columns } = model
  const known = new Set([...DJANGO_COLUMNS, id.name, username.name])
  const extra = [...columns.values()].filter(({ name }) => !known.has(name))
  return {
    table: table.name,
    rows: await count(driver, table.name),
    key: id.name,
    keyType: id.declared,
    username: username.name,
    missing: DJANGO_COLUMNS.filter((name) => !columns.has(name) && name !== 'id' && name !== 'username'),
    extra: extra.map(({ name }) => name),
    needed: extra.filter(({ nullable, hasDefault }) => !nullable && !hasDefault).map(({ name }) => name),
  }
}

/** Stored values by what they begin with: the hash itself is not fetched, but for one that tells the parameters. */
async function hashersOf(driver: SqlDriver, model: UserModel) {
  const { dialect } = driver
  const dollarIn: Readonly<Record<Dialect, (text: string) => string>> = {
    sqlite: (text) => `instr(${text}, '$')`,
    postgresql: (text) => `strpos(${text}, '$')`,
    mysql: (text) => `locate('$', ${text})`,
  }
  const { text, parameters } = statement(dialect, ({ name }) => {
    const password = name('password')
    const longest = `case when length(${password}) in (32, 37, 46) then length(${password}) else 0 end`
    const dollar = dollarIn[dialect](password)
    const begun = `substr(${password}, 1, case when ${dollar} = 0 then 1 else ${dollar} end)`
    return `select ${begun} as begun, ${longest} as size, count(*) as found, max(${password}) as sample
      from ${name(model.table.name)} group by ${begun}, ${longest}`
  })
  const found = new Map<string, { algorithm: string; rows: number; sample: string }>()
  for (const row of await driver.all(text, parameters)) {
    const sample = String(row.sample ?? '')
    const algorithm = sample === '' || sample.startsWith('!') ? 'unusable' : algorithmOf(sample)
    const before = found.get(algorithm)
    found.set(algorithm, { algorithm, rows: Number(row.found) + (before?.rows ?? 0), sample: before?.sample ?? sample })
  }
  const optional = ['bcrypt', 'md5', 'sha1', 'unsalted_md5', 'unsalted_sha1']
  return [...found.values()]
    .sort((a, b) => b.rows - a.rows)
    .map(({ algorithm, rows, sample }) => {
      const stock = (STOCK_HASHERS as readonly string[]).includes(algorithm)
      const verified = stock ? 'by default' : optional.includes(algorithm) ? 'by opting in' : 'never'
      return { algorithm, rows, sample, verified } as const
    })
}

async function sessionsOf(driver: SqlDriver, options: InspectOptions): Promise<FoundSessions | undefined> {
  const { sessionTable = 'django_session', secretKey, clock = Date.now } = options
  if (!(await inspectTable(driver, sessionTable))) return undefined
  const now = writeDate(new Date(clock()), { dialect: driver.dialect })
  const counted = statement(driver.dialect, ({ name, bind }) => {
    const ends = `${name('expire_date')} > ${bind(now)}`
    return `select count(*) as total, sum(case when ${ends} then 1 else 0 end) as live from ${name(sessionTable)}`
  })
  const [row] = await driver.all(counted.text, counted.parameters)
  const latest = statement(driver.dialect, ({ name }) => {
    const [data, ends] = [name('session_data'), name('expire_date')]
    return `select ${data} as data from ${name(sessionTable)} order by ${ends} desc limit ${LOOKED_AT}`
  })
  const rows = (await driver.all(latest.text)).map(({ data }) => String(data))
  const live = Number(row?.live ?? 0)
  const read = secretKey === undefined ? [] : rows.filter((data) => reads(data, secretKey))
  return {
    table: sessionTable,
    live,
    expired: Number(row?.total ?? 0) - live,
    form: rows.length === 0 ? undefined : rows.some((data) => data.includes(':')) ? 'signed' : 'legacy',
    readable: secretKey === undefined ? undefined : { read: read.length, of: rows.length },
  }
}

/** Enough to tell, and quickly read. */
const LOOKED_AT = 100

/** A session that holds nothing looks like one that cannot be read: nobody stores such a one. */
function reads(data: string, secretKey: string): boolean {
  return Object.keys(rowCodec({ secretKey, acceptLegacySessions: true }).decode(data)).length > 0
}

async function count(driver: SqlDriver, table: string): Promise<number> {
  const { text } = statement(driver.dialect, ({ name }) => `select count(*) as found from ${name(table)}`)
  const [row] = await driver.all(text)
  return Number(row?.found ?? 0)
}

const csrfOf = (version: DjangoVersion): Inspection['csrf'] => ({
  cookie: since(version, '4.1') ? 'plain' : 'masked',
  looksAtOrigin: since(version, '4.0'),
})
