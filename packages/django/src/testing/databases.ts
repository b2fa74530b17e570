/** Databases for tests: a scratch one on each of the three that this machine has, dropped at the end. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Dialect, SqlDriver } from '../sql/driver.ts'
import { mysqlDriver } from '../sql/mysql.ts'
import { postgresqlDriver } from '../sql/postgresql.ts'
import { sqliteDriver } from '../sql/sqlite.ts'

export interface Scratch {
  readonly driver: SqlDriver
  /** What Django's `DATABASES` says of it. */
  readonly settings: Readonly<Record<string, unknown>>
  /** One more driver over the same database, with connections of its own. */
  another(): SqlDriver
  /** Runs statements one after the other, on one connection. */
  script(statements: readonly string[]): Promise<void>
  drop(): Promise<void>
}

export interface TestDatabase {
  readonly name: string
  readonly dialect: Dialect
  /** Why there is none, where there is none. */
  readonly missing: string | undefined
  open(): Promise<Scratch>
}

const makeName = () => `keystile_django_${randomBytes(8).toString('hex')}`

async function openSqlite(): Promise<Scratch> {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-django-'))
  const path = join(folder, 'db.sqlite3')
  writeFileSync(path, '')
  const drivers: SqlDriver[] = []
  const another = () => {
    const driver = sqliteDriver(path)
    drivers.push(driver)
    return driver
  }
  const driver = another()
  return {
    driver,
    another,
    settings: { ENGINE: 'django.db.backends.sqlite3', NAME: path },
    async script(statements) {
      for (const text of statements) await driver.run(text)
    },
    async drop() {
      await Promise.all(drivers.map((one) => one.close()))
      rmSync(folder, { recursive: true })
    },
  }
}

const postgresqlAt = { host: '127.0.0.1', port: 5432, user: 'root', connectionTimeoutMillis: 2000 }

async function openPostgresql(): Promise<Scratch> {
  const name = makeName()
  const admin = async (text: string) => {
    const client = new pg.Client({ ...postgresqlAt, database: 'postgres' })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  await admin(`create database ${name}`)
  const pools: pg.Pool[] = []
  const makePool = () => {
    const pool = new pg.Pool({ ...postgresqlAt, database: name, max: 4 })
    // Its connections may be cut while they end.
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  const pool = makePool()
  return {
    driver: postgresqlDriver(pool),
    another: () => postgresqlDriver(makePool()),
    settings: { ENGINE: 'django.db.backends.postgresql', NAME: name, HOST: '127.0.0.1', PORT: '5432', USER: 'root' },
    async script(statements) {
      await pool.query(statements.join(';\n'))
    },
    async drop() {
      await Promise.all(pools.map((one) => one.end()))
      await admin(`drop database ${name} with (force)`)
    },
  }
}

const mysqlAt = { host: '127.0.0.1', port: 3306, user: 'root', connectTimeout: 2000 }

async function openMysql(): Promise<Scratch> {
  const name = makeName()
  const admin = async (text: string) => {
    const connection = await mysql.createConnection(mysqlAt)
    await connection.query(text)
    await connection.end()
  }
  await admin(`create database ${name} character set utf8mb4 collate utf8mb4_general_ci`)
  const pools: mysql.Pool[] = []
  const makePool = () => {
    const pool = mysql.createPool({ ...mysqlAt, database: name, connectionLimit: 4 })
    pools.push(pool)
    return pool
  }
  const pool = makePool()
  return {
    driver: mysqlDriver(pool),
    another: () => mysqlDriver(makePool()),
    settings: {
      ENGINE: 'django.db.backends.mysql',
      NAME: name,
      HOST: '127.0.0.1',
      PORT: '3306',
      USER: 'root',
      // Older releases ask for three bytes at most.
      OPTIONS: { charset: 'utf8mb4' },
    },
    async script(statements) {
      const connection = await pool.getConnection()
      try {
        for (const text of statements) await connection.query(text)
      } finally {
        connection.release()
      }
    },
    async drop() {
      await Promise.all(pools.map((one) => one.end()))
      await admin(`drop database ${name}`)
    },
  }
}

/** `undefined` where the service answers. */
async function missing(name: string, answers: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await answers()
    return undefined
  } catch (cause) {
    if (process.env.KEYSTILE_REQUIRE_SERVICES === '1') throw new Error(`${name} does not answer`, { cause })
    return `${name} does not answer on its standard port`
  }
}

async function postgresqlAnswers() {
  const client = new pg.Client({ ...postgresqlAt, database: 'postgres' })
  await client.connect()
  await client.end()
}

async function mysqlAnswers() {
  const connection = await mysql.createConnection(mysqlAt)
  await connection.end()
}

/** For `describe.each(testDatabases)('on $name', …)`, with `beforeEach(({ skip }) => skip(missing !== undefined, missing))`. */
export const testDatabases: readonly TestDatabase[] = [
  { name: 'SQLite', dialect: 'sqlite', missing: undefined, open: openSqlite },
  {
    name: 'PostgreSQL',
    dialect: 'postgresql',
    missing: await missing('PostgreSQL', postgresqlAnswers),
    open: openPostgresql,
  },
  { name: 'MariaDB', dialect: 'mysql', missing: await missing('MariaDB', mysqlAnswers), open: openMysql },
]
