/** What an API refuses at start: every problem by its code, with what was seen, expected and to be done. */
import { ConfigError, type Problem } from '@keystile/core'
import {
  type ApiOptions,
  apiKey,
  basic,
  bearer,
  type Controllers,
  controller,
  createApi,
  endpoint,
  group,
  jwt,
  jwtBlocklist,
  jwtCookie,
  jwtLogin,
  jwtRefresh,
  jwtRevoke,
  jwtVerify,
  only,
  type Scheme,
  session,
  sessionLogin,
} from '@keystile/core/api'
import { describe, expect, it, vi } from 'vitest'
import { setup } from '../support.ts'
import { recorded } from './recorded.ts'

const get = endpoint({ method: 'GET' }, () => 1)
const secret = 'a secret of these tokens, long enough for HS256'
const made = (options: object) => basic({ ...options, authenticate: (name) => name })
const known = basic({ authenticate: (name) => name })
const wrong = (value: unknown) => value as Scheme
const log = vi.fn()

/** The problems of a start; none where it succeeds. Types would find most of them: here nobody asked them. */
function problemsOf(options: object): readonly Problem[] {
  try {
    createApi({ controllers: [], logger: { log }, ...options } as ApiOptions)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const at = (declared: object, path?: string) => ({
  controllers: [controller('/notes', { endpoints: { get: endpoint({ method: 'GET', path, ...declared }, () => 1) } })],
})
const inList = (value: unknown) => at({ auth: [known, wrong(value)] })

class Staff {
  name = 'staff'
}

const cases: readonly (readonly [title: string, options: object, code: string, says: Partial<Problem>])[] = [
  ['null in the settings', { schemes: null, ...at({}) }, 'SETTINGS_AUTH_NULL', { seen: 'null' }],
  ['a function', inList(session), 'NOT_A_SCHEME', { seen: 'the function session', fix: 'call it: session()' }],
  ['a nameless function', inList(() => null), 'NOT_A_SCHEME', { seen: 'the function (without a name)' }],
  ['a class', inList(Staff), 'NOT_A_SCHEME', { seen: 'the class Staff', fix: 'make one of it: new Staff()' }],
  ['a text', inList('session'), 'NOT_A_SCHEME', { seen: 'a string', fix: 'put the scheme itself there' }],
  ['undefined', inList(undefined), 'NOT_A_SCHEME', { seen: 'undefined' }],
  ['null', inList(null), 'NOT_A_SCHEME', { seen: 'null' }],
  ['a list', inList([known]), 'NOT_A_SCHEME', { seen: 'a list in the list', fix: 'spread it: ...list' }],
  [
    'half a scheme',
    inList({ name: 'half', authenticate: () => null }),
    'NOT_A_SCHEME',
    { seen: 'an object without securitySchemes, requirement, responses', fix: 'give it what it lacks' },
  ],
  ['false for a list', at({ auth: false }), 'NOT_A_SCHEME', { seen: 'a boolean' }],
  ['something in only', at({ auth: only([wrong('x')]) }), 'NOT_A_SCHEME', { seen: 'a string' }],
  ['only of nothing', at({ auth: only([]) }), 'ONLY_NOTHING', { seen: 'only([])' }],
  ['a scheme that lacks its check', at({ auth: [basic()] }), 'SCHEME_WITHOUT_CHECK', { seen: 'no authenticate' }],
  ['a scheme that lacks its lookup', at({ auth: [apiKey()] }), 'SCHEME_WITHOUT_CHECK', { seen: 'no lookup' }],
  ['a realm that no header holds', at({ auth: [made({ realm: 'a\r\nset-cookie: b=1' })] }), 'SCHEME_REALM', {}],
  ['a realm of other letters', at({ auth: [made({ realm: 'Москва' })] }), 'SCHEME_REALM', { seen: '"Москва"' }],
  ['a header that no request has', at({ auth: [made({ header: 'X Key' })] }), 'SCHEME_PLACE', { seen: '"X Key"' }],
  ['a cookie that no request has', at({ auth: [apiKey({ lookup: () => 1, cookie: 'a;b' })] }), 'SCHEME_PLACE', {}],
  ['a word that no header has', at({ auth: [jwt({ secret, getUser: null, scheme: '' })] }), 'SCHEME_PLACE', {}],
  ['a cookie of no name', at({ auth: [jwtCookie({ secret, getUser: null, cookie: '' })] }), 'SCHEME_PLACE', {}],
  ['sessions without an auth', at({ auth: [session()] }), 'SCHEME_WITHOUT_AUTH', { seen: 'no auth' }],
  ['tokens without an auth', at({ auth: [bearer()] }), 'SCHEME_WITHOUT_AUTH', { seen: 'no auth' }],
  [
    'two schemes under one name of the document',
    at({ auth: [apiKey({ lookup: () => 1 }), apiKey({ lookup: () => 1, header: 'x-other' })] }),
    'SECURITY_SCHEME_TAKEN',
    { seen: 'two security schemes named "api_key"', fix: "give one of them another name: { name: 'api_key2' }" },
  ],
  ['an access rule of a plugin', at({ access: 'session' }), 'ENDPOINT_WITH_ACCESS', { seen: 'access: "session"' }],
  ['a wildcard', at({}, '/*'), 'PATH_INVALID', { seen: '/api/notes/*' }],
  ['a pattern', at({}, '/:id{[0-9]+}'), 'PATH_INVALID', {}],
  ['a parameter that may be left out', at({}, '/:id?'), 'PATH_INVALID', {}],
  ['a parameter in a segment', at({}, '/note-:id'), 'PATH_INVALID', {}],
  ['one parameter twice', at({}, '/:id/:id'), 'PATH_INVALID', {}],
  ['letters that a URL encodes', at({}, '/é'), 'PATH_INVALID', {}],
  ['them in its base path', { basePath: '/a b' }, 'BASE_PATH_INVALID', { fix: "set basePath: '/a%20b'" }],
  ['an option that nothing reads', { shemes: [known], ...at({}) }, 'OPTION_UNKNOWN', { fix: 'write schemes instead' }],
  ['a switch that is a text', { strictLevels: 'false' }, 'OPTION_INVALID', { seen: 'the text "false"' }],
  ['no controllers', { controllers: undefined }, 'OPTION_INVALID', { message: 'The option controllers is missing' }],
  [
    'an auth that is none',
    { auth: {}, ...at({}) },
    'OPTION_INVALID',
    { expected: 'an object with handler and readSession' },
  ],
  [
    'a controller without a path',
    { controllers: [controller(5 as never, { endpoints: { get } })] },
    'OPTION_INVALID',
    { expected: 'a text' },
  ],
  ['a controller of nothing', { controllers: [{ path: '/a' }] }, 'OPTION_INVALID', { seen: 'no endpoints' }],
  [
    'an endpoint that is not there',
    { controllers: [controller('/notes', { endpoints: { get: undefined } } as never)] },
    'OPTION_INVALID',
    { message: 'notes.get: The options are undefined' },
  ],
  ['an endpoint without a method', at({ method: undefined }), 'OPTION_INVALID', { seen: 'no method' }],
  ['a method that is none', at({ method: 'FETCH' }), 'OPTION_INVALID', { seen: 'the text "FETCH"' }],
  [
    'a body that is no schema',
    at({ body: { text: 'string' } }),
    'OPTION_INVALID',
    { expected: 'a schema (Standard Schema)' },
  ],
  [
    'a throttle without its window',
    at({ throttle: { max: 2 } }),
    'OPTION_INVALID',
    { message: 'notes.get: The option throttle lacks window' },
  ],
  ['a throttle that never ends', at({ throttle: { window: -5, max: 2 } }), 'OPTION_INVALID', { seen: 'the number -5' }],
  [
    'an endpoint whose schemes nothing reads',
    at({ auht: [known] }),
    'OPTION_UNKNOWN',
    { message: 'notes.get: There is no option auht', fix: 'write auth instead' },
  ],
  [
    'a controller whose schemes nothing reads',
    { controllers: [{ ...controller('/notes', { endpoints: { get } }), auths: [known] }] },
    'OPTION_UNKNOWN',
    { message: 'the controller /notes: There is no option auths', fix: 'write auth instead' },
  ],
  [
    'a group whose schemes nothing reads',
    {
      controllers: [controller('/notes', { endpoints: { mine: { ...group({ endpoints: { get } }), Auth: [known] } } })],
    },
    'OPTION_UNKNOWN',
    { message: 'notes.mine: There is no option Auth', fix: 'write auth instead' },
  ],
  [
    'an endpoint with a wrong switch',
    at({ noStore: 'false' }),
    'OPTION_INVALID',
    { message: 'notes.get: The option noStore is a text', expected: 'true or false' },
  ],
  ['a base path without its slash', { basePath: 'api' }, 'BASE_PATH_INVALID', { fix: "set basePath: '/api'" }],
]

/** Options of schemes and logins, each with a mistake; what is meant, or what the value has to be. */
const mistaken: readonly (readonly [
  owner: string,
  make: (options: never) => unknown,
  options: object,
  expected: string,
])[] = [
  ['session()', session, { store: true }, 'stored'],
  ['session()', session, { check: true }, 'a function'],
  ['bearer()', bearer, { chek: () => false }, 'check'],
  ['basic()', basic, { authentication: () => null }, 'authenticate'],
  ['basic()', basic, { realm: 5 }, 'a text'],
  ['apiKey()', apiKey, { lookUp: () => null }, 'lookup'],
  ['apiKey()', apiKey, { maxLength: '5' }, 'a number'],
  ['jwt()', jwt, { audience: 'notes' }, 'audiences'],
  ['jwt()', jwt, { issuer: 'https://a.com' }, 'issuers'],
  ['jwt()', jwt, { verifyExpiry: 'true' }, 'true or false'],
  ['jwt()', jwt, { header: 5 }, 'a text'],
  ['jwtCookie()', jwtCookie, { requireClaim: ['a'] }, 'requireClaims'],
  ['jwtLogin()', jwtLogin, { expiresIn: 5 }, 'expiration'],
  ['jwtRefresh()', jwtRefresh, { rotateRefreshToken: false }, 'rotateRefreshTokens'],
  ['jwtVerify()', jwtVerify, { blocklist: {} }, 'an object with blocklist and isBlocked'],
  ['jwtRevoke()', jwtRevoke, { cookies: { acess: 'a', path: '/' } }, 'cookies.access'],
  ['jwtBlocklist()', jwtBlocklist, { modelNam: 'blocked' }, 'modelName'],
  ['jwtBlocklist()', jwtBlocklist, { fields: { jtl: 'id_of_token' } }, 'fields.jti'],
  ['sessionLogin()', sessionLogin, { check: 'staff' }, 'a function'],
]

it.each(mistaken)('%s refuses what it would not read (%#)', (owner, make, options, expected) => {
  try {
    ;(make as (options: object) => unknown)(options)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    const { problems } = error as ConfigError
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message.startsWith(`${owner}: The`)).toBe(true)
    expect(problems[0]?.expected).toContain(expected)
  }
})

it('one object of options serves all that has to do with tokens', () => {
  const options = { secret, getUser: null, issuers: 'a', expiration: 5, rotateRefreshTokens: false, header: 'x-token' }
  const makers: ((options: object) => unknown)[] = [jwt, jwtCookie, jwtLogin, jwtRefresh, jwtVerify, jwtRevoke]
  for (const make of makers) expect(() => make(options)).not.toThrow()
})

/** What the original says of the same in words of its own. */
const declared: Readonly<Record<string, readonly [options: object, code: string]>> = {
  'settings null': [{ schemes: null, ...at({}) }, 'SETTINGS_AUTH_NULL'],
  'settings holds a class, not an instance': [{ schemes: [Staff], ...at({}) }, 'NOT_A_SCHEME'],
  'settings holds text': [{ schemes: ['basic'], ...at({}) }, 'NOT_A_SCHEME'],
}
/** There is one kind of schemes and of endpoints here. */
const nothingToDeclare = ['async auth on a sync endpoint']

it('the recorded errors of declarations stop the start', () => {
  const titles = recorded<{ cases: { case?: string }[] }>('levels').cases.flatMap((one) => one.case ?? [])
  expect(titles.toSorted()).toEqual([...Object.keys(declared), ...nothingToDeclare].toSorted())
  for (const [options, code] of Object.values(declared)) expect(problemsOf(options)).toMatchObject([{ code }])
})

describe('a start stops at', () => {
  it.each(cases)('%s', (_title, options, code, says) => {
    const problems = problemsOf(options)
    expect(problems).toMatchObject([{ code, ...says }])
    for (const { message, expected, fix } of problems) {
      expect(message.length).toBeGreaterThan(10)
      expect([typeof expected, fix.length > 5]).toEqual(['string', true])
    }
  })

  it.each([
    ['the same route', '/:id', '/:id'],
    ['one that differs in the name of a parameter', '/:id', '/:key'],
  ])('two endpoints of %s', (_title, one, other) => {
    const endpoints = { a: { ...get, path: one }, b: { ...get, path: other } }
    const controllers = [controller('/n', { endpoints })]
    expect(problemsOf({ controllers })).toMatchObject([
      { code: 'ROUTE_TAKEN', message: `n.a and n.b are both GET /api/n${other}` },
    ])
    const apart = [controller('/n', { endpoints: { ...endpoints, b: { ...endpoints.b, method: 'PUT' as const } } })]
    expect(problemsOf({ controllers: apart })).toEqual([])
  })

  it('an endpoint where the auth instance answers', () => {
    const { auth } = setup()
    const under = (path: string) => problemsOf({ auth, controllers: [controller(path, { endpoints: { get } })] })
    expect(under('/auth/mine')).toMatchObject([{ code: 'ROUTE_TAKEN', seen: 'auth.basePath /api/auth' }])
    expect(under('/auth')).toMatchObject([{ code: 'ROUTE_TAKEN' }])
    expect(under('/authors')).toEqual([])
  })
})

describe('a list under null', () => {
  const list = { auth: [known] }
  const open = { auth: null }
  const levels: readonly (readonly [title: string, controllers: Controllers<never>])[] = [
    ['the controller /n', [controller('/n', { ...(open as object), endpoints: { get: { ...get, ...list } } })]],
    [
      'the group n.g',
      [controller('/n', { endpoints: { g: group({ ...(open as object), endpoints: { get: { ...get, ...list } } }) } })],
    ],
    [
      'the controller /n',
      [controller('/n', { ...(open as object), endpoints: { g: group({ ...list, endpoints: { get } }) } })],
    ],
  ]

  it.each(levels)('of %s stops the start', (title, controllers) => {
    expect(problemsOf({ controllers })).toMatchObject([
      { code: 'AUTH_UNDER_NULL', seen: `a list inside, null on ${title}` },
    ])
  })

  it.each(levels)('of %s is a warning, and open, where levels are not strict', async (title, controllers) => {
    log.mockClear()
    const api = createApi({ controllers, strictLevels: false, logger: { log } })
    expect(log.mock.calls.map(([level, message]) => [level, message])).toEqual([
      ['warn', expect.stringContaining(title)],
    ])
    expect(api.operations[0]?.endpoint.auth).toEqual([])
    const path = api.operations[0]?.path
    expect((await api.handler(new Request(`http://localhost${path}`))).status).toBe(200)
  })

  it('hides no other problem where levels are not strict', () => {
    const [[, controllers] = ['', []]] = levels
    expect(problemsOf({ controllers, strictLevels: false, schemes: [wrong('x')] })).toEqual([])
    const others = [...controllers, controller('/o', { endpoints: { get } })]
    expect(problemsOf({ controllers: others, strictLevels: false, schemes: [wrong('x')] })).toMatchObject([
      { code: 'NOT_A_SCHEME' },
    ])
  })
})

it('all problems come together, and what an outer level has wrong is said once', () => {
  const controllers = [
    controller('/a', {
      auth: [wrong('text'), basic()],
      endpoints: {
        one: get,
        two: endpoint({ method: 'GET' }, () => 1),
        three: endpoint({ method: 'POST', auth: [wrong(session)] }, () => 1),
      },
    }),
    controller('/b', { auth: only([basic()]), endpoints: { get: { ...get, path: '/*' } } }),
  ]
  const problems = problemsOf({ schemes: null, controllers })
  expect(problems.map(({ code }) => code).sort()).toEqual([
    'NOT_A_SCHEME',
    'NOT_A_SCHEME',
    'PATH_INVALID',
    'ROUTE_TAKEN',
    'SCHEME_WITHOUT_CHECK',
    'SCHEME_WITHOUT_CHECK',
    'SETTINGS_AUTH_NULL',
  ])
  expect(problems.filter(({ code }) => code === 'NOT_A_SCHEME').map(({ message }) => message)).toEqual([
    'the controller /a has something in its list that is no scheme',
    'POST /api/a (a.three) has something in its list that is no scheme',
  ])
  expect(() => createApi({ controllers })).toThrow(/fix: .*\(NOT_A_SCHEME\)/)
})

it('one scheme is bound once, however many endpoints have it', () => {
  const bind = vi.fn(() => known)
  const scheme = { ...known, bind }
  createApi({
    schemes: [scheme],
    controllers: [controller('/n', { auth: [scheme], endpoints: { get, add: endpoint({ method: 'POST' }, () => 1) } })],
  })
  expect(bind).toHaveBeenCalledTimes(1)
})

it('what is no ConfigError of a scheme is not made one', () => {
  const broken = {
    ...known,
    bind() {
      throw new RangeError('broken')
    },
  }
  expect(() => createApi({ schemes: [broken], controllers: [controller('/n', { endpoints: { get } })] })).toThrow(
    RangeError,
  )
})
