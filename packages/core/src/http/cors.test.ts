import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuth } from '../auth.ts'
import type { Options } from '../contract/options.ts'

const app = 'https://app.example.com'
const web = 'https://web.example.com'

function asking(options: Partial<Options> = {}) {
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: app,
    env: {},
    production: false,
    logger: { disabled: true },
    trustedOrigins: [web, 'https://*.preview.example.com', 'myapp://'],
    ...options,
  })
  onTestFinished(() => auth.close())
  return (path: string, origin: string | null, init: RequestInit = {}, cors = true, at = app) => {
    const headers = new Headers(init.headers)
    if (origin !== null) headers.set('origin', origin)
    return auth.handler(new Request(at + path, { ...init, headers }), { cors })
  }
}

const preflight = (asked = 'content-type') => ({
  method: 'OPTIONS',
  headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
})
const corsOf = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-')))

describe('CORS for trusted origins', () => {
  it('answers a preflight with the exact origin and credentials', async () => {
    const answer = await asking()('/api/auth/sign-in/email', web, preflight('content-type, x-mine'))
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(corsOf(answer)).toEqual({
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type, x-mine',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-origin': web,
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Headers',
    })
  })

  it('lets the page read the answer, and those of its headers that it could not see', async () => {
    const onRequest = () =>
      Response.json(
        {},
        { headers: { 'set-auth-token': 't', 'x-retry-after': '3', 'cache-control': 'no-store', vary: 'Accept' } },
      )
    const answer = await asking({ plugins: [{ id: 'one', onRequest }] })('/api/auth/ok', web)
    expect(corsOf(answer)).toEqual({
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': web,
      'access-control-expose-headers': 'set-auth-token, x-retry-after',
      vary: 'Accept, Origin',
    })
  })

  it.each([
    ['Origin', 'Origin'],
    ['origin', 'origin'],
    ['*', '*'],
    ['Origin, Accept', 'Origin, Accept'],
    ['Origin ,Accept', 'Origin ,Accept'],
    ['Accept,Origin', 'Accept,Origin'],
    ['Accept, Origin', 'Accept, Origin'],
    ['Accept, *', 'Accept, *'],
    ['X-Origin', 'X-Origin, Origin'],
    ['Accept, X-Origin', 'Accept, X-Origin, Origin'],
    ['Origin-Trial', 'Origin-Trial, Origin'],
  ])('an answer that varies by %s varies by %s', async (given, vary) => {
    const onRequest = () => new Response(null, { headers: { vary: given } })
    const answer = await asking({ plugins: [{ id: 'one', onRequest }] })('/api/auth/ok', null)
    expect(corsOf(answer)).toEqual({ vary })
  })

  it('names no headers where none is asked for or there is none to see', async () => {
    const onRequest = () => new Response(null, { headers: { 'cache-control': 'no-store' } })
    const ask = asking({ plugins: [{ id: 'one', onRequest }] })
    const allowed = { 'access-control-allow-credentials': 'true', 'access-control-allow-origin': web }
    expect(corsOf(await ask('/api/auth/ok', web))).toEqual({ ...allowed, vary: 'Origin' })
    const asked = { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } }
    const answer = await ask('/api/auth/ok', web, asked)
    expect(answer.headers.get('access-control-allow-origin')).toBe(web)
    expect(answer.headers.has('access-control-allow-headers')).toBe(false)
  })

  it.each([['https://pr-7.preview.example.com'], ['myapp://'], [app]])('trusts %s', async (origin) => {
    const ask = asking()
    for (const init of [{}, preflight()]) {
      expect((await ask('/api/auth/ok', origin, init)).headers.get('access-control-allow-origin')).toBe(origin)
    }
  })

  it.each([
    ['https://evil.example'],
    ['null'],
    [null],
    [''],
    ['http://web.example.com'],
    ['https://web.example.com.evil.example'],
    ['/relative'],
    ['*'],
  ])('tells %s nothing but that answers vary', async (origin) => {
    const ask = asking()
    expect(corsOf(await ask('/api/auth/ok', origin))).toEqual({ vary: 'Origin' })
    const answer = await ask('/api/auth/ok', origin, preflight())
    expect([answer.status, corsOf(answer)]).toEqual([204, { vary: 'Origin, Access-Control-Request-Headers' }])
  })

  it('lets a trusted page read refusals too', async () => {
    const ask = asking()
    for (const path of ['/api/auth/none', '/api/auth/list-sessions']) {
      const answer = await ask(path, web)
      expect([answer.ok, answer.headers.get('access-control-allow-origin')]).toEqual([false, web])
    }
  })

  it('is under the base path only', async () => {
    const ask = asking()
    for (const path of ['/', '/api', '/api/authx', '/api/auth-x/ok']) {
      expect(corsOf(await ask(path, web))).toEqual({})
      const answer = await ask(path, web, preflight())
      expect([answer.status, corsOf(answer)]).toEqual([404, {}])
    }
    for (const path of ['/api/auth', '/api/auth/', '/api/auth?x']) {
      expect((await ask(path, web, preflight())).status).toBe(204)
    }
    expect((await asking({ baseURL: app, basePath: '/' })('/anything', web, preflight())).status).toBe(204)
  })

  it('is off unless asked for', async () => {
    const ask = asking()
    expect(corsOf(await ask('/api/auth/ok', web, {}, false))).toEqual({})
    expect((await ask('/api/auth/ok', web, preflight(), false)).status).toBe(404)
  })

  it('takes an OPTIONS that is no preflight for what it is', async () => {
    expect((await asking()('/api/auth/ok', web, { method: 'OPTIONS' })).status).toBe(404)
  })

  it('takes only an OPTIONS for a preflight', async () => {
    const answer = await asking()('/api/auth/ok', web, { headers: { 'access-control-request-method': 'POST' } })
    expect(answer.status).toBe(200)
  })

  it('asks a list that is a function, and trusts nobody when it fails', async () => {
    const some = asking({ trustedOrigins: async () => [web] })
    expect((await some('/api/auth/ok', web, preflight())).headers.get('access-control-allow-origin')).toBe(web)
    const none = asking({
      trustedOrigins: () => {
        throw new Error('no list')
      },
    })
    expect(corsOf(await none('/api/auth/ok', web))).toEqual({ vary: 'Origin' })
  })

  it('trusts the own origin of hosts that are allowed, or of the request where none is set', async () => {
    const hosts = asking({ baseURL: { allowedHosts: ['app.example.com', 'two.example.com'] } })
    const two = 'https://two.example.com'
    expect((await hosts('/api/auth/ok', two)).headers.get('access-control-allow-origin')).toBe(two)
    const refused = await hosts('/api/auth/ok', two, {}, true, 'https://evil.example')
    expect(refused.status).toBe(400)
    const open = asking({ baseURL: undefined })
    expect((await open('/api/auth/ok', app)).headers.get('access-control-allow-origin')).toBe(app)
    expect(corsOf(await open('/api/auth/ok', two))).toEqual({ vary: 'Origin' })
  })
})
