/** Drizzle databases as an app would make them, over the SQLite that is installed here. */
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session'
import { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core/dialect'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import type Client from 'libsql'

type Schema = Record<string, unknown>

/** What `drizzle-orm/better-sqlite3` gives; that package itself is not installed, `libsql` has the same interface. */
export function syncDatabase(client: Client.Database, schema: Schema, casing?: 'snake_case') {
  const dialect = new SQLiteSyncDialect(casing && { casing })
  const config = { fullSchema: schema, schema: {}, tableNamesMap: {} }
  const session = new BetterSQLiteSession(spread(client) as never, dialect, config)
  return new BaseSQLiteDatabase('sync', dialect, session as never, config as never)
}

/** `libsql` does not take a single null where `better-sqlite3` does. */
const spread = (client: Client.Database) => ({
  prepare(text: string) {
    const statement = client.prepare(text)
    return {
      run: (...params: unknown[]) => statement.run(params),
      raw: () => ({ all: (...params: unknown[]) => statement.raw().all(params) }),
    }
  },
})

/** An asynchronous driver: every statement takes a turn of the event loop. */
export function asyncDatabase(client: Client.Database, schema: Schema) {
  return drizzle(
    async (text, params, method) => {
      await new Promise((resolve) => setImmediate(resolve))
      const statement = client.prepare(text)
      if (method === 'run') {
        statement.run(params)
        return { rows: [] }
      }
      return { rows: statement.raw().all(params) as unknown[] }
    },
    { schema },
  )
}
