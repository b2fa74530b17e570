/**
 * The least a server of this wire can do in JavaScript on Node: node:crypto with one prepared key, one prepared join,
 * fixed paths, no hooks, no options, no plugins. Its answers are those of the others, byte for byte but for the values.
 * Nobody should run it: it checks no origin, limits nobody and keeps its tokens in clear.
 */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Contender, type OpenOptions, origin, secret } from './contender.ts'
import { connect, prepareRaw } from './driver.ts'

const week = 7 * 86_400
const cookieName = 'better-auth.session_token='
const base = `${origin}/api/auth`
const key = createSecretKey(secret, 'utf8')
const json = { 'content-type': 'application/json' }
const sensitive = { ...json, 'cache-control': 'no-store', pragma: 'no-cache' }

const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64')
const newId = () => randomBytes(24).toString('base64url')

/** The columns of a session, then those of its user. */
type Joined = readonly [
  id: string,
  expiresAt: string,
  token: string,
  createdAt: string,
  updatedAt: string,
  ipAddress: string,
  userAgent: string,
  userId: string,
  name: string,
  email: string,
  emailVerified: number,
  image: string | null,
  userCreatedAt: string,
  userUpdatedAt: string,
]

type Found = readonly [
  id: string,
  name: string,
  email: string,
  emailVerified: number,
  image: string | null,
  createdAt: string,
  updatedAt: string,
  password: string,
]

/** Its server call needs no more than a way to the cookie. */
interface Floor extends Contender {
  getSession(headers: Pick<Headers, 'get'>): Promise<unknown>
}

