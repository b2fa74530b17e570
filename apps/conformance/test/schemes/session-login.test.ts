import { APIError, challenge, type Gate, type Plugin, refuse } from '@keystile/core'
import { controller, createApi, endpoint, jwt, requestAuth, session, sessionLogin } from '@keystile/core/api'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { browser, origin, tokenCookie } from '../support.ts'
import { hs256, isActive, withPeople } from './people.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface SessionExchange extends Recorded {
  readonly case: string
  readonly kind: 'sync' | 'async'
}
const { secret_key: secret, exchanges } = recorded<{ secret_key: string; exchanges: SessionExchange[] }>('session')

/** These are about Django's CSRF token and its cookies: the replay over Django's own sessions has them. */
const ofDjango = [
  'POST me without the csrf header',
  'POST me with a wrong csrf header',
  'POST me with the header but the csrf cookie gone',
  'garbage session cookie',
]

/** Ours is no token but where a request comes from: what carried the right one comes from our origin. */
const fromOurs = ['POST me with the csrf header', 'POST me, csrf right, same origin']

/** In what a refusal is worded otherwise. */
const words: Readonly<Record<string, string>> = {
  'POST me, csrf right, origin of another site': 'Invalid origin',
  'both: POST with session and token but no csrf header: the csrf failure ends the chain': 'Missing or null Origin',
}

/** Which scheme answered, in the words of the original. */
const by: Readonly<Record<string, string>> = { session: 'DjangoSessionSyncAuth', jwt: 'HeaderJWTSyncAuth' }

function site(options: Parameters<typeof withPeople>[0] = {}, login: Parameters<typeof sessionLogin>[0] = {}) {
  const people = withPeople(options)
  const whoever = endpoint({ method: 'GET' }, ({ request }) => {
    const { scheme, identity } = requestAuth(request, { strict: true })
    const { username } = (identity as { user: { username: string } }).user
    return scheme === 'session' ? { user: username } : { by: by[scheme], user: username }
  })
  const answered = { ...whoever, method: 'POST' } as const
  const isStaff = (user: object) => (user as { isStaff?: boolean }).isStaff === true
  const api = createApi({
    auth: people.auth,
    errors: 'detail',
    controllers: [
      controller('/login/', {
        endpoints: { login: sessionLogin({ usernameField: 'username', check: isActive, ...login }) },
      }),
      controller('/me/', {
        auth: [session({ check: ({ user }) => isActive(user) })],
        endpoints: { me: whoever, changes: answered },
      }),
      controller('/staff/', {
        auth: [session({ check: ({ user }) => isStaff(user) })],
        endpoints: { staff: endpoint({ method: 'GET' }, () => 'staff') },
      }),
      controller('/both/', {
        auth: [session(), jwt({ secret, check: isActive })],
        endpoints: {
          me: endpoint({ method: 'GET' }, ({ request }) => {
            const { scheme, identity } = requestAuth(request, { strict: true })
            return { by: by[scheme], user: (identity as { user: { username: string } }).user.username }
          }),
          changes: answered,
        },
      }),
    ],
  })
  const caller = () => browser(api.handler, { base: `${origin}/api` })
  return { ...people, api, caller }
}

/** A list where an object is due: our validator names each field that it lacks, the original the body. */
const placedOtherwise = 'login: JSON list'

/** Where validators and parsers put it in their own words. */
const placesOf = (body: unknown) =>
  (body as { detail: { loc?: unknown; type?: unknown }[] }).detail.map(({ loc, type }) => ({ loc, type }))

