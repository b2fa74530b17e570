import { generateKeyPairSync } from 'node:crypto'
import { APIError, challenge, type Gate, pass, refuse } from '@keystile/core'
import {
  controller,
  createApi,
  endpoint,
  jwt,
  jwtBlocklist,
  jwtCookie,
  jwtLogin,
  jwtRefresh,
  jwtRevoke,
  jwtVerify,
  memoryBlocklist,
  type TokenOptions,
  TokenWithoutJti,
} from '@keystile/core/api'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type Answer, browser, origin, setup, start } from '../support.ts'
import { claimsOf, hs256, isActive, withPeople } from './people.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface Step extends Recorded {
  readonly case: string
  readonly tokens_decoded?: Readonly<Record<string, { readonly header: object; readonly payload: Payload }>>
}
type Payload = { readonly iat: number; readonly jti: string } & Readonly<Record<string, unknown>>

const { secret_key: secret, exchanges: steps } = recorded<{ secret_key: string; exchanges: Step[] }>('jwt_controllers')
const refused = { detail: [{ msg: 'Not authenticated', type: 'security' }] }

/** Where we mean to answer otherwise, each a fault of the original. */
const differs: Readonly<Record<string, string>> = {
  'refresh token as access token is accepted (a fault)': 'access and refresh are kept apart',
  'refresh: type at the top level instead of in extras': 'only extras.type counts',
  'blocklist: block the refresh token': 'access and refresh are kept apart',
  'blocklist: token without jti': 'what could not be blocked is not taken',
  'blocklist: blocking a token without jti': 'what could not be blocked is not taken',
}

/** Texts of parsers and validators are ours; where they point to is as recorded. */
const placesOf = (body: unknown) =>
  (body as { detail: { loc?: unknown; type?: unknown }[] }).detail.map(({ loc, type }) => ({ loc, type }))

it('logins, refreshes and checks go as recorded', async () => {
  const revoked = jwtBlocklist()
  const people = withPeople({ plugins: [revoked] })
  const [first] = steps
  people.clock.now = (first?.tokens_decoded?.access_token?.payload.iat ?? 0) * 1000
  const tokens: TokenOptions = { secret, check: isActive }
  const named = { ...tokens, usernameField: 'username' }
  const username = ({ auth }: { auth?: unknown }) =>
    (auth as { identity: { user: { username: string } } }).identity.user.username
  const blocked = [jwt({ ...tokens, blocklist: revoked })]
  const api = createApi({
    auth: people.auth,
    errors: 'detail',
    controllers: [
      controller('/obtain/', { endpoints: { obtain: jwtLogin(named) } }),
      controller('/complex/', {
        endpoints: {
          obtain: jwtLogin({
            ...named,
            algorithms: ['HS512'],
            issuers: 'my-company',
            audiences: ['dev', 'qa'],
            bodySchema: v.object({ email: v.string(), password: v.string() }),
            convertAuthPayload: ({ email, password }) => ({ username: email, password }),
            responseSchema: v.object({ auth: v.object({ access: v.string(), refresh: v.string() }) }),
            makeApiResponse: (pair) => ({ auth: { access: pair.accessToken, refresh: pair.refreshToken } }),
          }),
        },
      }),
      controller('/me/', {
        auth: [jwt(tokens)],
        endpoints: { me: endpoint({ method: 'GET' }, username) },
      }),
      controller('/refresh/', { endpoints: { refresh: jwtRefresh(tokens) } }),
      controller('/verify/', { endpoints: { verify: jwtVerify(tokens) } }),
      controller('/blocked/', {
        auth: blocked,
        endpoints: {
          me: endpoint({ method: 'GET' }, username),
          block: endpoint({ method: 'POST', auth: [] }, async ({ auth }) => {
            const { token } = (auth as { identity: { token: { jti: string; exp: number } } }).identity
            return (await revoked.blocklist(token)).created ? 'created' : 'there already'
          }),
        },
      }),
    ],
  })

  /** Ours, by the recorded one that it stands for. */
  const ours = new Map<string, string>()
  const translated = (text: string) => [...ours].reduce((left, [theirs, own]) => left.replaceAll(theirs, own), text)

  for (const { case: title, request, response, tokens_decoded: decoded } of steps) {
    const said = JSON.parse(translated(JSON.stringify(request))) as typeof request
    const answer = await api.handler(requestOf(said))
    const body = await jsonOf(answer)
    if (differs[title] !== undefined) {
      expect({ title, status: answer.status, body }).toEqual({ title, status: 401, body: refused })
      continue
    }
    expect({ title, status: answer.status }).toEqual({ title, status: response.status })
    expect(answer.headers.getSetCookie()).toEqual([])
    if (response.status === 400) expect(placesOf(body)).toEqual(placesOf(response.body))
    else if (!decoded) expect({ title, body }).toEqual({ title, body: response.body })
    else expect(shapeOf(body)).toEqual(shapeOf(response.body))
    for (const [path, { header, payload }] of Object.entries(decoded ?? {})) {
      const own = claimsOf(at(body, path))
      ours.set(at(response.body, path), at(body, path))
      expect(own.header).toEqual(header)
      // The recording took a while; lives are what counts.
      const { iat, exp } = own.payload as { iat: number; exp: number }
      expect(exp - iat).toBe((payload.exp as number) - payload.iat)
      expect(own.payload).toEqual({ ...payload, iat, exp, jti: expect.stringMatching(/^[0-9a-f]{32}$/) })
    }
  }
  expect(steps).toHaveLength(31)
  expect(Object.keys(differs).filter((title) => !steps.some((step) => step.case === title))).toEqual([])
  expect(people.rows.session).toEqual([])
})

