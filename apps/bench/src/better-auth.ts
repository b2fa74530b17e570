import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { betterAuthPlugins } from './better-auth-plugins.ts'
import { type Contender, noHashing, type OpenOptions, origin, secret } from './contender.ts'
import { type Connection, connect } from './driver.ts'

/** Its default for SQLite is Kysely, which is also its fastest: drizzle builds its statements anew at each request. */
export async function openBetterAuth({
  path,
  migrate: tables = true,
  cookieCache = false,
  updateAge,
  plugins = 0,
  hashing = false,
}: OpenOptions): Promise<Contender> {
  const connection = await connect(path)
  const options = {
    database: asBetterSqlite(connection) as never,
    secret,
    baseURL: origin,
    emailAndPassword: { enabled: true, ...(hashing ? {} : { password: noHashing }) },
    session: { ...(updateAge === undefined ? {} : { updateAge }), cookieCache: { enabled: cookieCache } },
    plugins: betterAuthPlugins(plugins),
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
  } satisfies BetterAuthOptions
  const auth = betterAuth(options)
  if (tables) await migrate(options)
  return {
    name: 'better-auth',
    handler: (request) => auth.handler(request),
    getSession: (headers) => auth.api.getSession({ headers }),
  }
}

/** libsql's connection has a property `db`, by which better-auth would take it for something else. */
function asBetterSqlite(connection: Connection): object {
  if (!('db' in connection)) return connection
  return { prepare: (text: string) => connection.prepare(text), close() {}, aggregate() {} }
}

async function migrate(options: BetterAuthOptions): Promise<void> {
  const { getMigrations } = await import('better-auth/db/migration')
  await (await getMigrations(options)).runMigrations()
}
