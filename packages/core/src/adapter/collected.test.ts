/** What hangs on a request goes with it: the small collections of the young take it, as they take the request. */
import { getHeapSpaceStatistics } from 'node:v8'
import { afterAll, expect, it } from 'vitest'
import { session } from '../api.ts'
import { createAuth } from '../index.ts'
import { callerReader } from './caller.ts'
import { foreignRequests } from './foreign.ts'
import { gateOf } from './gate.ts'
import type { Read } from './guard.ts'
import { lazyProperty } from './mount.ts'
import { unauthorized } from './refusal.ts'
import { type Host, sessionsOf } from './sessions.ts'

/** A request: some 8 kB, as a real one has with its sockets and headers. */
class Ctx {
  readonly weight = new Array(1000).fill(0)
  readonly headers: Headers
  constructor(headers: Headers) {
    this.headers = headers
  }
}

const host: Host<Ctx> = {
  raw: (ctx) => ctx,
  method: () => 'GET',
  url: () => 'https://app.example.com/',
  headers: ({ headers }) => headers,
  remoteAddress: () => '192.0.2.1',
  setHeader: () => {},
}

const auth = createAuth({
  database: ':memory:',
  baseURL: 'https://app.example.com',
  secret: 'vB8-nQ3z_Kd6Xw1Tr5Lf0Yj9HmPcGs2E',
  env: {},
  logger: { disabled: true },
  emailAndPassword: { enabled: true },
})
afterAll(() => auth.close())

const signedIn = await auth.handler(
  new Request('https://app.example.com/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }),
  }),
)
const cookie = signedIn.headers
  .getSetCookie()
  .map((line) => line.split(';')[0])
  .join('; ')
const headers = new Headers({ cookie })

/** Megabytes that outlived the small collections. */
const old = () =>
  getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith('old') || name.startsWith('map'))
    .reduce((sum, { space_used_size: size }) => sum + size, 0) / 1e6

const requests = 5000

/** What of some 40 MB of requests is there still, without a full collection. */
async function outlives(serve: (ctx: Ctx) => unknown): Promise<number> {
  for (let i = 0; i < requests; i++) await serve(new Ctx(headers))
  const before = old()
  for (let i = 0; i < requests; i++) await serve(new Ctx(headers))
  return old() - before
}

const sessions = sessionsOf(host)
const read = <Who>(read: Read<Ctx, Who>) => read
const gate = gateOf(sessions, auth, {}, read, read, () => read)
const caller = callerReader(sessions, auth, [session()])
const system = { open: () => ({ session: async () => ({}), user: async () => null, finish: async () => [] }) }

const ways: Readonly<Record<string, (ctx: Ctx) => unknown>> = {
  'a session that was read': async (ctx) => {
    sessions.mount(ctx, auth)
    expect(await gate.requireSession(ctx, unauthorized)).toHaveProperty('who')
  },
  'a caller whom a scheme knew': async (ctx) => {
    sessions.mount(ctx, auth)
    expect(await caller(ctx, unauthorized)).toHaveProperty('who')
  },
  'a session that nobody reads': (ctx) => sessions.mount(ctx, auth),
  'a property that nobody looks at': (() => {
    const hang = lazyProperty<Ctx>('auth', () => ({}))
    return (ctx: Ctx) => hang(ctx, ctx)
  })(),
  'a session of another system': (() => {
    const others = foreignRequests(system, host)
    return async (ctx: Ctx) => {
      others.mount(ctx)
      await others.on(ctx).session()
      await others.finish(ctx, 200)
    }
  })(),
}

for (const [what, serve] of Object.entries(ways)) {
  it(`goes with its request: ${what}`, async () => {
    expect(await outlives(serve)).toBeLessThan(8)
  })
}