const at = (body: unknown, path: string): string =>
  path.split('.').reduce((value, key) => (value as Record<string, unknown>)[key], body) as string

/** The same keys, whatever the tokens. */
const shapeOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key, shapeOf(value)]))
    : typeof body

const day = 86_400
const password = { username: 'alice', password: 'alice-pw' }

interface Pair {
  readonly access_token: string
  readonly refresh_token: string
}

/** Logins that share a blocklist, on an embedded database or in memory. */
function shop(
  options: TokenOptions = {},
  login: Parameters<typeof jwtLogin>[0] = {},
  app: Parameters<typeof withPeople>[0] = {},
) {
  const revoked = jwtBlocklist()
  const people = withPeople({ ...app, plugins: [revoked, ...(app.plugins ?? [])] })
  const tokens: TokenOptions = { check: isActive, blocklist: revoked, ...options }
  const api = createApi({
    auth: people.auth,
    errors: 'detail',
    controllers: [
      controller('/token', {
        endpoints: {
          login: { ...jwtLogin({ ...tokens, usernameField: 'username', ...login }), path: '/login' },
          refresh: { ...jwtRefresh(tokens), path: '/refresh' },
          verify: { ...jwtVerify(tokens), path: '/verify' },
          revoke: { ...jwtRevoke({ blocklist: revoked, ...options }), path: '/revoke' },
        },
      }),
      controller('/me', { auth: [jwt(tokens)], endpoints: { me: endpoint({ method: 'GET' }, () => 'me') } }),
    ],
  })
  const caller = () => browser(api.handler, { base: `${origin}/api` })
  const one = caller()
  return {
    ...people,
    api,
    revoked,
    caller,
    login: async (who: object = password) => (await one.post('/token/login', who)).json as unknown as Pair,
    refresh: (refresh_token: string) => one.post('/token/refresh', { refresh_token }),
    revoke: (refresh_token: string) => one.post('/token/revoke', { refresh_token }),
    verify: async (access_token: string) => (await one.post('/token/verify', { access_token })).status,
    me: async (token: string) => (await one.get('/me', { authorization: `Bearer ${token}` })).status,
  }
}

