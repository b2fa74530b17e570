import { createAuth, type Options } from '@keystile/core'
import { keystile } from '@keystile/express'
import express, { type Express } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listening } from '../../node/test/http.ts'

const app = 'https://app.example.com'
const web = 'https://web.example.com'
const json = { 'content-type': 'application/json' }
const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' })

/** A listening app with a real auth, and what it logged and mailed. */
async function serving(options: Partial<Options> = {}, build: (host: Express) => void = () => {}, cors = false) {
  const logged: string[] = []
  const links: string[] = []
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: app,
    env: {},
    production: true,
    trustedOrigins: [web],
    logger: { log: (level, message) => logged.push(`${level}: ${message}`) },
    emailAndPassword: { enabled: true },
    emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(url) },
    ...options,
  })
  onTestFinished(() => auth.close())
  const host = express()
  build(host)
  host.use(keystile(auth, { cors }))
  host.use((_req, res) => void res.send('host'))
  return { auth, logged, links, host: await listening(host.listen(0, '127.0.0.1')) }
}

describe('behind a proxy', () => {
  const forwarded = {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'app.example.com:8443',
  }
  const signUp = { method: 'POST', headers: { ...json, ...forwarded }, body }

  it('takes protocol, host, port and client from Express where it trusts the proxy', async () => {
    for (const baseURL of [undefined, { allowedHosts: ['app.example.com:*'] }]) {
      const { auth, host, links, logged } = await serving({ baseURL }, (it) => it.set('trust proxy', 1))
      const got = await host.send('/api/auth/sign-up/email', signUp)
      await auth.idle()
      expect([got.status, new URL(links[0] ?? '').origin]).toEqual([200, `${app}:8443`])
      expect(got.cookies[0]).toMatch(/^__Secure-better-auth\.session_token=.*; Secure/)
      const { store, tables } = await auth.$context
      expect((await store.list(tables.session, {}))[0]?.ipAddress).toBe('203.0.113.7')
      expect(logged.filter((line) => line.includes('proxy'))).toEqual([])
    }
  })

  it('takes nothing where Express does not', async () => {
    const { auth, host, links } = await serving({ baseURL: undefined })
    await host.send('/api/auth/sign-up/email', signUp)
    await auth.idle()
    expect(new URL(links[0] ?? '').origin).toBe(`http://127.0.0.1:${host.port}`)
    const { store, tables } = await auth.$context
    expect((await store.list(tables.session, {}))[0]?.ipAddress).toBe('127.0.0.1')
  })

  it('that ends TLS keeps cookies Secure, and says once that nobody trusts it', async () => {
    const { host, logged } = await serving()
    const got = await host.send('/api/auth/sign-up/email', { method: 'POST', headers: json, body })
    expect(got.cookies[0]).toMatch(/^__Secure-.*; Secure/)
    await host.send('/api/auth/ok')
    expect(logged).toEqual([
      expect.stringMatching(/baseURL is https:.* arrived at http:.*app\.set\('trust proxy', 1\)/),
    ])
  })

  it('says nothing of it when all agree', async () => {
    const { host, logged } = await serving({}, (it) => it.set('trust proxy', true))
    await host.send('/api/auth/ok', { headers: { ...forwarded, 'x-forwarded-host': 'app.example.com' } })
    expect(logged).toEqual([])
  })
})

describe('CORS', () => {
  const preflight = { method: 'OPTIONS', headers: { origin: web, 'access-control-request-method': 'POST' } }

  it('is for trusted origins, under the base path only', async () => {
    const { host } = await serving({}, undefined, true)
    const got = await host.send('/api/auth/ok', { headers: { origin: web } })
    expect(got.headers).toMatchObject({
      'access-control-allow-origin': web,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    })
    const asked = await host.send('/api/auth/sign-in/email', preflight)
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([204, web])
    for (const send of [{ headers: { origin: web } }, preflight]) {
      expect((await host.send('/elsewhere', send)).headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  it('is off unless asked for', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/ok', { headers: { origin: web } })
    expect(got.headers).not.toHaveProperty('access-control-allow-origin')
    expect((await host.send('/api/auth/sign-in/email', preflight)).status).toBe(404)
  })

  // What the `cors` package does, for one origin: https://web.example.com, or another.
  const theirs = (origin: string) => (host: Express) =>
    host.use((req, res, next) => {
      res.vary('Origin')
      if (req.headers.origin === origin) {
        res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' })
        res.set('Access-Control-Expose-Headers', 'X-Theirs')
      }
      next()
    })

  it.each([[web], ['https://else.example.com']])("beside the app's own, for %s, doubles no header", async (origin) => {
    const onRequest = () => Response.json({}, { headers: { 'x-ours': '1' } })
    const { host } = await serving({ plugins: [{ id: 'one', onRequest }] }, theirs(origin), true)
    const { headers } = await host.send('/api/auth/ok', { headers: { origin: web } })
    expect(headers).toMatchObject({
      'access-control-allow-origin': web,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    })
    // Where theirs has let the origin in, theirs counts.
    expect(headers['access-control-expose-headers']).toBe(origin === web ? 'X-Theirs' : 'x-ours')
  })
})