export async function openFloor({ path, hashing = false }: OpenOptions): Promise<Floor> {
  const { hash, verify } = hashing ? await argon2id() : plain
  const database = await connect(path)
  if (path !== ':memory:') database.exec('pragma journal_mode = wal; pragma synchronous = normal')
  database.exec(`
    create table if not exists user (id text primary key, name text not null, email text not null unique,
      emailVerified integer not null, image text, createdAt text not null, updatedAt text not null);
    create table if not exists session (id text primary key, expiresAt text not null, token text not null unique,
      createdAt text not null, updatedAt text not null, ipAddress text, userAgent text,
      userId text not null references user (id));
    create index if not exists session_user on session (userId);
    create table if not exists account (id text primary key, userId text not null references user (id),
      providerId text not null, password text, createdAt text not null, updatedAt text not null);
    create index if not exists account_user on account (userId);
  `)
  const join = prepareRaw(
    database,
    `select s.id, s.expiresAt, s.token, s.createdAt, s.updatedAt, s.ipAddress, s.userAgent, s.userId,
      u.name, u.email, u.emailVerified, u.image, u.createdAt, u.updatedAt
      from session s join user u on u.id = s.userId where s.token = ?`,
  )
  const credentials = prepareRaw(
    database,
    `select u.id, u.name, u.email, u.emailVerified, u.image, u.createdAt, u.updatedAt, a.password
      from user u join account a on a.userId = u.id and a.providerId = 'credential' where u.email = ?`,
  )
  const insertUser = database.prepare(
    'insert into user (id, name, email, emailVerified, image, createdAt, updatedAt) values (?, ?, ?, 0, null, ?, ?)',
  )
  const insertAccount = database.prepare(
    "insert into account (id, userId, providerId, password, createdAt, updatedAt) values (?, ?, 'credential', ?, ?, ?)",
  )
  const insertSession = database.prepare(
    `insert into session (id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId)
      values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const list = prepareRaw(
    database,
    `select id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId
      from session where userId = ? and expiresAt > ?`,
  )
  const end = database.prepare('delete from session where token = ?')
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')

  function look(headers: Pick<Headers, 'get'>): Joined | undefined {
    const token = tokenOf(headers.get('cookie'))
    const row = token === undefined ? undefined : (join.get(token) as Joined | undefined)
    return row !== undefined && row[1] > new Date().toISOString() ? row : undefined
  }

  function open(userId: string, headers: Headers, now: Date): string {
    const token = newId()
    const end = new Date(now.getTime() + week * 1000).toISOString()
    const at = now.toISOString()
    insertSession.run(newId(), end, token, at, at, '', headers.get('user-agent') ?? '', userId)
    return token
  }

  async function signUp(request: Request): Promise<Response> {
    const { name, email, password } = JSON.parse(await request.text())
    if (typeof name !== 'string' || typeof email !== 'string' || typeof password !== 'string') return bad()
    const kept = await hash(password)
    const [id, now] = [newId(), new Date()]
    const at = now.toISOString()
    begin.run()
    insertUser.run(id, name, email, at, at)
    insertAccount.run(newId(), id, kept, at, at)
    commit.run()
    const token = open(id, request.headers, now)
    const user = userText(id, name, email, 0, null, at, at)
    return answer(`{"token":"${token}","user":${user}}`, token)
  }

  async function signIn(request: Request): Promise<Response> {
    const { email, password } = JSON.parse(await request.text())
    if (typeof email !== 'string' || typeof password !== 'string') return bad()
    const found = credentials.get(email) as Found | undefined
    if (!found || !(await verify(found[7], password))) return new Response(null, { status: 401 })
    const [id, name, address, verified, image, createdAt, updatedAt] = found
    const token = open(id, request.headers, new Date())
    const user = userText(id, name, address, verified, image, createdAt, updatedAt)
    return answer(`{"redirect":false,"token":"${token}","user":${user}}`, token)
  }

  function listSessions(request: Request): Response {
    const row = look(request.headers)
    if (row === undefined) return new Response(null, { status: 401 })
    const rows = list.all(row[7], new Date().toISOString()) as Joined[]
    return new Response(`[${rows.map(sessionText).join(',')}]`, { headers: sensitive })
  }

  function signOut(request: Request): Response {
    const token = tokenOf(request.headers.get('cookie'))
    if (token !== undefined) end.run(token)
    return new Response('{"success":true}', { headers: { ...sensitive, 'set-cookie': expired } })
  }

  return {
    name: 'floor',
    async handler(request) {
      switch (request.url) {
        case `${base}/get-session`:
          return new Response(pairText(look(request.headers)), { headers: sensitive })
        case `${base}/ok`:
          return new Response('{"ok":true}', { headers: json })
        case `${base}/sign-in/email`:
          return signIn(request)
        case `${base}/sign-up/email`:
          return signUp(request)
        case `${base}/list-sessions`:
          return listSessions(request)
        case `${base}/sign-out`:
          return signOut(request)
        default:
          return new Response(null, { status: 404 })
      }
    },
    getSession: async (headers) => pairOf(look(headers)),
  }
}

/** The token of a cookie whose signature holds. */
function tokenOf(header: string | null): string | undefined {
  const at = header?.indexOf(cookieName) ?? -1
  if (header === null || at < 0) return undefined
  const end = header.indexOf(';', at)
  const raw = decodeURIComponent(header.slice(at + cookieName.length, end < 0 ? undefined : end))
  const dot = raw.lastIndexOf('.')
  const token = raw.slice(0, dot)
  const expected = Buffer.from(mac(token))
  const given = Buffer.from(raw.slice(dot + 1))
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined
}

function userText(
  id: string,
  name: string,
  email: string,
  verified: number,
  image: string | null,
  createdAt: string,
  updatedAt: string,
): string {
  return `{"id":"${id}","name":${JSON.stringify(name)},"email":${JSON.stringify(email)},"emailVerified":${verified === 1},"image":${JSON.stringify(image)},"createdAt":"${createdAt}","updatedAt":"${updatedAt}"}`
}

function pairText(row: Joined | undefined): string {
  if (row === undefined) return 'null'
  const [, , , , , , , userId, name, email, verified, image] = row
  const user = userText(userId, name, email, verified, image, row[12], row[13])
  return `{"session":${sessionText(row)},"user":${user}}`
}

function sessionText([id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId]: Joined): string {
  return `{"id":"${id}","expiresAt":"${expiresAt}","token":"${token}","createdAt":"${createdAt}","updatedAt":"${updatedAt}","ipAddress":${JSON.stringify(ipAddress)},"userAgent":${JSON.stringify(userAgent)},"userId":"${userId}"}`
}

function pairOf(row: Joined | undefined): object | null {
  if (row === undefined) return null
  const [id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, name, email, verified, image] = row
  return {
    session: {
      id,
      expiresAt: new Date(expiresAt),
      token,
      createdAt: new Date(createdAt),
      updatedAt: new Date(updatedAt),
      ipAddress,
      userAgent,
      userId,
    },
    user: {
      id: userId,
      name,
      email,
      emailVerified: verified === 1,
      image,
      createdAt: new Date(row[12]),
      updatedAt: new Date(row[13]),
    },
  }
}

function answer(text: string, token: string): Response {
  const value = encodeURIComponent(`${token}.${mac(token)}`)
  const cookie = `${cookieName}${value}; Max-Age=${week}; Path=/; HttpOnly; SameSite=Lax`
  return new Response(text, { headers: { ...sensitive, 'set-cookie': cookie } })
}

const expired = `${cookieName}; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`

const plain = {
  hash: async (password: string) => password,
  verify: async (kept: string, password: string) => kept === password,
}

/** As Keystile hashes by default. */
async function argon2id(): Promise<typeof plain> {
  const { hash, verify } = await import('@node-rs/argon2')
  return { hash: (password) => hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }), verify }
}

const bad = () => new Response(null, { status: 400 })