describe('refresh tokens with a blocklist', () => {
  it('are good once: a second use ends all that the login began', async () => {
    const { login, refresh, me, verify, logged } = shop()
    const first = await login()
    const other = await login()
    expect([await me(first.access_token), await verify(first.access_token)]).toEqual([200, 204])
    const renewed = await refresh(first.refresh_token)
    expect(renewed.status).toBe(200)
    const second = renewed.json as unknown as Pair
    expect([await me(first.access_token), await me(second.access_token)]).toEqual([200, 200])

    const stolen = await refresh(first.refresh_token)
    expect(stolen).toMatchObject({ status: 401, json: refused })
    expect(logged.filter((line) => line.includes('used twice'))).toHaveLength(1)
    expect((await refresh(second.refresh_token)).status).toBe(401)
    expect(await Promise.all([first, second].map(({ access_token }) => me(access_token)))).toEqual([401, 401])
    expect(await verify(second.access_token)).toBe(401)
    // Another login of the same person is another family.
    expect([await me(other.access_token), (await refresh(other.refresh_token)).status]).toEqual([200, 200])
  })

  it.each([
    ['in memory', {}],
    ['on a database', { database: ':memory:' }],
  ])('of twenty at once one wins, %s', async (_where, app) => {
    const { login, refresh, me, auth } = shop({ check: undefined }, { usernameField: 'email' }, app)
    if ('database' in app) await signUpAlice(auth)
    const { refresh_token } = await login({ username: 'alice@example.com', password: 'alice-pw' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)))
    const won = answers.filter(({ status }) => status === 200)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)])
    // The others told that it was used twice, so what the winner got is dead too.
    const { access_token, refresh_token: next } = (won[0] as Answer).json as unknown as Pair
    expect([await me(access_token), (await refresh(next)).status]).toEqual([401, 401])
  })

  it('are revoked with their family, by any of them, and an unknown one is no error', async () => {
    const { login, refresh, revoke, me } = shop()
    const first = await login()
    const second = (await refresh(first.refresh_token)).json as unknown as Pair
    for (const nobody of ['x', first.access_token, hs256({ sub: '1' }, 'another secret of enough length...')]) {
      expect(await revoke(nobody)).toMatchObject({ status: 204, text: '' })
    }
    expect(await me(second.access_token)).toBe(200)
    expect((await revoke(first.refresh_token)).status).toBe(204)
    expect([await me(first.access_token), await me(second.access_token)]).toEqual([401, 401])
    expect((await refresh(second.refresh_token)).status).toBe(401)
    expect((await revoke(first.refresh_token)).status).toBe(204)
  })

  it('of others, without a family, begin one', async () => {
    const { refresh, me } = shop({ secret })
    const theirs = hs256({ sub: '1', exp: 4102444800, iat: 1735732800, jti: 'a1', extras: { type: 'refresh' } }, secret)
    const mine = (await refresh(theirs)).json as unknown as Pair
    expect([claimsOf(mine.access_token).payload.extras, await me(mine.access_token)]).toEqual([
      { type: 'access', family: 'a1' },
      200,
    ])
    expect((await refresh(theirs)).status).toBe(401)
    expect(await me(mine.access_token)).toBe(401)
  })

  it('without a name cannot be used up, so they are refused', async () => {
    const { refresh } = shop({ secret, requireJti: false })
    const nameless = hs256({ sub: '1', exp: 4102444800, iat: 1735732800, extras: { type: 'refresh' } }, secret)
    expect((await refresh(nameless)).status).toBe(401)
  })

  it('die with the password that they rest on', async () => {
    const { login, refresh, rows, clock } = shop()
    const { refresh_token } = await login()
    const other = await login({ username: 'root', password: 'root-pw' })
    clock.now += 1000
    Object.assign(rows.account[0] ?? {}, { password: 'quick:another-pw', updatedAt: new Date(clock.now) })
    expect((await refresh(refresh_token)).status).toBe(401)
    expect((await refresh(other.refresh_token)).status).toBe(200)
    const anew = await login({ username: 'alice', password: 'another-pw' })
    expect((await refresh(anew.refresh_token)).status).toBe(200)
  })

  it('serve again where rotation is off, until they are blocked', async () => {
    const { login, refresh, revoked } = shop({ rotateRefreshTokens: false })
    const { refresh_token } = await login()
    expect([(await refresh(refresh_token)).status, (await refresh(refresh_token)).status]).toEqual([200, 200])
    const { jti, exp } = claimsOf(refresh_token).payload as { jti: string; exp: number }
    expect(await revoked.blocklist({ jti, exp })).toMatchObject({ created: true })
    expect(await revoked.blocklist({ jti, exp })).toMatchObject({ created: false, row: { jti } })
    expect((await refresh(refresh_token)).status).toBe(401)
  })

  it('do not open what is gone: a user deleted, or not active any more', async () => {
    const { login, refresh, rows, verify } = shop()
    const { access_token, refresh_token } = await login()
    Object.assign(rows.user[0] ?? {}, { isActive: false })
    expect([(await refresh(refresh_token)).status, await verify(access_token)]).toEqual([401, 401])
    Object.assign(rows.user[0] ?? {}, { isActive: true })
    expect((await refresh(refresh_token)).status).toBe(200)
    rows.user.splice(0, 1)
    expect(await verify(access_token)).toBe(401)
  })
})

