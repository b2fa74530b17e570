/** A database by its location, for the command line: the drivers of servers are the project's own. */
import type { SqlDriver } from '../sql/driver.ts'
import { mysqlDriver } from '../sql/mysql.ts'
import { postgresqlDriver } from '../sql/postgresql.ts'
import { sqliteDriver } from '../sql/sqlite.ts'

export interface Opened {
  readonly driver: SqlDriver
  close(): Promise<void>
}

/**
 * @param location `postgresql://…`, `mysql://…`, or the path of an SQLite file
 * @throws {Error} in words for the person at the terminal
 */
export async function openLocation(location: string): Promise<Opened> {
  const scheme = /^([a-z+]+):\/\//.exec(location)?.[1]
  if (scheme === undefined) {
    const driver = sqliteDriver(location)
    return { driver, close: () => driver.close() }
  }
  if (scheme === 'postgresql' || scheme === 'postgres') {
    const { Pool } = (await written('pg', () => import('pg'))).default
    const pool = new Pool({ connectionString: location, max: 1 })
    return { driver: postgresqlDriver(pool), close: () => pool.end() }
  }
  if (scheme === 'mysql' || scheme === 'mariadb') {
    const { createPool } = (await written('mysql2', () => import('mysql2/promise'))).default
    const pool = createPool(location.replace(/^mariadb:/, 'mysql:'))
    return { driver: mysqlDriver(pool), close: () => pool.end() }
  }
  throw new Error(
    `${scheme}:// is no database of Django's: give postgresql://…, mysql://… or the path of an SQLite file`,
  )
}

/** @throws {Error} where the package is not installed */
async function written<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new Error(`this needs the package ${name}: npm install ${name}`, { cause })
  }
}
