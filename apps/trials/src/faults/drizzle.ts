/** The app's own drizzle database over an asynchronous driver, each of whose statements may fail. */
import { integer, type SQLiteColumnBuilderBase, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import Client from 'libsql'
import { Faults } from './fault.ts'

const id = () => text('id').primaryKey()
const texts = (...names: readonly string[]): Record<string, SQLiteColumnBuilderBase> =>
  Object.fromEntries(names.map((name) => [name, text(name)]))
const times = () => texts('createdAt', 'updatedAt')

const schema = {
  user: sqliteTable('user', {
    id: id(),
    ...texts('name', 'email', 'image', 'username', 'displayUsername'),
    emailVerified: integer('emailVerified', { mode: 'boolean' }),
    ...times(),
  }),
  session: sqliteTable('session', {
    id: id(),
    ...texts('expiresAt', 'token', 'ipAddress', 'userAgent', 'userId', 'amr', 'aal', 'absoluteExpiresAt'),
    ...times(),
  }),
  account: sqliteTable('account', {
    id: id(),
    ...texts('accountId', 'providerId', 'userId', 'accessToken', 'refreshToken', 'idToken', 'accessTokenExpiresAt'),
    ...texts('refreshTokenExpiresAt', 'scope', 'password'),
    ...times(),
  }),
  verification: sqliteTable('verification', { id: id(), ...texts('identifier', 'value', 'expiresAt'), ...times() }),
  rateLimit: sqliteTable('rateLimit', {
    id: id(),
    key: text('key'),
    count: integer('count'),
    lastRequest: integer('lastRequest'),
    recent: text('recent'),
  }),
}

/** A connection that fails or hangs is gone: the server takes back what was open on it, the next call has another. */
export function remoteDatabase(path: string) {
  const client = new Client(path)
  const faults = new Faults({
    refusal: () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    broken() {
      if (client.inTransaction) client.exec('rollback')
    },
  })
  const database = drizzle(
    (statement, params) => {
      const name = statement.split(' ', 1)[0] ?? ''
      return faults.pass(name, client.inTransaction, async () => {
        const prepared = client.prepare(statement)
        if (prepared.reader) return { rows: prepared.raw().all(params) as unknown[] }
        prepared.run(params)
        return { rows: [] }
      })
    },
    { schema },
  )
  const close = () => {
    client.close()
  }
  return { database, faults, close }
}
