/**
 * What every security case starts from: an auth on an embedded database with one user, a clock that tests move, a count
 * of hashes, and callers that keep cookies. No answer of it may ever be a 5xx.
 */
import { createHmac } from 'node:crypto'
import { createAuth, type Domain, type Options } from '@keystile/core'
import { expect, onTestFinished, type TestContext } from 'vitest'
import { type Host, hosts } from '../client/servers.ts'
import { type Answer, type Browser, type BrowserOptions, browser, day, start } from '../support.ts'
import { handlerOf } from './over-sockets.ts'

export { type Answer, type Browser, day }

/** Strong enough for production. */
export const secret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'
export const origin = 'http://localhost:3000'
export const v = { name: 'V', email: 'v@example.com', password: 'password-of-v' }
export const w = { name: 'W', email: 'w@example.com', password: 'password-of-w' }

export const tokenName = 'better-auth.session_token'
export const dataName = 'better-auth.session_data'
export const forgetName = 'better-auth.dont_remember'

/** Every route of the core, by method. */
export const getPaths = ['/get-session', '/list-sessions', '/ok', '/error']
export const postPaths = [
  '/sign-up/email',
  '/sign-in/email',
  '/sign-out',
  '/get-session',
  '/revoke-session',
  '/revoke-sessions',
  '/revoke-other-sessions',
  '/update-user',
  '/change-password',
  '/verify-password',
]
/** Those of them that look at a body. */
export const bodyPaths = postPaths.filter((path) => !/get-session|revoke-(?:other-)?sessions/.test(path))

const renamedTables = {
  user: {
    modelName: 'people',
    fields: { name: 'full_name', email: 'mail', emailVerified: 'mail_ok', image: 'picture' },
  },
  session: {
    modelName: 'login sessions',
    fields: {
      token: 'select',
      userId: 'person',
      expiresAt: 'ends_at',
      createdAt: 'began_at',
      absoluteExpiresAt: 'last_day',
    },
  },
  account: {
    modelName: 'credentials',
    fields: { password: 'hash', userId: 'person', accountId: 'subject', providerId: 'issuer_id' },
  },
  verification: { modelName: 'proofs', fields: { identifier: 'purpose', value: 'content' } },
  rateLimit: { modelName: 'counters', fields: { key: 'who', count: 'group', lastRequest: 'seen_at' } },
} satisfies Partial<Options>

let schema: Partial<Record<keyof typeof renamedTables, object>> = {}

/** From now on tables and columns have other names, some of them words of SQL (RC-15). */
export function renameSchema(): void {
  schema = renamedTables
}

let host: Host | undefined

/** From now on requests go over sockets, through this host, to the handler (AD-01). */
export function serveThrough(name: keyof typeof hosts): void {
  host = hosts[name]
}

/** For cases that a socket cannot carry: leaves them out there. */
export function direct(skip: TestContext['skip'], why: string): void {
  if (host) skip(why)
}

export type Model = 'user' | 'session' | 'account' | 'rateLimit'
export type Row = Record<string, unknown>

export interface Site {
  readonly auth: ReturnType<typeof createAuth>
  readonly domain: Domain
  readonly clock: { now: number }
  /** What was logged, level first. */
  readonly logged: string[]
  /** Hashes and verifications computed so far. */
  readonly hashes: { count: number }
  readonly handler: (request: Request, info?: { readonly remoteAddress?: string | undefined }) => Promise<Response>
  browser(how?: BrowserOptions): Browser
  /** A browser that has just signed in. */
  signedIn(person?: {
    readonly email: string
    readonly password: string
    readonly rememberMe?: boolean
  }): Promise<Browser>
  rows(model: Model): Promise<Row[]>
  /** Changes the rows of a table behind the library's back. */
  alter(model: Model, where: Row, patch: Row): Promise<void>
  /** The text of every row of every table. */
  dump(): Promise<string>
}

export interface Seed {
  /** Made by sign-up before the case begins; default `v` alone. */
  readonly users?: readonly { readonly name: string; readonly email: string; readonly password: string }[]
}

