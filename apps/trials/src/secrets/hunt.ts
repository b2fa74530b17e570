/** Runs every flow against one service and gathers whatever it wrote anywhere. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type AnyPlugin, type Auth, createAuth, type Options } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import { Canaries, type Leak, type Place } from './canaries.ts'
import { origin, runFlows } from './flows.ts'

type Kind = 'row' | 'file' | 'log' | 'error' | 'event'

export interface Hunt {
  readonly leaks: readonly Leak[]
  readonly canaries: number
  readonly places: readonly Place[]
  /** How many texts were looked through, by kind. */
  readonly searched: Readonly<Record<Kind, number>>
}

export const secrets = {
  current: 'canary-secret-current-8Jw3nQ5vXz1LkR7t',
  older: 'canary-secret-older-2Pf6mB9cYh4TgD0sVa',
} as const

/** What is thrown or logged, in every way people print it. */
const printed = (value: unknown): string => [inspect(value, { depth: 12 }), String(value), json(value)].join('\n')

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

/** Catches what goes to the console until `restore` is called. */
function listenToConsole(told: (text: string) => void): { restore: () => void } {
  const levels = ['debug', 'info', 'warn', 'error', 'log'] as const
  const before = levels.map((level) => [level, console[level]] as const)
  for (const level of levels) console[level] = (...parts: unknown[]) => told(parts.map(printed).join(' '))
  return { restore: () => Object.assign(console, Object.fromEntries(before)) }
}

export interface HuntOptions {
  readonly database: 'memory' | 'sqlite' | ((folder: string) => Promise<Options['database']>)
  /** Over what every hunt has. */
  readonly own?: Partial<Options<readonly AnyPlugin[]>> | undefined
  /** Log to the console instead of a function. */
  readonly console?: boolean | undefined
}

export async function hunt(options: HuntOptions): Promise<Hunt> {
  const canaries = new Canaries()
  for (const [name, secret] of Object.entries(secrets)) canaries.add(`the ${name} secret`, secret)
  const places: Place[] = []
  const put = (kind: Kind) => (text: string) => void places.push({ name: kind, text })
  const folder = await mkdtemp(join(tmpdir(), 'keystile-secrets-'))
  const rows: MemoryRows = {}
  const listened = options.console ? listenToConsole(put('log')) : undefined
  const tell = (what: unknown) => put('event')(printed(what))
  try {
    const auth = createAuth({
      database:
        options.database === 'memory'
          ? memoryAdapter(rows)
          : options.database === 'sqlite'
            ? join(folder, 'auth.db')
            : await options.database(folder),
      baseURL: origin,
      secrets: [
        { version: 2, value: secrets.current },
        { version: 1, value: secrets.older },
      ],
      env: {},
      production: true,
      emailAndPassword: { enabled: true },
      emailVerification: {
        sendOnSignUp: true,
        sendOnSignIn: true,
        sendVerificationEmail: ({ url, token }) => {
          canaries.add('a mailed link', url)
          for (const part of token.split('.').slice(1)) canaries.add('a part of a mailed token', part)
        },
      },
      session: { cookieCache: { enabled: true } },
      rateLimit: { enabled: true, storage: 'database', max: 1000, customRules: { '/**': { window: 10, max: 1000 } } },
      plugins: [username()],
      hooks: { before: () => {}, after: () => {} },
      databaseHooks: { session: { create: { after: () => {} } }, user: { update: { before: () => {} } } },
      events: {
        'user.created': tell,
        'session.opened': tell,
        'session.ended': tell,
        'password.changed': tell,
        'sign-in.failed': tell,
      },
      onAPIError: { onError: (thrown) => put('error')(printed(thrown)) },
      logger: {
        level: 'debug',
        ...(options.console
          ? {}
          : {
              log: (level: string, message: string, details?: unknown) =>
                put('log')(`${level} ${message} ${printed(details)}`),
            }),
      },
      ...options.own,
    }) as unknown as Auth
    // Asked for before anything may fail.
    const context = await auth.$context
    await runFlows((request) => auth.handler(request, { remoteAddress: '203.0.113.9' }), canaries)
    await auth.idle()
    for (const shown of [auth, context]) put('log')(printed(shown))
    // The files as they lie while the service runs, the log of writes among them, and after it has closed.
    await readFiles(folder, put('file'))
    await auth.close()
    await readFiles(folder, put('file'))
    for (const table of Object.values(rows)) for (const each of table) put('row')(printed(each))
  } finally {
    listened?.restore()
    await rm(folder, { recursive: true, force: true })
  }
  const count = (kind: Kind) => places.filter(({ name }) => name === kind).length
  const searched = {
    row: count('row'),
    file: count('file'),
    log: count('log'),
    error: count('error'),
    event: count('event'),
  }
  return { leaks: canaries.leaks(places), canaries: canaries.size, places, searched }
}

async function readFiles(folder: string, put: (text: string) => void): Promise<void> {
  for (const name of await readdir(folder)) put(await readFile(join(folder, name), 'latin1'))
}
