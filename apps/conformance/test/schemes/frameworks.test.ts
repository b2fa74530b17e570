/** One guarded app on every framework and as a plain handler: one table of requests, the same answers. */
import { createServer } from 'node:http'
import { type CurrentSession, createAuth, type Mountable } from '@keystile/core'
import {
  apiKey,
  basic,
  basicAuth,
  bearer,
  controller,
  createApi,
  endpoint,
  type Identified,
  type SchemeList,
  session,
} from '@keystile/core/api'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { keystile as keystileNode } from '@keystile/node'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { type Got, type Listening, listening } from '../../../../packages/node/test/http.ts'
import { type GuardedApp, guardedApps, plain } from './guarded-apps.ts'

const origin = 'http://localhost:3000'
const away = 'https://evil.example'

const checked = basic({ authenticate: (name, password) => (password === 'pass' ? { name } : null) })
const keyed = apiKey({ lookup: (key) => (key === 'key-1' ? { owner: 'bot' } : null) })
const schemes = [session(), checked, keyed]

function making(options: { production?: boolean } = {}) {
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: origin,
    env: {},
    production: options.production ?? false,
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, password: { hash: async (p) => `h:${p}`, verify: async () => true } },
    logger: { log: () => {} },
  })
  onTestFinished(() => auth.close())
  const told = (auth: Identified) => ({ scheme: auth.scheme })
  const guarded = { auth: schemes }
  const api = createApi({
    auth,
    controllers: [
      controller('/notes', {
        ...guarded,
        endpoints: {
          list: endpoint({ method: 'GET', ...guarded }, ({ auth }) => told(auth)),
          add: endpoint({ method: 'POST', ...guarded, body: v.object({ n: v.number() }) }, ({ body }) => body),
          one: endpoint({ method: 'GET', path: '/:id', ...guarded }, ({ params }) => params),
        },
      }),
      controller('/limited', {
        endpoints: {
          get: endpoint({ method: 'GET', ...guarded, throttle: { window: 60, max: 2, beforeAuth: true } }, () => ({})),
        },
      }),
      controller('/open', { endpoints: { get: endpoint({ method: 'GET', auth: null }, () => ({ open: true })) } }),
    ],
  })
  return { auth, api }
}

interface Site {
  readonly host: Listening
  /** A session that lives, and one that is over. */
  readonly live: string
  readonly over: string
}

