/** A small service whose every moment and token repeats: one user, one live session, passwords that cost nothing. */
import { type AnyPlugin, createAuth, type Options } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import { seeded } from '../random.ts'

export const origin = 'https://app.example.com'
export const base = `${origin}/api/auth`
export const password = 'correct horse'
export const start = Date.UTC(2030, 0, 1)

/** What the live session's answers set; inputs name them `{token}` and so on. */
export interface Marks {
  /** Value of the signed cookie, percent-encoded as it was set. */
  readonly token: string
  /** Value of the cookie cache. */
  readonly data: string
  /** The token itself. */
  readonly raw: string
}

export const cookieNames = {
  token: '__Secure-better-auth.session_token',
  data: '__Secure-better-auth.session_data',
} as const

type Rows = Record<string, Record<string, unknown>[]>

export interface World {
  readonly handler: (request: Request) => Promise<Response>
  /** Resolves when nothing is under way, such as a mail. */
  readonly idle: () => Promise<void>
  readonly rows: Rows
  /** What was logged as an error since the world was made. */
  readonly errors: readonly unknown[]
}

const options: Options<readonly AnyPlugin[]> = {
  database: memoryAdapter({}),
  baseURL: origin,
  secret: 'q7Rz0-kLw5TnV9_bXe2JhYc8uMf4PgSa',
  production: true,
  env: {},
  clock: () => start,
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (given) => `cheap:${given}`,
      verify: async ({ hash, password }) => hash === `cheap:${password}`,
    },
  },
  session: { cookieCache: { enabled: true } },
  rateLimit: { enabled: true, max: 1e6, customRules: { '/**': { window: 10, max: 1e6 } } },
  plugins: [username()],
}

/** A world over rows; without any, an empty one. */
export function makeWorld(rows: Rows = {}, own: Partial<Options> = {}): World {
  const errors: unknown[] = []
  // Ids that are made must not be those that are there.
  const number = seeded(Object.keys(rows).length + 1)
  const log = (level: string, message: string, details?: unknown) => {
    if (level === 'error') errors.push(details ?? message)
  }
  const auth = createAuth({
    ...options,
    random: (size) => Uint8Array.from({ length: size }, () => Math.floor(number() * 256)),
    logger: { level: 'debug', log },
    ...own,
    database: memoryAdapter(rows as MemoryRows),
  } as Options)
  return {
    handler: (request) => auth.handler(request, { remoteAddress: '203.0.113.7' }),
    idle: auth.idle,
    rows,
    errors,
  }
}

/** The rows and cookies of a world in which somebody has signed up. */
export async function inhabited(): Promise<{ rows: Rows; marks: Marks }> {
  const world = makeWorld()
  const answer = await world.handler(
    new Request(`${base}/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Victor', email: 'v@example.com', username: 'victor', password }),
    }),
  )
  const { token: raw } = (await answer.json()) as { token: string }
  const value = (name: string) => {
    const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`)) ?? ''
    return line.slice(name.length + 1, line.indexOf(';'))
  }
  return { rows: world.rows, marks: { token: value(cookieNames.token), data: value(cookieNames.data), raw } }
}

/** Text with its marks replaced. */
export function expand(text: string, marks: Marks): string {
  return text.replace(/\{(token|data|raw)\}/g, (_, name: keyof Marks) => marks[name])
}

/** A request of any parts; `null` for those that no platform makes. */
export function requestOf(url: string, init: RequestInit): Request | null {
  try {
    return new Request(url, init)
  } catch {
    return null
  }
}

/** Throws for an answer of 500 and above, with what was logged. */
export function checkAnswer(answer: Response, { errors }: World): void {
  if (answer.status < 500) return
  const [cause] = errors
  throw new Error(`answered ${answer.status}`, { cause })
}
