import { controller, createApi, endpoint, jwt, jwtCookie } from '@keystile/core/api'
import { describe, expect, it } from 'vitest'
import { hs256, isActive, withPeople } from './people.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface CookieExchange extends Recorded {
  readonly case: string
  readonly transport?: 'cookie'
}
const { secret_key: secret, exchanges } = recorded<{ secret_key: string; exchanges: CookieExchange[] }>('jwt')
const byCookie = exchanges.filter((one) => one.transport === 'cookie')

/** Which scheme answered, in the words of the original. */
const named: Readonly<Record<string, string>> = { jwt_cookie: 'CookieJWTSyncAuth', jwt: 'HeaderJWTSyncAuth' }

const people = withPeople()
const answers = endpoint({ method: 'POST' }, ({ auth }) => named[auth?.scheme ?? ''])
const reads = endpoint({ method: 'GET' }, ({ auth }) => named[auth?.scheme ?? ''])
const api = createApi({
  auth: people.auth,
  errors: 'detail',
  controllers: [
    controller('/c/', {
      auth: [jwtCookie({ name: 'jwt_cookie', secret, check: isActive }), jwt({ secret, check: isActive })],
      endpoints: { answers, reads },
    }),
  ],
})

/** Ours is no token of a cookie but where the request comes from: what carried the right one comes from our origin. */
const fromOurs: Readonly<Record<string, string>> = {
  'cookie jwt with csrf': 'http://localhost:3000',
  'bad cookie jwt, good header jwt, csrf right: no fall through': 'http://localhost:3000',
}

/** Words in which a refusal differs. */
const words: Readonly<Record<string, string>> = {
  'cookie jwt without csrf': 'Missing or null Origin',
}

describe('JWT in a cookie, as recorded', () => {
  it.each(byCookie.map((one) => [one.case, one] as const))('%s', async (title, { request, response }) => {
    const origin = fromOurs[title]
    const headers = origin === undefined ? request.headers : { ...request.headers, origin }
    const answer = await api.handler(requestOf({ ...request, headers }))
    expect(answer.status).toBe(response.status)
    const body = words[title] === undefined ? response.body : { detail: [{ msg: words[title] }] }
    expect(await jsonOf(answer)).toEqual(body)
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('cookie')
  })

  it('all five are there', () => {
    expect(byCookie).toHaveLength(5)
    const titles = byCookie.map((one) => one.case)
    expect([...Object.keys(fromOurs), ...Object.keys(words)].filter((title) => !titles.includes(title))).toEqual([])
  })
})

describe('JWT in a cookie', () => {
  const token = hs256({ sub: '1', exp: 4102444800, iat: 1735732800 }, secret)
  const sent = async (method: string, headers: Record<string, string>) => {
    const request = new Request('http://localhost:3000/api/c/', { method, headers })
    const answer = await api.handler(request)
    return { status: answer.status, body: await jsonOf(answer) }
  }

  it('reads without looking where the request comes from', async () => {
    expect(await sent('GET', { cookie: `access_token=${token}` })).toEqual({ status: 200, body: 'CookieJWTSyncAuth' })
  })

  it.each([
    ['another site', { origin: 'https://evil.example' }, 403],
    ['a page of no origin', { origin: 'null' }, 403],
    ['our origin', { origin: 'http://localhost:3000' }, 201],
  ])('POST from %s', async (_from, headers, status) => {
    expect((await sent('POST', { cookie: `access_token=${token}`, ...headers })).status).toBe(status)
  })

  it('looks where a request comes from before the token: another site learns nothing of it', async () => {
    const [good, bad] = await Promise.all(
      [token, 'bad'].map((one) => sent('POST', { cookie: `access_token=${one}`, origin: 'https://evil.example' })),
    )
    expect(good).toEqual(bad)
  })

  it('stops the chain where its token does not hold, whatever else the request carries', async () => {
    const headers = { cookie: 'access_token=bad', authorization: `Bearer ${token}` }
    expect((await sent('GET', headers)).status).toBe(401)
    expect((await sent('GET', { ...headers, cookie: 'access_token=' })).body).toBe('HeaderJWTSyncAuth')
  })
})