describe('the blocklist', () => {
  it('forgets a token a day after its end, by itself once an hour or when asked', async () => {
    const { login, refresh, revoked, rows, clock } = shop({ expiration: 60, refreshExpiration: 120 })
    const one = await login()
    await refresh(one.refresh_token)
    expect(rows.jwtBlocklist).toHaveLength(1)
    expect(rows.jwtBlocklist?.[0]).toMatchObject({ userId: '1', jti: claimsOf(one.refresh_token).payload.jti })
    clock.now += (120 + day) * 1000 - 1000
    expect(await revoked.deleteExpired()).toBe(0)
    clock.now += 1000
    const another = await login()
    await refresh(another.refresh_token)
    expect(rows.jwtBlocklist?.map(({ jti }) => jti)).toEqual([claimsOf(another.refresh_token).payload.jti])
    clock.now += (120 + day) * 1000
    expect(await revoked.deleteExpired()).toBe(1)
  })

  it('keeps a revoked family for as long as any token of it may live', async () => {
    const { login, refresh, revoke, revoked, clock } = shop({ refreshExpiration: 10 * day })
    const first = await login()
    clock.now += 9 * day * 1000
    const second = (await refresh(first.refresh_token)).json as unknown as Pair
    await revoke(first.refresh_token)
    clock.now += 9 * day * 1000
    await revoked.deleteExpired()
    expect((await refresh(second.refresh_token)).status).toBe(401)
  })

  it('takes a token of nobody, and none without a name', async () => {
    const { revoked, rows } = shop()
    const exp = start / 1000 + 60
    expect(await revoked.blocklist({ jti: 'x', exp }, 'nobody')).toMatchObject({ created: true, row: { userId: null } })
    expect(rows.jwtBlocklist).toHaveLength(1)
    await expect(revoked.blocklist({ jti: undefined, exp })).rejects.toThrow(TokenWithoutJti)
    await expect(memoryBlocklist().blocklist({ jti: undefined, exp })).rejects.toThrow(TokenWithoutJti)
  })

  it('lies in the table and columns that the app names', async () => {
    const rows: Record<string, Record<string, unknown>[]> = {}
    const revoked = jwtBlocklist({ modelName: 'blocked', fields: { expiresAt: 'expires_at' } })
    expect(revoked.tables?.[0]).toMatchObject({
      tableName: 'blocked',
      fields: { expiresAt: { fieldName: 'expires_at' } },
    })
    const { auth } = setup({ plugins: [revoked], database: ':memory:' }, rows)
    await auth.$context
    expect((await revoked.blocklist({ jti: 'x', exp: 1 })).created).toBe(true)
    expect(await revoked.isBlocked('y', 'x')).toBe(true)
    expect(await revoked.isBlocked('y')).toBe(false)
    expect(await revoked.isBlocked()).toBe(false)
    await auth.close()
  })

  it('in memory does the same', async () => {
    const clock = { now: start }
    const list = memoryBlocklist({ clock: () => clock.now })
    const exp = start / 1000 + 60
    expect((await list.blocklist({ jti: 'x', exp })).created).toBe(true)
    expect((await list.blocklist({ jti: 'x', exp })).created).toBe(false)
    expect([await list.isBlocked('y', 'x'), await list.isBlocked('y')]).toEqual([true, false])
    expect(await list.deleteExpired()).toBe(0)
    clock.now += (60 + day) * 1000
    expect(await list.deleteExpired()).toBe(1)
    expect(await list.isBlocked('x')).toBe(false)
  })

  it('is of no use before an auth has it, which is said', async () => {
    await expect(async () => jwtBlocklist().isBlocked('x')).rejects.toThrow('not in use')
  })
})