describe.each(['sync', 'async'] as const)('our sessions, as recorded of Django (%s)', (kind) => {
  const own = exchanges.filter((one) => one.kind === kind)

  it('go step by step', async () => {
    const { api, rows } = site()
    /** Our session cookie, by the recorded one that it stands for. */
    const cookies = new Map<string, string>()
    for (const { case: title, request, response } of own) {
      if (ofDjango.includes(title)) continue
      if (title === 'user made inactive') Object.assign(rows.user[2] ?? {}, { isActive: false })
      const { sessionid } = request.cookies
      const answer = await api.handler(
        requestOf({
          ...request,
          headers: fromOurs.includes(title) ? { origin: 'http://localhost:3000' } : request.headers,
          cookies: sessionid === undefined ? {} : { [tokenCookie]: cookies.get(sessionid) ?? 'nobody' },
        }),
      )
      const body = await jsonOf(answer)
      expect({ title, status: answer.status }).toEqual({ title, status: response.status })
      if (title === placedOtherwise) expect(placesOf(body)).toHaveLength(2)
      else if (response.status === 400) expect(placesOf(body)).toEqual(placesOf(response.body))
      else if (words[title] !== undefined) expect(body).toEqual({ detail: [{ msg: words[title] }] })
      else expect({ title, body }).toEqual({ title, body: response.body })

      const [theirs] = response.set_cookie.flatMap((line) => /^sessionid=([^;"]+)/.exec(line)?.[1] ?? [])
      const lines = answer.headers.getSetCookie()
      if (request.path === '/api/login/') expect(lines.length).toBe(theirs === undefined ? 0 : 1)
      const [, value] = /^[^=]+=([^;]+); .*HttpOnly; SameSite=Lax/.exec(lines[0] ?? '') ?? []
      if (theirs !== undefined) {
        expect(value).toBeDefined()
        cookies.set(theirs, value ?? '')
      }
    }
  })

  it('all are there', () => {
    expect(own).toHaveLength(29)
    const titles = own.map((one) => one.case)
    expect(
      [...ofDjango, ...fromOurs, placedOtherwise, ...Object.keys(words)].filter((title) => !titles.includes(title)),
    ).toEqual([])
  })
})

const credentials = { username: 'alice', password: 'alice-pw' }

describe('sessionLogin', () => {
  it('answers unknown, wrong and inactive alike, to the header', async () => {
    const { caller } = site()
    const tries = [
      { username: 'nobody', password: 'x' },
      { username: 'alice', password: 'x' },
      { username: 'gone', password: 'gone-pw' },
      { username: 'nul\0', password: 'x' },
    ]
    const answers = []
    for (const body of tries) {
      const { status, text, headers } = await caller().post('/login/', body)
      answers.push({ status, text, headers: [...headers] })
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
    expect(Object.fromEntries(answers[0]?.headers ?? [])['cache-control']).toBe('no-store')
  })

  it.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of no origin', { origin: 'null' }, 403],
    ['another site, which hides its origin', { origin: null, 'sec-fetch-site': 'cross-site' }, 403],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['no page at all', { origin: null }, 200],
  ])('from %s', async (_from, headers, status) => {
    const { caller, rows } = site()
    const answer = await caller().post('/login/', credentials, headers)
    expect(answer.status).toBe(status)
    expect(rows.session.length).toBe(status === 200 ? 1 : 0)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'takes no %s, which a form of any site could send',
    async (type) => {
      const { caller } = site()
      const sent = { method: 'POST', body: JSON.stringify(credentials), headers: { 'content-type': type } }
      expect((await caller().send('/login/', sent)).status).toBe(415)
    },
  )

  it('ends the session that the caller had', async () => {
    const { caller, rows } = site()
    const one = caller()
    await one.post('/login/', credentials)
    const before = one.jar.get(tokenCookie)
    expect((await one.post('/login/', { username: 'root', password: 'root-pw' })).json).toEqual({ user_id: '3' })
    expect(rows.session.map(({ userId }) => userId)).toEqual(['3'])
    const old = await caller().get('/me/', { cookie: `${tokenCookie}=${before}` })
    expect(old.status).toBe(401)
    expect((await one.get('/me/')).json).toEqual({ user: 'root' })
  })

  it('asks the throttle of the account', async () => {
    const { caller } = site()
    for (let i = 0; i < 20; i++)
      expect((await caller().post('/login/', { ...credentials, password: 'x' })).status).toBe(401)
    const answer = await caller().post('/login/', credentials)
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBeTruthy()
  })

  it('asks every gate: one that refuses, one that asks for more', async () => {
    const gate: Gate = {
      name: 'test',
      check: ({ user }) =>
        user.name === 'alice'
          ? challenge({ twoFactorRedirect: true })
          : refuse(new APIError(403, { message: 'Banned', code: 'BANNED' })),
    }
    const plugin: Plugin = { id: 'gated', gates: [gate] }
    const { caller, rows } = site({ plugins: [plugin] })
    const due = await caller().post('/login/', credentials)
    expect(due).toMatchObject({ status: 200, json: { twoFactorRedirect: true }, setCookies: [] })
    expect(due.headers.get('cache-control')).toBe('no-store')
    expect((await caller().post('/login/', { username: 'root', password: 'root-pw' })).status).toBe(403)
    expect(rows.session).toEqual([])
  })

  it('tells its events, and no password is logged or answered', async () => {
    const told: unknown[] = []
    const { caller, auth, logged } = site({
      events: {
        'session.opened': ({ user, method }) => told.push([user.name, method]),
        'sign-in.failed': (event) => told.push(event),
      },
    })
    const texts = [
      (await caller().post('/login/', credentials)).text,
      (await caller().post('/login/', { username: 'alice', password: 'canary-pw' })).text,
      (await caller().post('/login/', { username: 'alice', password: ['canary-pw'] })).text,
      (await caller().post('/login/', { password: 'canary-pw' })).text,
      (await caller().post('/login/', { ...credentials, password: 'canary-pw' }, { origin: 'https://evil.example' }))
        .text,
    ]
    await auth.idle()
    expect(told).toEqual([['alice', 'pwd'], expect.objectContaining({ name: 'alice' })])
    expect(JSON.stringify([texts, logged, told])).not.toMatch(/canary-pw|alice-pw/)
  })

  it('takes a body, a reply and the two functions between of the app', async () => {
    const people = withPeople()
    const api = createApi({
      auth: people.auth,
      controllers: [
        controller('/login', {
          endpoints: {
            login: sessionLogin({
              bodySchema: v.object({ who: v.object({ email: v.string() }), secret: v.string() }),
              convertAuthPayload: ({ who, secret }) => ({ username: who.email, password: secret, remember: false }),
              responseSchema: v.object({ ok: v.literal(true), user: v.object({ name: v.string() }) }),
              makeApiResponse: ({ user }) => ({ ok: true as const, user: { name: user.name } }),
            }),
          },
        }),
      ],
    })
    const body = { who: { email: 'Alice@Example.com' }, secret: 'alice-pw' }
    const answer = await browser(api.handler, { base: `${origin}/api` }).post('/login', body)
    expect(answer).toMatchObject({ status: 200, json: { ok: true, user: { name: 'alice' } } })
    expect(answer.setCookies[0]).not.toContain('Max-Age')
  })

  it('says in the document which cookie it sets', () => {
    const { api } = site()
    const login = api.operations.find(({ path }) => path === '/api/login/')
    expect(login?.endpoint.setsCookies).toEqual({ [tokenCookie]: 'The session' })
    expect(login?.endpoint.auth).toEqual([])
  })

  it.each([
    ['no auth', undefined, {}, 'SCHEME_WITHOUT_AUTH'],
    ['no passwords', { emailAndPassword: { enabled: false } }, {}, 'LOGIN_WITHOUT_PASSWORDS'],
    ['a name that several may share', {}, { usernameField: 'name' }, 'USER_FIELD'],
    ['a name that is no field', {}, { usernameField: 'nick' }, 'USER_FIELD'],
  ])('is an error at start with %s', (_what, options, login, code) => {
    const controllers = [controller('/login', { endpoints: { login: sessionLogin(login) } })]
    const auth = options && withPeople(options).auth
    expect(() => createApi({ auth, controllers })).toThrow(expect.objectContaining({ name: 'ConfigError', code }))
  })
})

describe('the session scheme', () => {
  it('expires the cookie of a session that has ended, even where another scheme answers', async () => {
    const { api, caller, rows } = site()
    const one = caller()
    await one.post('/login/', credentials)
    rows.session.length = 0
    const token = hs256({ sub: '1', exp: 4102444800, iat: 1735732800 }, secret)
    const answer = await api.handler(
      new Request(`${origin}/api/both/`, {
        headers: { cookie: `${tokenCookie}=${one.jar.get(tokenCookie)}`, authorization: `Bearer ${token}` },
      }),
    )
    expect(await jsonOf(answer)).toEqual({ by: 'HeaderJWTSyncAuth', user: 'alice' })
    expect(answer.headers.getSetCookie()[0]).toMatch(new RegExp(`^${tokenCookie}=; Max-Age=0`))
  })
})
