/** A database by its location, for the command line: the drivers of servers are the project's own. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SqlDriver } from '../sql/driver.ts'
import { type MysqlPool, mysqlDriver } from '../sql/mysql.ts'
import { type PostgresqlPool, postgresqlDriver } from '../sql/postgresql.ts'
import { sqliteDriver } from '../sql/sqlite.ts'

export interface Opened {
  readonly driver: SqlDriver
  close(): Promise<void>
}

/**
 * @param location `postgresql://…`, `mysql://…`, or the path of an SQLite file
 * @param folder where `pg` or `mysql2` is looked for
 * @throws {Error} in words for the person at the terminal
 */
export async function openLocation(location: string, folder: string): Promise<Opened> {
  const scheme = /^([a-z+]+):\/\//.exec(location)?.[1]
  if (scheme === undefined) {
    const driver = sqliteDriver(location)
    return { driver, close: () => driver.close() }
  }
  if (scheme === 'postgresql' || scheme === 'postgres') {
    const { Pool } = await load<{ Pool: new (options: object) => PostgresqlPool & Ends }>('pg', folder)
    const pool = new Pool({ connectionString: location, max: 1 })
    return { driver: postgresqlDriver(pool), close: () => pool.end() }
  }
  if (scheme === 'mysql' || scheme === 'mariadb') {
    const { createPool } = await load<{ createPool: (uri: string) => MysqlPool & Ends }>('mysql2/promise', folder)
    const pool = createPool(location.replace(/^mariadb:/, 'mysql:'))
    return { driver: mysqlDriver(pool), close: () => pool.end() }
  }
  throw new Error(
    `${scheme}:// is no database of Django's: give postgresql://…, mysql://… or the path of an SQLite file`,
  )
}

interface Ends {
  end(): Promise<void>
}

async function load<T>(name: string, folder: string): Promise<T> {
  let path: string
  try {
    path = createRequire(join(folder, 'package.json')).resolve(name)
  } catch {
    throw new Error(`this needs the package ${name.split('/', 1)[0]}: npm install ${name.split('/', 1)[0]}`)
  }
  const found = await import(/* @vite-ignore */ pathToFileURL(path).href)
  return found.default ?? found
}
