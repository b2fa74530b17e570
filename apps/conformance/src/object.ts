/** The site in a Durable Object of workerd, on the SQLite that it has there. */
import { createAuth } from '@keystile/core'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/durable-sqlite'
import { getTableConfig, integer, type SQLiteColumnBuilderBase, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { type Answering, answering } from './answering.ts'
import { browser, origin } from './browser.ts'

const id = () => text('id').primaryKey()
const texts = (...names: readonly string[]): Record<string, SQLiteColumnBuilderBase> =>
  Object.fromEntries(names.map((name) => [name, text(name)]))
const times = () => texts('createdAt', 'updatedAt')

const schema = {
  user: sqliteTable('user', {
    id: id(),
    email: text('email').unique(),
    emailVerified: integer('emailVerified', { mode: 'boolean' }),
    ...texts('name', 'image'),
    ...times(),
  }),
  session: sqliteTable('session', {
    id: id(),
    token: text('token').unique(),
    ...texts('expiresAt', 'ipAddress', 'userAgent', 'userId', 'amr', 'aal', 'absoluteExpiresAt'),
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
    key: text('key').unique(),
    count: integer('count'),
    lastRequest: integer('lastRequest'),
    recent: text('recent'),
  }),
}

interface State {
  readonly storage: { readonly sql: { exec(text: string): unknown } }
}

export class Site {
  readonly fetch: Answering

  constructor({ storage }: State) {
    for (const table of Object.values(schema)) {
      const { name, columns } = getTableConfig(table)
      const defined = columns.map((column) => {
        const rule = column.primary ? ' primary key' : column.isUnique ? ' unique' : ''
        return `"${column.name}" ${column.getSQLType()}${rule}`
      })
      storage.sql.exec(`create table if not exists "${name}" (${defined.join(', ')})`)
    }
    const database = drizzle(storage as never, { schema })
    const answer = answering(database)
    this.fetch = (request) => (request.url.endsWith('/undone') ? undone(database) : answer(request))
  }
}

/** What is left of a sign-up that fails once its user is written. */
async function undone(database: ReturnType<typeof drizzle<typeof schema>>): Promise<Response> {
  const { handler } = createAuth({
    database,
    secret: 'nQ4t7Xw9zC2vB5nM8kJ1hG6fD3sA0pLy',
    baseURL: origin,
    env: {},
    logger: { disabled: true },
    emailAndPassword: { enabled: true },
    databaseHooks: { account: { create: { before: () => Promise.reject(new Error('no account')) } } },
  })
  const email = 'undone@example.com'
  const { status } = await browser(handler).post('/sign-up/email', { name: 'Ann', email, password: 'correct horse' })
  const users = await database.select().from(schema.user).where(eq(schema.user.email, email))
  return Response.json({ status, users })
}

interface Env {
  readonly sites: { idFromName(name: string): unknown; get(id: unknown): Site }
}

export default {
  fetch: (request: Request, { sites }: Env) => sites.get(sites.idFromName('site')).fetch(request),
}
