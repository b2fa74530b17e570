/** A database with two users, made once; and instances on copies of it, on each kind of store. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnyPlugin, createAuth, type Options } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import Client from 'libsql'
import { remoteDatabase } from './drizzle.ts'
import { Faults } from './fault.ts'
import { type Moved, move } from './moved.ts'
import { faultyStore } from './store.ts'
import { type Cookies, formsOf, secret, tokenCookie } from './tokens.ts'

export const origin = 'http://localhost:3000'
export const start = Date.UTC(2026, 0, 1)
export const minute = 60_000
export const day = 86_400_000
export const ada = { name: 'Ada', email: 'ada@example.com', username: 'ada_l', password: 'correct horse' }
export const bob = { name: 'Bob', email: 'bob@example.com', username: 'bob_m', password: 'battery staple' }

/** `remote`: the app's drizzle database over an asynchronous driver, where the faults are the driver's. */
export const storeKinds = ['memory', 'sqlite', 'remote'] as const
export type StoreKind = (typeof storeKinds)[number]

export type FlowOptions = Pick<
  Options,
  'emailAndPassword' | 'session' | 'rateLimit' | 'production' | 'random' | 'emailVerification'
>

export interface Setting {
  readonly options?: FlowOptions | undefined
  /** How long after the users signed in the instance is made, in milliseconds. */
  readonly after?: number | undefined
  /** Without a row; embedded, without a table. */
  readonly empty?: boolean | undefined
  /** As another server left it. */
  readonly moved?: Moved | undefined
}

export interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly body: unknown
  /** Cookies that were set, by name; empty where one was expired. */
  readonly cookies: ReadonlyMap<string, string>
}

export interface Ask {
  readonly cookie?: string | undefined
  /** Makes it a POST. */
  readonly body?: object | undefined
  /** Of the caller's host. */
  readonly address?: string | undefined
}

/** One instance and what stands behind it. */
export interface Site {
  readonly cookies: Cookies
  readonly faults: Faults
  readonly clock: { now: number }
  /** Lines of the log, level first. */
  readonly logged: string[]
  /** The sessions whose cookies somebody has, as their tokens rest. */
  readonly sent: Set<string>
  ask(path: string, question?: Ask): Promise<Answer>
  /** What `ready` says: 200, or 503 with the code of its error. */
  ready(): Promise<Answer>
  idle(): Promise<void>
  /** Rows as they stand in the database, seen from outside. */
  rows(table: 'user' | 'account' | 'session'): Record<string, unknown>[]
  close(): Promise<void>
}

export interface World {
  /** A site on a copy. */
  open(kind: StoreKind, setting?: Setting): Site
  close(): void
}

const quickPasswords = {
  hash: async (password: string) => `quick:${password}`,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) =>
    hash === `quick:${password}`,
}

