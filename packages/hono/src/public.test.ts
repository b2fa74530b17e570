import { createAuth, type Options } from '@keystile/core'
import { keystile } from '@keystile/hono'
import { Hono } from 'hono'
import { cors as honoCors } from 'hono/cors'
import { describe, expect, it, onTestFinished } from 'vitest'

const app = 'https://app.example.com'
const web = 'https://web.example.com'

/** An app with a real auth. */
function making(
  build: (host: Hono) => void = () => {},
  options: { cors?: boolean } = { cors: true },
  more: Partial<Options> = {},
) {
  const logged: string[] = []
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: app,
    env: {},
    production: true,
    rateLimit: { enabled: false },
    trustedOrigins: [web],
    logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
    ...more,
  })
  onTestFinished(() => auth.close())
  const host = new Hono()
  build(host)
  host.use(keystile(auth, options))
  host.get('/elsewhere', (c) => c.text('host'))
  return { host, logged, get: (path: string, headers = {}) => host.request(app + path, { headers }) }
}

const preflight = {
  method: 'OPTIONS',
  headers: { origin: web, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
}

describe('CORS', () => {
  it('is for trusted origins, under the base path only', async () => {
    const { host, get } = making()
    const { headers } = await get('/api/auth/ok', { origin: web })
    expect(headers.get('access-control-allow-origin')).toBe(web)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('vary')).toBe('Origin')
    const asked = await host.request(`${app}/api/auth/sign-in/email`, preflight)
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type'])
    expect((await get('/elsewhere', { origin: web })).headers.get('access-control-allow-origin')).toBeNull()
    expect((await host.request(`${app}/elsewhere`, preflight)).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is off unless asked for', async () => {
    const { host, get } = making(undefined, {})
    expect((await get('/api/auth/ok', { origin: web })).headers.get('access-control-allow-origin')).toBeNull()
    expect((await host.request(`${app}/api/auth/sign-in/email`, preflight)).status).toBe(404)
  })

  it('beside hono/cors doubles no header, and leaves the origin to it where it lets it in', async () => {
    const theirs = honoCors({ origin: [web], credentials: true, exposeHeaders: ['X-Theirs'] })
    const { host, get } = making((it) => it.use(theirs))
    const { headers } = await get('/api/auth/ok', { origin: web })
    expect(headers.get('access-control-allow-origin')).toBe(web)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-expose-headers')).toBe('X-Theirs')
    expect(headers.get('vary')).toBe('Origin')
    const asked = await host.request(`${app}/api/auth/sign-in/email`, preflight)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, web])
  })

  it("keeps what the host's answers vary by", async () => {
    const onRequest = () => Response.json({}, { headers: { vary: 'Cookie' } })
    for (const cors of [true, false]) {
      const { get } = making(
        (it) =>
          it.use(async (c, next) => {
            c.header('Vary', 'Accept-Language, origin')
            await next()
          }),
        { cors },
        { plugins: [{ id: 'varied', onRequest }] },
      )
      const { headers } = await get('/api/auth/ok', { origin: web })
      expect(headers.get('vary')).toBe('Accept-Language, origin, Cookie')
    }
    expect((await making().get('/api/auth/ok')).headers.get('vary')).toBe('Origin')
  })
})

describe('behind a proxy', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example.com' }

  it('is told once that nobody trusts it, and nothing where the options do', async () => {
    const plain = making()
    for (let i = 0; i < 3; i++) await plain.host.request('http://10.0.0.7:3000/api/auth/ok', { headers: forwarded })
    expect(plain.logged).toEqual([expect.stringContaining('trustedProxyHeaders: true')])
    const trusting = making(undefined, {}, { advanced: { trustedProxyHeaders: true } })
    await trusting.host.request('http://10.0.0.7:3000/api/auth/ok', { headers: forwarded })
    expect(trusting.logged).toEqual([])
  })
})
