import { Auth, type AuthConfig } from '@auth/core'
import type { Adapter } from '@auth/core/adapters'
import { encode } from '@auth/core/jwt'
import { type Contender, type OpenOptions, origin, secret } from './contender.ts'
import { connect } from './driver.ts'

const cookieName = 'authjs.session-token'
const sessionUrl = `${origin}/auth/session`

/** With a database by an adapter that is as short as can be; with the cookie cache by its encrypted token. */
export async function openAuthJs({ path, cookieCache = false }: OpenOptions): Promise<Contender> {
  const { adapter, open } = await storedSessions(path)
  const config: AuthConfig = {
    providers: [],
    secret,
    trustHost: true,
    basePath: '/auth',
    logger: { error() {}, warn() {}, debug() {} },
    ...(cookieCache ? {} : { adapter, session: { strategy: 'database' } }),
  }
  const ask = async (headers: Headers) => {
    const response = await Auth(new Request(sessionUrl, { headers: { cookie: headers.get('cookie') ?? '' } }), config)
    if (!response.ok) throw new Error(`Auth.js answered ${response.status}`)
    return response
  }
  return {
    name: 'Auth.js',
    handler: ({ headers }) => ask(headers),
    getSession: async (headers) => (await ask(headers)).json(),
    async signUp({ name, email }) {
      const token = cookieCache
        ? await encode({ token: { sub: email, name, email }, secret, salt: cookieName })
        : open(name, email)
      return `${cookieName}=${token}`
    },
  }
}

/** An adapter must have these; reading a session asks none of them. */
const notAsked = Object.fromEntries(
  [
    ...['createUser', 'getUser', 'getUserByEmail', 'getUserByAccount', 'updateUser', 'linkAccount'],
    ...['createSession', 'deleteSession'],
  ].map((name) => [name, () => Promise.reject(new Error(`${name} is not there`))]),
)

async function storedSessions(path: string) {
  const database = await connect(path)
  database.exec(`
    create table user (id text primary key, name text, email text, emailVerified text, image text);
    create table session (token text primary key, userId text not null, expires text not null);
  `)
  const insertUser = database.prepare('insert into user values (?, ?, ?, null, null)')
  const insertSession = database.prepare('insert into session values (?, ?, ?)')
  const join = database.prepare(
    'select s.token, s.expires, u.* from session s join user u on u.id = s.userId where s.token = ?',
  )
  const adapter: Adapter = {
    ...notAsked,
    async getSessionAndUser(sessionToken) {
      const row = join.get(sessionToken) as Record<'id' | 'name' | 'email' | 'expires', string> | undefined
      if (!row) return null
      const { id, name, email, expires } = row
      return {
        session: { sessionToken, userId: id, expires: new Date(expires) },
        user: { id, name, email, emailVerified: null, image: null },
      }
    },
    async updateSession() {
      return null
    },
  }
  return {
    adapter,
    open(name: string, email: string): string {
      const token = crypto.randomUUID()
      insertUser.run(email, name, email)
      insertSession.run(token, email, new Date(Date.now() + 30 * 86_400_000).toISOString())
      return token
    },
  }
}