describe('jwtLogin', () => {
  it('asks every gate and the throttle, and opens no session', async () => {
    const gates: Gate[] = [
      {
        name: 'test',
        check: ({ user, method, remember }) =>
          user.name === 'alice'
            ? challenge({ twoFactorRedirect: true, method, remember })
            : refuse(new APIError(403, { message: 'Banned', code: 'BANNED' })),
      },
    ]
    const { caller, rows } = shop({}, {}, { plugins: [{ id: 'gated', gates }] })
    expect((await caller().post('/token/login', password)).json).toEqual({
      twoFactorRedirect: true,
      method: 'pwd',
      remember: true,
    })
    expect((await caller().post('/token/login', { username: 'root', password: 'root-pw' })).status).toBe(403)
    expect(rows.session).toEqual([])
    for (let i = 0; i < 20; i++) await caller().post('/token/login', { ...password, password: 'x' })
    expect((await caller().post('/token/login', password)).status).toBe(429)
  })

  it('is asked again at every refresh: who was banned since is refused, and keeps the token for better days', async () => {
    const asked: string[] = []
    let verdict: () => ReturnType<Gate['check']> = () => pass
    const gate: Gate = {
      name: 'test',
      check({ user, method }) {
        asked.push(`${user.name} by ${method}`)
        return verdict()
      },
    }
    const { login, refresh } = shop({}, {}, { plugins: [{ id: 'gated', gates: [gate] }] })
    const { refresh_token } = await login()
    verdict = () => refuse(new APIError(403, { message: 'Banned', code: 'BANNED' }))
    expect(await refresh(refresh_token)).toMatchObject({ status: 403, json: { detail: [{ msg: 'Banned' }] } })
    verdict = () => challenge({ twoFactorRedirect: true })
    expect(await refresh(refresh_token)).toMatchObject({ status: 200, json: { twoFactorRedirect: true } })
    verdict = () => pass
    expect((await refresh(refresh_token)).status).toBe(200)
    expect(asked).toEqual(['alice by pwd', 'alice by refresh', 'alice by refresh', 'alice by refresh'])
    // Nobody is asked about a token that does not hold.
    await refresh(refresh_token)
    await refresh(refresh_token)
    await refresh('x')
    expect(asked).toHaveLength(5)
  })

  it('hands out nothing where the password is changed meanwhile', async () => {
    const gates: Gate[] = [
      {
        name: 'slow',
        async check() {
          Object.assign(site.rows.account[0] ?? {}, { password: 'quick:another-pw' })
          return pass
        },
      },
    ]
    const site = shop({}, {}, { plugins: [{ id: 'gated', gates }] })
    expect((await site.caller().post('/token/login', password)).status).toBe(401)
  })

  it('sends no cache a token, and takes a life of its own', async () => {
    const { caller } = shop({ expiration: 300, refreshExpiration: 3600 })
    const answer = await caller().post('/token/login', password)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [access, refresh] = Object.values(answer.json as object).map((token) => claimsOf(token).payload)
    expect([access?.exp, refresh?.exp]).toEqual([start / 1000 + 300, start / 1000 + 3600])
    expect(access?.iat).toBe(start / 1000)
  })
})