async function serving(app: GuardedApp, options: { production?: boolean } = {}): Promise<Site> {
  const { auth, api } = making(options)
  const host = await listening(createServer(await app(api, schemes)))
  const ask = (path: string, body: object, headers = {}) =>
    auth.handler(
      new Request(`${origin}/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, ...headers },
        body: JSON.stringify(body),
      }),
    )
  const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const person = { name: 'Ada', email: 'ada@example.com', password: 'password-of-ada' }
  const over = cookieOf(await ask('/sign-up/email', person))
  await ask('/sign-out', {}, { cookie: over })
  const live = cookieOf(await ask('/sign-in/email', person))
  return { host, live, over }
}

interface Row {
  readonly name: string
  readonly path: string
  readonly method?: string
  readonly headers?: (site: Site) => Record<string, string>
  readonly body?: string
  readonly status: number
  readonly json?: unknown
  readonly text?: string
  /** Of the answer. */
  readonly has?: Readonly<Record<string, string | RegExp | undefined>>
  /** Where the host answers otherwise than the API alone. */
  readonly plain?: number
}

const anyone = basicAuth('ann', 'pass')
const byBasic = () => ({ authorization: anyone })
const byKey = () => ({ 'x-api-key': 'key-1' })
const bySession = ({ live }: Site) => ({ cookie: live })
const json = { 'content-type': 'application/json' }
const note = { method: 'POST', body: '{"n":1}' }

const stranger = { message: 'Not authenticated', code: 'UNAUTHORIZED' }
const refused = {
  'www-authenticate': 'Basic realm="api", charset="UTF-8"',
  'cache-control': 'no-store',
  'content-type': /^application\/json/,
  vary: /cookie/i,
  link: /^<\/api\/-\/trace\/\w{32}>; rel="help"$/,
}
const forbidden = { 'www-authenticate': undefined, 'cache-control': 'no-store', vary: /cookie/i, link: /trace/ }

/** The same requests of an endpoint of the API and of a route of the host. */
const ofBoth = (path: string, what: string, name: (scheme: string) => object): Row[] => [
  { name: `${what}: nobody`, path, status: 401, json: stranger, has: refused },
  {
    name: `${what}: a session`,
    path,
    headers: bySession,
    status: 200,
    json: name('session'),
    has: { vary: /cookie/i },
  },
  {
    name: `${what}: Basic`,
    path,
    headers: byBasic,
    status: 200,
    json: name('basic'),
    has: { vary: /cookie, ?authorization$/i },
  },
  {
    name: `${what}: a key`,
    path,
    headers: byKey,
    status: 200,
    json: name('api_key'),
    has: { vary: /cookie, ?authorization, ?x-api-key$/i },
  },
  {
    name: `${what}: wrong credentials of each`,
    path,
    headers: () => ({
      authorization: basicAuth('ann', 'no'),
      'x-api-key': 'no',
      cookie: 'better-auth.session_token=no.no',
    }),
    status: 401,
    json: stranger,
    has: refused,
  },
  {
    name: `${what}: the first that knows decides`,
    path,
    headers: (site) => ({ ...byKey(), ...byBasic(), ...bySession(site) }),
    status: 200,
    json: name('session'),
  },
  {
    name: `${what}: a session that is over passes on, and its cookie goes`,
    path,
    headers: ({ over }) => ({ cookie: over, ...byKey() }),
    status: 200,
    json: name('api_key'),
    has: { 'set-cookie': /session_token=;/, vary: /cookie/i },
  },
  {
    name: `${what}: its cookie goes with a 401 too`,
    path,
    headers: ({ over }) => ({ cookie: over }),
    status: 401,
    json: stranger,
    has: { ...refused, 'set-cookie': /session_token=;/ },
  },
  { name: `${what}: two keys`, path, headers: () => ({ 'x-api-key': 'key-1, key-1' }), status: 400 },
  { name: `${what}: HEAD, nobody`, path, method: 'HEAD', status: 401, text: '' },
  { name: `${what}: HEAD`, path, method: 'HEAD', headers: byBasic, status: 200, text: '' },
]

/** Unsafe requests: `passed` where they go through. */
const unsafe = (path: string, what: string, passed: { status: number; json?: object }): Row[] => {
  const row = { path, ...note }
  return [
    { ...row, name: `${what}: a session, from us`, headers: (s) => ({ ...json, ...bySession(s), origin }), ...passed },
    {
      ...row,
      name: `${what}: a session, from elsewhere`,
      headers: (s) => ({ ...json, ...bySession(s), origin: away }),
      status: 403,
      has: forbidden,
    },
    {
      ...row,
      name: `${what}: a session, from nowhere`,
      headers: (s) => ({ ...json, ...bySession(s) }),
      status: 403,
      has: forbidden,
    },
    {
      ...row,
      name: `${what}: from elsewhere, another valid credential does not help`,
      headers: (s) => ({ ...json, ...bySession(s), ...byBasic(), ...byKey(), origin: away }),
      status: 403,
      has: forbidden,
    },
    {
      ...row,
      name: `${what}: a cookie that tells nobody asks for no origin`,
      headers: (s) => ({ ...json, cookie: s.over, ...byKey(), origin: away }),
      ...passed,
    },
    {
      ...row,
      name: `${what}: Basic, from elsewhere`,
      headers: () => ({ ...json, ...byBasic(), origin: away }),
      ...passed,
    },
    { ...row, name: `${what}: nobody`, headers: () => json, status: 401, json: stranger, has: refused },
  ]
}

const apiRows: readonly Row[] = [
  ...ofBoth('/api/notes', 'endpoint', (scheme) => ({ scheme })),
  ...unsafe('/api/notes', 'endpoint', { status: 201, json: { n: 1 } }),
  { name: 'a parameter', path: '/api/notes/a%2Fb', headers: byKey, status: 200, json: { id: 'a/b' } },
  { name: 'an open endpoint', path: '/api/open', status: 200, json: { open: true }, has: { vary: undefined } },
  {
    name: '405, also to nobody',
    path: '/api/notes',
    method: 'PUT',
    status: 405,
    has: { allow: 'GET, POST', 'www-authenticate': undefined },
  },
  { name: '406, also to nobody', path: '/api/notes', headers: () => ({ accept: 'text/html' }), status: 406 },
  {
    name: '401 before a body that is none',
    path: '/api/notes',
    method: 'POST',
    body: '{',
    headers: () => json,
    status: 401,
  },
  {
    name: 'a body that is none',
    path: '/api/notes',
    method: 'POST',
    body: '{',
    headers: () => ({ ...json, ...byKey() }),
    status: 400,
  },
  {
    name: 'a body of another shape',
    path: '/api/notes',
    method: 'POST',
    body: '{"n":"1"}',
    headers: () => ({ ...json, ...byKey() }),
    status: 400,
  },
  { name: "the auth's own", path: '/api/auth/ok', status: 200, json: { ok: true } },
  { name: "nothing of the auth's", path: '/api/auth/none', status: 404 },
  { name: 'nothing of the API', path: '/api/none', status: 200, text: 'host', plain: 404 },
  { name: 'deeper than the API', path: '/api/notes/1/2', status: 200, text: 'host', plain: 404 },
  { name: 'a method of nothing', path: '/api/none', method: 'POST', status: 200, text: 'host', plain: 404 },
  { name: 'the base path', path: '/api', status: 200, text: 'host', plain: 404 },
  { name: 'beside the API', path: '/api/beside', status: 200, text: 'beside', plain: 404 },
]

const known = (scheme: string) => ({ scheme, known: scheme })
const hostRows: readonly Row[] = [
  ...ofBoth('/guarded', 'route', known),
  ...unsafe('/guarded', 'route', { status: 200 }),
  ...ofBoth('/between', 'middleware', known),
  ...unsafe('/between', 'middleware', { status: 200 }),
  { name: 'a page sends strangers away', path: '/page', status: 302, has: { location: '/sign-in' } },
  { name: 'a page, and a session', path: '/page', headers: bySession, status: 200, text: 'page' },
  {
    name: 'a page, and a form from elsewhere',
    path: '/page',
    ...note,
    headers: (s) => ({ ...json, ...bySession(s), origin: away }),
    status: 403,
  },
]

function check(row: Row, { status, text, headers }: Got, title: string): void {
  expect([status, text.length > 500 ? '' : text], title).toEqual([row.status, expect.anything()])
  if (row.json !== undefined && row.method !== 'HEAD') expect(JSON.parse(text), title).toEqual(row.json)
  if (row.text !== undefined) expect(text, title).toBe(row.text)
  for (const [name, wanted] of Object.entries(row.has ?? {})) {
    const got = headers[name]
    const value = Array.isArray(got) ? got.join('\n') : got
    if (wanted instanceof RegExp) expect(value, `${title}: ${name}`).toMatch(wanted)
    else expect(value, `${title}: ${name}`).toBe(wanted)
  }
}

async function run(app: GuardedApp, rows: readonly Row[]): Promise<void> {
  const site = await serving(app)
  for (const row of rows) {
    const { path, method, body } = row
    check(row, await site.host.send(path, { method, body, headers: row.headers?.(site) }), row.name)
  }
}

describe.each(Object.entries(guardedApps))('%s', (_name, app) => {
  it('answers for the API', () => run(app, apiRows))
  it('guards its own routes', () => run(app, hostRows))

  it('throttles', async () => {
    const { host } = await serving(app)
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await host.send('/api/limited', { headers: byKey() })).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await host.send('/api/limited')).headers['retry-after']).toMatch(/^\d+$/)
  })

  it('leads to the page of a refusal, and in production to none', async () => {
    const { host } = await serving(app)
    for (const path of ['/api/notes', '/guarded']) {
      const link = String((await host.send(path)).headers.link)
      const page = await host.send(link.slice(1, link.indexOf('>')))
      expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(page.text).toContain(`GET ${path}`)
    }
    const live = (await serving(app, { production: true })).host
    for (const path of ['/api/notes', '/guarded']) {
      const { status, headers } = await live.send(path)
      expect([status, headers.link]).toEqual([401, undefined])
    }
    expect((await live.send('/api/-/trace/x')).text).toBe('host')
  })
})

describe('the handler alone', () => {
  const rows = apiRows.map(({ plain, ...row }) => (plain ? { ...row, status: plain, text: undefined } : row))
  it('answers for the API', () => run(plain, rows as Row[]))
})

const adapters = {
  Express: keystileExpress,
  Fastify: keystileFastify,
  Hono: keystileHono,
  Koa: keystileKoa,
  'node:http': keystileNode,
}

describe.each(Object.entries(adapters))('a guard on %s, at start', (_name, keystile) => {
  const gateOf = keystile as (mounted: Mountable) => { requireAuth(schemes: SchemeList): unknown }
  const code = (schemes: unknown, mounted: Mountable = making().api) => {
    try {
      gateOf(mounted).requireAuth(schemes as SchemeList)
      return 'none'
    } catch (error) {
      return Reflect.get(error as object, 'code')
    }
  }

  it('names what is wrong with its schemes', () => {
    expect(code([])).toBe('GUARD_WITHOUT_SCHEMES')
    expect(code(undefined)).toBe('GUARD_WITHOUT_SCHEMES')
    expect(code(null)).toBe('GUARD_WITHOUT_SCHEMES')
    expect(code([session])).toBe('NOT_A_SCHEME')
    expect(code(['session'])).toBe('NOT_A_SCHEME')
    expect(code([basic()])).toBe('SCHEME_WITHOUT_CHECK')
    expect(code([session()], createApi({ controllers: [] }))).toBe('SCHEME_WITHOUT_AUTH')
    expect(code([bearer()], createApi({ controllers: [] }))).toBe('SCHEME_WITHOUT_AUTH')
    expect(code([checked, basic({ name: 'basic', realm: 'x', header: 'x-basic', authenticate: () => null })])).toBe(
      'SECURITY_SCHEME_TAKEN',
    )
    expect(code(schemes)).toBe('none')
  })

  it('takes an auth as it takes an API', () => {
    expect(code([session(), keyed], making().auth)).toBe('none')
  })
})

it('a guard asks of requests that the gate has seen alone', async () => {
  const { api } = making()
  const guard = keystileNode(api).requireAuth(schemes)
  const errors: unknown[] = []
  const server = createServer((req, res) => guard(req, res, (error) => res.end(String(errors.push(error)))))
  await (await listening(server)).send('/')
  expect(errors).toMatchObject([{ code: 'KEYSTILE_NOT_MOUNTED' }])
})

it('a scheme that breaks is the error of the host, and no way in', async () => {
  const broken = basic({
    authenticate: () => {
      throw new RangeError('broken')
    },
  })
  const gate = keystileNode(making().api)
  const guard = gate.requireAuth([broken, keyed])
  const server = createServer((req, res) =>
    gate(req, res, () => guard(req, res, (error) => res.end(error instanceof Error ? String(error.cause) : 'in'))),
  )
  const host = await listening(server)
  expect((await host.send('/', { headers: { ...byBasic(), ...byKey() } })).text).toBe('RangeError: broken')
  expect((await host.send('/', { headers: byKey() })).text).toBe('in')
})

it("a guard's refusals have the API's format, and its word on challenges", async () => {
  const api = createApi({ errors: 'problem', challenge: false, controllers: [], production: true })
  const gate = keystileNode(api)
  const guard = gate.requireAuth([checked])
  const host = await listening(createServer((req, res) => gate(req, res, () => guard(req, res))))
  const { status, headers, text } = await host.send('/')
  expect([status, headers['content-type'], headers['www-authenticate']]).toEqual([
    401,
    'application/problem+json',
    undefined,
  ])
  expect(JSON.parse(text)).toMatchObject({ status: 401, title: 'Unauthorized' })
})

it('a list of trusted origins made by the app sees the request', async () => {
  const seen: (string | null | undefined)[] = []
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: origin,
    env: {},
    production: true,
    trustedOrigins: (request) => {
      seen.push(request?.url, request?.headers.get('x-tenant'))
      return [away]
    },
    logger: { log: () => {} },
  })
  onTestFinished(() => auth.close())
  const gate = keystileNode(auth)
  const guard = gate.requireAuth([apiKey({ cookie: 'key', lookup: (key) => ({ key }) })], (_req, res) => res.end('in'))
  const host = await listening(createServer((req, res) => gate(req, res, () => guard(req, res))))
  const headers = { cookie: 'key=1', origin: away, 'x-tenant': 'one' }
  expect((await host.send('/a?b', { method: 'POST', headers })).text).toBe('in')
  expect(seen).toEqual([`http://127.0.0.1:${host.port}/a?b`, 'one'])
})

it('the caller in a handler is one of those that its schemes find', () => {
  type Found =
    | Identified<'session', CurrentSession>
    | Identified<'basic', { name: string }>
    | Identified<'api_key', { owner: string }>
  const { api } = making()
  const list = [session(), checked, keyed] as const
  keystileExpress(api).requireAuth(list, (_req, res, who) => {
    expectTypeOf(who).toEqualTypeOf<Found>()
    if (who.scheme === 'basic') res.send(who.identity.name)
    // @ts-expect-error only Basic has names
    res.send(who.identity.name)
  })
  keystileNode(api).requireAuth([checked], (_req, _res, who) => {
    expectTypeOf(who).toEqualTypeOf<Identified<'basic', { name: string }>>()
  })
  keystileKoa(api).requireAuth([checked, keyed], (_ctx, who) => {
    if (who.scheme === 'api_key') expectTypeOf(who.identity).toEqualTypeOf<{ owner: string }>()
  })
  keystileHono(api).requireAuth(list, (c, who) => {
    expectTypeOf(who).toEqualTypeOf<Found>()
    return c.json(who.scheme)
  })
  // Written in place, each keeps its name.
  keystileExpress(api).requireAuth(
    [bearer(), session({ name: 'own' }), apiKey({ lookup: () => ({ owner: 'bot' }) })],
    (_req, _res, who) => {
      expectTypeOf(who.scheme).toEqualTypeOf<'bearer' | 'own' | 'api_key'>()
      if (who.scheme === 'api_key') expectTypeOf(who.identity).toEqualTypeOf<{ owner: string }>()
    },
  )
  keystileFastify(api).requireAuth(list, async (_request, _reply, who) => {
    expectTypeOf(who).toEqualTypeOf<Found>()
  })
  // @ts-expect-error no scheme
  expect(() => keystileExpress(api).requireAuth(['basic'])).toThrow('no scheme')
})
