import { apiKey, basic, basicAuth, controller, createApi, endpoint, jwt } from '@keystile/core/api'
import { describe, expect, it } from 'vitest'
import { hs256 } from './people.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface BasicExchange extends Recorded {
  readonly case: string
  readonly header: string
  readonly authenticate_called_with: readonly (readonly [string, string])[]
}
const exchanges = recorded<{ exchanges: BasicExchange[] }>('basic').exchanges.filter((one) => one.case !== 'openapi')

interface Differs {
  readonly called: readonly (readonly [string, string])[]
  readonly status: number
  readonly why: string
}
const differs: Readonly<Record<string, Differs>> = {
  'percent signs in the password': {
    called: [['admin', '100%25']],
    status: 401,
    why: 'credentials are not percent-decoded',
  },
  'percent-encoded user': { called: [['adm%69n', 'pass']], status: 401, why: 'credentials are not percent-decoded' },
  'junk inside base64': { called: [], status: 401, why: 'the alphabet is strict' },
  'two spaces': { called: [['admin', 'pass']], status: 200, why: 'RFC 9110 allows several' },
  'base64 without padding': { called: [['admin', 'pass']], status: 200, why: 'padding may be left out' },
  'no scheme, Authorization': { called: [], status: 401, why: 'the standard header needs the scheme' },
}

describe.each(['Authorization', 'X-Api-Auth'])('Basic in %s, as recorded', (header) => {
  it.each(exchanges.filter((one) => one.header === header).map((one) => [one.case, one] as const))(
    '%s',
    async (title, { request, response, authenticate_called_with }) => {
      const called: [string, string][] = []
      const scheme = basic({
        header,
        authenticate(username, password) {
          called.push([username, password])
          return username === 'admin' && password === 'pass' ? { username } : null
        },
      })
      const api = createApi({
        errors: 'detail',
        controllers: [
          controller('/c/', { auth: [scheme], endpoints: { get: endpoint({ method: 'GET' }, () => 'authed') } }),
        ],
      })
      const answer = await api.handler(requestOf(request))
      const other = differs[`${title}, ${header}`] ?? differs[title]
      expect(called).toEqual(other?.called ?? authenticate_called_with)
      expect(answer.status).toBe(other?.status ?? response.status)
      if (!other) expect(await jsonOf(answer)).toEqual(response.body)
      const challenge =
        answer.status === 401 && header === 'Authorization' ? 'Basic realm="api", charset="UTF-8"' : null
      expect(answer.headers.get('www-authenticate')).toBe(challenge)
    },
  )
})

it('every recorded exchange was replayed', () => {
  expect(exchanges).toHaveLength(42)
})

it.each([
  ['undefined', () => undefined],
  ['false', () => false],
  ['null, later', async () => null],
  ['undefined, later', async () => undefined],
  // biome-ignore lint/suspicious/noThenProperty: query builders are such promises
  ['undefined, promised in its own way', () => ({ then: (done: (value: undefined) => void) => done(undefined) })],
])('who is told as %s is nobody', async (_what, authenticate) => {
  const keys = [
    apiKey({ lookup: authenticate as never }),
    apiKey({ name: 'cookie', cookie: 'key', lookup: authenticate as never }),
  ]
  const tokens = jwt({ secret, getUser: authenticate as never })
  for (const scheme of [basic({ authenticate: authenticate as never }), tokens, ...keys]) {
    const endpoints = { get: endpoint({ method: 'GET' }, () => 'in') }
    const api = createApi({
      controllers: [controller('/c', { auth: [scheme], endpoints })],
      clock: () => 1735732800000,
    })
    const authorization =
      scheme === tokens
        ? `Bearer ${hs256({ sub: '1', exp: 4102444800, iat: 1735732800 }, secret)}`
        : basicAuth('a', 'b')
    const headers = { authorization, 'x-api-key': 'k', cookie: 'key=k' }
    const answer = await api.handler(new Request('http://localhost/api/c', { headers }))
    expect([scheme.name, answer.status]).toEqual([scheme.name, 401])
  }
})

const secret = 'a secret of these tokens, long enough for HS256'

it('basicAuth makes the header of a client', () => {
  expect(() => basicAuth('a:b', 'c')).toThrow('no colon')
  expect(basicAuth('admin', 'pass')).toBe('Basic YWRtaW46cGFzcw==')
})