/** Files that no disk is waited for. */
const memory = '/dev/shm'

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'keystile-faults-'))
  const [filled, bare] = [join(folder, 'filled.db'), join(folder, 'bare.db')]
  const rows: MemoryRows = {}
  let copies = 0

  const onFile = await seed(site({ database: filled }))
  const inMemory = await seed(site({ database: memoryAdapter(rows) }))
  const unused = site({ database: bare })
  await unused.ready()
  await unused.close()
  for (const path of [filled, bare]) {
    // The driver ends a connection when it likes: until then all is in the log beside the file.
    const client = new Client(path)
    client.prepare('pragma wal_checkpoint(truncate)').all()
    client.close()
  }

  function inArrays({ options, after, empty, moved }: Setting): Site {
    const own = empty ? {} : structuredClone(rows)
    const faults = new Faults()
    const cookies = moved
      ? move(moved, inMemory, {
          token(from, to) {
            for (const row of own.session ?? []) if (row.token === from) row.token = to
          },
          passwords(hash) {
            for (const row of own.account ?? []) row.password = hash
          },
        })
      : inMemory
    return site({
      ...options,
      after,
      faults,
      database: memoryAdapter(own),
      plugins: [faultyStore(faults)],
      cookies,
      look: (table) => own[table] ?? [],
    })
  }

  function onCopy(kind: 'sqlite' | 'remote', { options, after, empty, moved }: Setting): Site {
    const path = join(folder, `${++copies}.db`)
    // Embedded SQLite makes its tables itself.
    if (!empty) copyFileSync(filled, path)
    else if (kind === 'remote') copyFileSync(bare, path)
    const remote = kind === 'remote' ? remoteDatabase(path) : undefined
    const faults = remote?.faults ?? new Faults()
    let client: Client.Database | undefined
    const run = (statement: string, ...values: string[]) => {
      client ??= new Client(path)
      client.prepare(statement).run(...values)
    }
    const cookies = moved
      ? move(moved, onFile, {
          token: (from, to) => run('update session set token = ? where token = ?', to, from),
          passwords: (hash) => run('update account set password = ?', hash),
        })
      : onFile
    return site({
      ...options,
      after,
      faults,
      database: remote?.database ?? path,
      plugins: remote ? [] : [faultyStore(faults)],
      cookies,
      look(table) {
        client ??= new Client(path)
        if (!client.prepare('select 1 from sqlite_master where name = ?').get(table)) return []
        return client.prepare(`select * from "${table}"`).all() as Record<string, unknown>[]
      },
      close() {
        remote?.close()
        client?.close()
        for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
      },
    })
  }

  return {
    open: (kind, setting = {}) => (kind === 'memory' ? inArrays(setting) : onCopy(kind, setting)),
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** Makes the users and their sessions, and ends the instance. */
async function seed(made: Site): Promise<Cookies> {
  const own = await made.ask('/sign-up/email', { body: ada })
  const other = await made.ask('/sign-in/email', { body: ada })
  const theirs = await made.ask('/sign-up/email', { body: bob })
  await made.close()
  const [a, b, c] = [own, other, theirs].map(sessionCookie)
  if (!a || !b || !c) throw new Error(`no session to begin with: ${JSON.stringify([own, other, theirs])}`)
  return { own: a, other: b, bob: c }
}

const none: Cookies = { own: '', other: '', bob: '' }

interface SiteOptions extends FlowOptions {
  readonly database: Options['database']
  readonly after?: number | undefined
  readonly faults?: Faults
  readonly plugins?: readonly AnyPlugin[]
  readonly cookies?: Cookies
  readonly look?: (table: string) => Record<string, unknown>[]
  readonly close?: () => void
}

function site({
  after = 0,
  faults = new Faults(),
  plugins = [],
  cookies = none,
  look,
  close,
  ...options
}: SiteOptions): Site {
  const clock = { now: start + after }
  const logged: string[] = []
  const sent = new Set(Object.values(cookies).flatMap(formsOf))
  const auth = createAuth({
    secret,
    baseURL: origin,
    env: {},
    production: false,
    clock: () => clock.now,
    logger: { log: (level, message, details) => logged.push(`${level}: ${message}: ${details}`) },
    ...options,
    emailAndPassword: { enabled: true, password: quickPasswords, ...options.emailAndPassword },
    plugins: [username(), ...plugins],
  })
  return {
    cookies,
    faults,
    clock,
    logged,
    sent,
    async ask(path, { cookie, body, address = '192.0.2.1' } = {}) {
      const headers = new Headers({ origin })
      if (cookie) headers.set('cookie', cookie)
      if (body) headers.set('content-type', 'application/json')
      const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
      const request = new Request(`${origin}/api/auth${path}`, init)
      const answer = await answerOf(await auth.handler(request, { remoteAddress: address }))
      const own = sessionCookie(answer)
      for (const form of own ? formsOf(own) : []) sent.add(form)
      return answer
    },
    async ready() {
      try {
        await auth.$context
        return { status: 200, code: undefined, body: null, cookies: new Map() }
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        return { status: code === undefined ? 500 : 503, code, body: { message }, cookies: new Map() }
      }
    },
    idle: () => auth.idle(),
    rows: look ?? (() => []),
    async close() {
      await auth.close()
      close?.()
    },
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {}
  const cookies = response.headers.getSetCookie().map((line): [string, string] => {
    const [pair = ''] = line.split(';', 1)
    const cut = pair.indexOf('=')
    return [pair.slice(0, cut), pair.slice(cut + 1)]
  })
  const code = (body as { code?: string } | null)?.code
  return { status: response.status, code, body, cookies: new Map(cookies) }
}

/** The session's cookie as a browser sends it back; undefined where none was set, or an end was put to it. */
export function sessionCookie({ cookies }: Answer): string | undefined {
  const value = cookies.get(tokenCookie)
  return value ? `${tokenCookie}=${value}` : undefined
}