describe('tokens in cookies', () => {
  const cookies = { path: '/api/token' }

  function cookieShop() {
    const revoked = jwtBlocklist()
    const people = withPeople({ plugins: [revoked] })
    const tokens: TokenOptions = { blocklist: revoked }
    const api = createApi({
      auth: people.auth,
      controllers: [
        controller('/token', {
          endpoints: {
            login: { ...jwtLogin({ ...tokens, cookies, usernameField: 'username' }), path: '/login' },
            refresh: { ...jwtRefresh({ ...tokens, cookies }), path: '/refresh' },
            revoke: { ...jwtRevoke({ ...tokens, cookies }), path: '/revoke' },
          },
        }),
        controller('/me', { auth: [jwtCookie(tokens)], endpoints: { me: endpoint({ method: 'GET' }, () => 'me') } }),
      ],
    })
    return { api, one: browser(api.handler, { base: `${origin}/api` }) }
  }

  it('go out, are renewed and end without a script that sees them', async () => {
    const { one } = cookieShop()
    const login = await one.post('/token/login', password)
    expect(login).toMatchObject({ status: 204, text: '' })
    expect(login.setCookies.map((line) => line.replace(/=[^;]+/, '=…'))).toEqual([
      'access_token=…; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax',
      'refresh_token=…; Max-Age=864000; Path=/api/token; HttpOnly; SameSite=Lax',
    ])
    expect((await one.get('/me')).status).toBe(200)
    const old = one.jar.get('refresh_token') ?? ''
    expect((await one.post('/token/refresh')).status).toBe(204)
    expect(one.jar.get('refresh_token')).not.toBe(old)
    expect((await one.get('/me')).status).toBe(200)
    const access = one.jar.get('access_token')
    const ended = await one.post('/token/revoke')
    expect(ended.status).toBe(204)
    expect(ended.setCookies).toHaveLength(2)
    expect(ended.setCookies.every((line) => line.includes('Max-Age=0'))).toBe(true)
    expect((await one.get('/me', { cookie: `access_token=${access}` })).status).toBe(401)
  })

  it.each(['/token/login', '/token/refresh', '/token/revoke'])('%s is no business of another site', async (path) => {
    const { one } = cookieShop()
    await one.post('/token/login', password)
    const answer = await one.post(path, path.endsWith('login') ? password : undefined, {
      origin: 'https://evil.example',
    })
    expect(answer).toMatchObject({ status: 403, setCookies: [] })
  })

  it('are told to the document', () => {
    const { api } = cookieShop()
    const login = api.operations.find(({ path }) => path.endsWith('/login'))
    expect(Object.keys(login?.endpoint.setsCookies ?? {})).toEqual(['access_token', 'refresh_token'])
    expect(login?.endpoint.reply).toBeUndefined()
  })
})

describe('keys of a pair', () => {
  it('sign with the private half, verify with the public one', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { login, me, verify } = shop({
      key: publicKey.export({ format: 'pem', type: 'spki' }) as string,
      signingKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
      algorithms: ['ES256'],
    })
    const { access_token } = await login()
    expect(claimsOf(access_token).header).toEqual({ alg: 'ES256', typ: 'JWT' })
    expect([await me(access_token), await verify(access_token)]).toEqual([200, 204])
  })
})

it.each([
  ['no auth', jwtLogin(), 'SCHEME_WITHOUT_AUTH', false],
  ['no blocklist to revoke in', jwtRevoke(), 'JWT_WITHOUT_BLOCKLIST', true],
  ['no blocklist to rotate in', jwtRefresh({ rotateRefreshTokens: true }), 'JWT_WITHOUT_BLOCKLIST', true],
  ['a blocklist that has no table', jwtRefresh({ blocklist: jwtBlocklist() }), 'JWT_BLOCKLIST_WITHOUT_TABLE', true],
  ['no life', jwtLogin({ expiration: 0 }), 'JWT_LIFETIME', true],
  ['nothing to sign with', jwtRefresh({ jwksUrl: 'https://issuer.example/jwks' }), 'JWT_WITHOUT_SIGNING_KEY', true],
  ['a name that several may share', jwtLogin({ usernameField: 'name' }), 'USER_FIELD', true],
] as const)('an endpoint with %s is an error at start', (_what, own, code, withAuth) => {
  const controllers = [controller('/token', { endpoints: { own } })]
  const auth = withAuth ? withPeople().auth : undefined
  expect(() => createApi({ auth, controllers })).toThrow(expect.objectContaining({ name: 'ConfigError', code }))
  expect(() => createApi({ auth, controllers })).toThrow(/^(endpoint jwt[A-Z]\w+\(\)|jwtBlocklist\(\)): /)
})

async function signUpAlice(auth: { readonly handler: (request: Request) => Promise<Response> }): Promise<void> {
  const one = browser(auth.handler)
  const answer = await one.post('/sign-up/email', { name: 'alice', email: 'alice@example.com', password: 'alice-pw' })
  expect(answer.status).toBe(200)
}