/** `emailAndPassword` and table changes are merged with ours, every other option wins. */
export async function open(options: Partial<Options> = {}, { users = [v] }: Seed = {}): Promise<Site> {
  const clock = { now: start }
  const logged: string[] = []
  const hashes = { count: 0 }
  const tables = Object.fromEntries(
    Object.entries(schema).map(([model, change]) => [model, { ...change, ...(options[model as Model] ?? {}) }]),
  )
  const given: Options = {
    database: ':memory:',
    ...('secrets' in options ? {} : { secret }),
    baseURL: origin,
    env: {},
    production: false,
    clock: () => clock.now,
    logger: { level: 'info', log: (level, message) => logged.push(`${level}: ${message}`) },
    ...options,
    ...tables,
    emailAndPassword: { enabled: true, password: counted(hashes), ...options.emailAndPassword },
  }
  const auth = createAuth(given) as unknown as Site['auth']
  onTestFinished(() => auth.close())
  const domain = await auth.$context
  const ask = host ? await handlerOf(host, auth) : auth.handler
  const table = (model: Model) => domain.tables[model] as never
  const handler: Site['handler'] = async (request, info) => {
    const answer = await ask(request, info)
    expect(answer.status, `${request.method} ${request.url}`).toBeLessThan(500)
    return answer
  }
  const base = `${new URL(typeof given.baseURL === 'string' ? given.baseURL : origin).origin}/api/auth`
  const site: Site = {
    auth,
    domain,
    clock,
    logged,
    hashes,
    handler,
    browser: (how = {}) => browser(handler, { base, origin: new URL(base).origin, ...how }),
    async signedIn(person = v) {
      const own = site.browser()
      expect((await own.signIn(person)).status).toBe(200)
      return own
    },
    rows: (model) => domain.store.list(table(model), {}) as Promise<Row[]>,
    async alter(model, where, patch) {
      expect(await domain.store.updateAll(table(model), where as never, patch as never)).toBeGreaterThan(0)
    },
    dump: async () => JSON.stringify(await Promise.all((['user', 'session', 'account'] as const).map(site.rows))),
  }
  for (const user of users) expect((await site.browser().signUp(user)).status).toBe(200)
  if (users.length > 0) await domain.store.remove(table('session'), {})
  hashes.count = 0
  return site
}

/** In place of argon2: quick, and counted. */
function counted(hashes: { count: number }) {
  return {
    hash: async (password: string) => {
      hashes.count++
      return `quick:${Buffer.from(password).toString('base64')}`
    },
    verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) => {
      hashes.count++
      return hash === `quick:${Buffer.from(password).toString('base64')}`
    },
  }
}

/** Two answers that a stranger cannot tell apart by reading them. */
export function expectSame(a: Answer, b: Answer): void {
  const seen = ({ status, json, setCookies }: Answer) => ({
    status,
    keys: Object.keys(json ?? {}),
    userKeys: Object.keys(json?.user ?? {}),
    code: json?.code,
    message: json?.message,
    cookies: setCookies.map((line) => line.split('=')[0]),
  })
  expect(seen(a)).toEqual(seen(b))
}

/** Nothing opens with these cookies, whatever they are called for. */
export async function expectDead(site: Site, cookies: ReadonlyMap<string, string>): Promise<void> {
  const header = cookieHeader(cookies)
  const caller = site.browser()
  expect((await caller.get('/get-session', { cookie: header })).text).toBe('null')
  expect((await caller.post('/update-user', { name: 'dead' }, { cookie: header })).status).toBe(401)
  expect((await caller.post('/change-password', passwords, { cookie: header })).status).toBe(401)
}

const passwords = { currentPassword: v.password, newPassword: 'another-password' }

export const cookieHeader = (jar: ReadonlyMap<string, string>) =>
  [...jar].map(([n, value]) => `${n}=${value}`).join('; ')

/** The cookies of a browser as they are now. */
export const copyOf = ({ jar }: Browser) => new Map(jar)

/** The raw token behind the signed cookie of a jar. */
export function tokenOf(jar: ReadonlyMap<string, string>, name = tokenName): string {
  const value = decodeURIComponent(jar.get(name) ?? '')
  return value.slice(0, value.lastIndexOf('.'))
}

/** A cookie's value under our signature, by Node's own HMAC. */
export const sign = (value: string, key = secret) => encodeURIComponent(`${value}.${mac(value, key)}`)
export const mac = (value: string, key = secret) => createHmac('sha256', key).update(value).digest('base64')
