import { once } from 'node:events'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import { connect } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { Mountable, Options, Plugin } from '@keystile/core'
import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import express, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import fastify from 'fastify'
import { Hono } from 'hono'
import { getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie'
import Koa, { type Middleware } from 'koa'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  express4,
  type Host,
  hosts,
  Koa2,
  onExpress,
  onFastify,
  onHono,
  onKoa,
  portOf,
  serving,
} from '../client/servers.ts'
import { browser } from '../support.ts'
import { handlerOf, raw } from './over-sockets.ts'
import {
  cookieHeader,
  dataName,
  getPaths,
  open,
  origin,
  postPaths,
  type Seed,
  sign,
  tokenName,
  v,
  w,
} from './support.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

async function behind(host: Host, options: Partial<Options> = {}, seed?: Seed) {
  const site = await open(options, seed)
  const handler = await handlerOf(host, site.auth)
  return { ...site, handler, caller: (remoteAddress?: string) => browser(handler, { remoteAddress }) }
}

describe('every host', () => {
  it('AD-01 answers what the handler answers: status, headers, body', async () => {
    const rows: MemoryRows = {}
    /** What only the wire has. */
    const framing = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'x-powered-by']
    const story = async (ask: (auth: Mountable) => Promise<Mountable['handler']> | Mountable['handler']) => {
      for (const table of Object.keys(rows)) rows[table]?.splice(0)
      let seed = 1
      const next = () => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed % 256
      }
      const random = (size: number) => Uint8Array.from({ length: size }, next)
      const site = await open({ database: memoryAdapter(rows), random })
      const caller = browser(await ask(site.auth))
      const told: unknown[] = []
      const note = ({ status, headers, text }: Awaited<ReturnType<typeof caller.get>>) =>
        told.push([status, [...headers].filter(([name]) => !framing.includes(name)), text])
      note(await caller.signIn({ ...v, password: 'not-the-password' }))
      note(await caller.signUp(w))
      for (const path of [...getPaths, '/none', '/error?error=x']) note(await caller.get(path))
      for (const path of getPaths) note(await caller.send(path, { method: 'HEAD' }))
      note(await caller.post('/update-user', { name: 'Ü' }))
      note(await caller.post('/update-user', '{'))
      note(await caller.post('/update-user', { name: 'x' }, { origin: 'https://evil.example' }))
      note(await caller.post('/update-user', 'x', { 'content-type': 'text/plain' }))
      note(await caller.get('/get-session'))
      for (const path of postPaths) note(await caller.post(path, {}))
      return told
    }
    const expected = await story((auth) => auth.handler)
    for (const [name, host] of Object.entries(hosts)) {
      // Its parser answers for a body that is no JSON.
      if (name === 'Express 5 after express.json()') continue
      expect(await story((auth) => handlerOf(host, auth)), name).toEqual(expected)
    }
  })

  it('AD-02 sends every cookie on a line of its own', async () => {
    for (const [name, host] of Object.entries(hosts)) {
      const { auth, caller } = await behind(host)
      const own = caller()
      await own.signIn(v)
      const lines = [`Cookie: ${cookieHeader(own.jar)}`, `Origin: ${origin}`, 'Content-Length: 0', 'Connection: close']
      const head = ['POST /api/auth/sign-out HTTP/1.1', 'Host: localhost:3000', ...lines, '', ''].join('\r\n')
      const answer = await raw(portOf(await serving(host, auth)), head)
      const set = answer.split('\r\n').filter((line) => /^set-cookie: /i.test(line))
      expect(
        set.map((line) => /: (.*?)=/.exec(line)?.[1]),
        name,
      ).toEqual([tokenName, dataName, 'better-auth.dont_remember'])
    }
  })

  it('AD-06 outlives a client that leaves midway', async () => {
    for (const [name, host] of Object.entries(hosts)) {
      const { auth, caller, logged } = await behind(host)
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const server = await serving(host, auth)
      const closed: Promise<unknown>[] = []
      server.on('connection', (socket) => closed.push(new Promise((resolve) => socket.once('close', resolve))))
      const lines = ['Host: localhost:3000', 'Content-Type: application/json', 'Content-Length: 1000', '', '{"email":']
      for (let i = 0; i < 20; i++) {
        const socket = connect(portOf(server), '127.0.0.1').on('error', () => {})
        await once(socket, 'connect')
        const sent = ['POST /api/auth/sign-in/email HTTP/1.1', ...lines].join('\r\n')
        await new Promise((resolve) => socket.write(sent, resolve))
        if (i % 2) socket.destroy()
        else socket.resetAndDestroy()
      }
      expect((await caller().signIn(v)).status, name).toBe(200)
      await Promise.all(closed)
      await auth.idle()
      expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))), name).toBe(0)
      expect(
        logged.filter((line) => line.startsWith('error')),
        name,
      ).toEqual([])
    }
  })

  it('AD-07 knows no host but its own where a request names none, and none of HTTP/2 for a header', async () => {
    const links: string[] = []
    const emailVerification = {
      sendOnSignUp: true,
      sendVerificationEmail: ({ url }: { url: string }) => void links.push(new URL(url).origin),
    }
    for (const [name, host] of Object.entries(hosts)) {
      const { auth } = await behind(host, { emailVerification })
      await auth.idle()
      links.length = 0
      const port = portOf(await serving(host, auth))
      const body = JSON.stringify(w)
      const head = ['Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n')
      const old = await raw(port, `POST /api/auth/sign-up/email HTTP/1.0\r\n${head}`)
      // Hono's server wants a host of everybody.
      expect(old, name).toMatch(name === 'Hono' ? /^HTTP\/1.1 400 / : /^HTTP\/1.1 200 /)
      expect(await raw(port, `POST /api/auth/sign-up/email HTTP/1.1\r\n${head}`), name).toMatch(/^HTTP\/1.1 400 /)
      await auth.idle()
      expect(links, name).toEqual(name === 'Hono' ? [] : [origin])
    }
    const speaking2 = {
      ...hosts,
      Fastify: onFastify(() => {}, { http2: true } as object),
    }
    for (const [name, host] of Object.entries(speaking2)) {
      // Express knows HTTP/1 alone.
      if (name.startsWith('Express')) continue
      const { auth, rows } = await behind(host, { emailVerification })
      await auth.idle()
      links.length = 0
      const server = createServer2((await host(auth)) as never)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const client = connect2(`http://127.0.0.1:${portOf(server as never)}`)
      onTestFinished(() => {
        client.destroy()
        server.close()
      })
      const headers = { ':method': 'POST', ':path': '/api/auth/sign-up/email', ':authority': 'evil.example', ...json }
      const stream = client.request(headers)
      stream.end(JSON.stringify(w))
      const [got] = await once(stream, 'response')
      expect([got[':status'], [got['set-cookie']].flat().length], name).toEqual([200, 1])
      await once(stream.resume(), 'close')
      await auth.idle()
      expect(links, name).toEqual([origin])
      expect(
        (await rows('user')).map(({ email }) => email),
        name,
      ).toContain(w.email)
    }
  })

  it('AD-08 closes the connection where an answer breaks midway, logs why, and lives', async () => {
    const broken: Plugin = {
      id: 'broken',
      onRequest: ({ url }) => {
        if (!url.endsWith('/broken')) return undefined
        let chunks = 0
        const pull = (controller: ReadableStreamDefaultController) => {
          if (chunks++ < 3) controller.enqueue(new TextEncoder().encode('part '))
          else controller.error(new Error('broke midway'))
        }
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }))
      },
    }
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const loud = (app: Express) => void app.set('env', 'development')
    const logging: Record<string, Host> = {
      ...hosts,
      'Express 5': onExpress(express, loud),
      'Express 5 after express.json()': onExpress(express, (app) => loud(app.use(express.json()))),
      'Express 4': onExpress(express4, loud),
      Fastify: onFastify(() => {}, { logger: { level: 'warn', stream } }),
    }
    vi.spyOn(console, 'error').mockImplementation((...all) => void lines.push(all.map(String).join(' ')))
    for (const [name, host] of Object.entries(logging)) {
      const { auth, caller } = await behind(host, { plugins: [broken] })
      lines.length = 0
      const got = raw(portOf(await serving(host, auth)), 'GET /api/auth/broken HTTP/1.1\r\nHost: localhost\r\n\r\n')
      // The last chunk, of no length, never comes.
      expect(await got.catch(() => ''), name).not.toMatch(/\r\n0\r\n\r\n$/)
      expect(lines.join('\n'), name).toContain('broke midway')
      expect((await caller().signIn(v)).status, name).toBe(200)
    }
  })

  it('AD-12 lets nobody pass a guard but who has a session', async () => {
    for (const [name, host] of Object.entries(hosts)) {
      const { auth, caller, clock, handler } = await behind(host, {
        session: { cookieCache: { enabled: true, maxAge: 60 } },
      })
      const at = async (cookies: ReadonlyMap<string, string>) => {
        const answer = await handler(new Request(`${origin}/guarded`, { headers: { cookie: cookieHeader(cookies) } }))
        return [answer.status, (await answer.text()).includes('"name":"V"')]
      }
      const [own, ended] = [caller(), caller()]
      await own.signIn(v)
      await ended.signIn(v)
      const token = own.jar.get(tokenName) ?? ''
      const data = own.jar.get(dataName) ?? ''
      expect(await at(own.jar), name).toEqual([200, true])
      // Nobody, a forged token, and the cache's copy without the token that it goes with.
      const refused = [[], [[tokenName, sign('A'.repeat(43))]], [[tokenName, token.slice(5)]], [[dataName, data]]]
      refused.push([
        [tokenName, sign('A'.repeat(43))],
        [dataName, data],
      ])
      for (const jar of refused) expect(await at(new Map(jar as [string, string][])), name).toEqual([401, false])
      // A copy is good for its time, and for no longer.
      const copy = new Map(ended.jar)
      await ended.post('/sign-out')
      clock.now += 61_000
      expect(await at(copy), name).toEqual([401, false])
      expect(await at(own.jar), name).toEqual([200, true])
      // A store that fails is no session.
      clock.now += 61_000
      vi.spyOn(console, 'error').mockImplementation(() => {})
      await auth.close()
      expect(await at(own.jar), name).toEqual([503, false])
    }
  })
})

/** What reads the body before the gate, and leaves what of it. */
const leaving =
  (make: (text: string) => object): Middleware =>
  async (ctx, next) => {
    let text = ''
    for await (const part of ctx.req.setEncoding('utf8')) text += part
    Object.assign(ctx.request, make(text))
    await next()
  }

const parsing: Record<string, Host> = Object.fromEntries([
  ...[express, express4].flatMap((make, i): [string, Host][] =>
    (
      [
        ['json', make.json()],
        ['urlencoded', make.urlencoded({ extended: true })],
        ['json and urlencoded', [make.json(), make.urlencoded({ extended: false })]],
        ['raw', make.raw({ type: '*/*' })],
        ['text', make.text({ type: '*/*' })],
      ] as [string, RequestHandler | RequestHandler[]][]
    ).map(([name, use]) => [`Express ${5 - i} after ${name}`, onExpress(make, (app) => app.use(use))]),
  ),
  ...[Koa, Koa2].flatMap((App, i): [string, Host][] => [
    [`Koa ${3 - i} after a buffer`, onKoa(App, (app) => app.use(leaving((text) => ({ body: Buffer.from(text) }))))],
    [`Koa ${3 - i} after a text`, onKoa(App, (app) => app.use(leaving((rawBody) => ({ rawBody, body: {} }))))],
  ]),
  [
    'Fastify after a hook',
    onFastify((app) => void app.addHook('preParsing', async (_request, _reply, payload) => payload)),
  ],
  ['Hono after json', onHono((app) => void app.use((c, next) => c.req.json().then(next, next)))],
  ['Hono after text', onHono((app) => void app.use((c, next) => c.req.text().then(next)))],
  ['Hono after a buffer', onHono((app) => void app.use((c, next) => c.req.arrayBuffer().then(next)))],
])

describe('beside what else an app has', () => {
  it('AD-03 reads a body that the host has read', async () => {
    for (const [name, host] of Object.entries(parsing)) {
      const { caller } = await behind(host)
      const { email, password } = v
      expect((await caller().signIn(v)).status, `${name}: JSON`).toBe(200)
      const fields = new URLSearchParams({ email, password }).toString()
      expect((await caller().post('/sign-in/email', fields, form)).status, `${name}: a form`).toBe(200)
      expect((await caller().post('/sign-in/email', { email, password: 'no' })).status, name).toBe(401)
    }
  })

  it('AD-04 is reached under a prefix, behind a rewrite and with a query', async () => {
    const basePath = '/app/api/auth'
    const mounted: Record<string, Host> = {
      'Express in a router': (auth) => express().use('/app', express.Router().use('/api', keystileExpress(auth))),
      'Express behind a rewrite': (auth) =>
        express()
          .use((req, _res, next) => {
            req.url = '/elsewhere?x=1'
            next()
          })
          .use(keystileExpress(auth)),
      'Fastify with a prefix': async (auth) => {
        const app = fastify({ rewriteUrl: ({ url = '' }) => url.replace('/outer', '/app') })
        app.register(async (inner) => void inner.register(keystileFastify(auth)), { prefix: '/app' })
        await app.ready()
        return (req, res) => app.routing(req, res)
      },
      Koa: (auth) => new Koa().use(keystileKoa(auth)).callback(),
      Hono: (auth) => onHono()(auth),
      'Hono in a route': async (auth) => {
        const { getRequestListener } = await import('@hono/node-server')
        const app = new Hono().route('/app', new Hono().use(keystileHono(auth)))
        return getRequestListener(app.fetch)
      },
    }
    for (const [name, host] of Object.entries(mounted)) {
      const links: URL[] = []
      const { auth, handler } = await behind(
        host,
        {
          baseURL: `${origin}${basePath}`,
          emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(new URL(url)) },
        },
        { users: [] },
      )
      const own = browser(handler, { base: `${origin}${basePath}`, origin })
      expect((await own.post('/sign-up/email?x=1&y', w)).status, name).toBe(200)
      expect((await own.get('/get-session?disableRefresh=true')).json.user, name).toMatchObject({ email: w.email })
      await auth.idle()
      const { origin: at, pathname } = links.at(-1) ?? {}
      expect([at, pathname], name).toEqual([origin, `${basePath}/verify-email`])
      expect((await browser(handler, { base: `${origin}/api/auth`, origin }).get('/ok')).status, name).toBe(404)
    }
  })

  it('AD-05 takes the address that the framework gives, by its own trust', async () => {
    const forged = { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '6.6.6.6', forwarded: 'for=6.6.6.6' }
    const trusting: Record<string, Host> = {
      'Express 5': onExpress(express, (app) => void app.set('trust proxy', '10.0.0.0/8')),
      'Express 4': onExpress(express4, (app) => void app.set('trust proxy', '10.0.0.0/8')),
      Fastify: onFastify(() => {}, { trustProxy: '10.0.0.0/8' }),
      // Koa trusts every peer or none.
      'Koa 3': onKoa(Koa, (app) => void Object.assign(app, { proxy: true })),
    }
    const addressOf = async (host: Host, peer: string, headers = forged) => {
      const { caller, rows } = await behind(host)
      await caller(peer).post('/sign-in/email', v, headers)
      return (await rows('session'))[0]?.ipAddress
    }
    for (const [name, host] of Object.entries(trusting)) {
      expect(await addressOf(host, '10.0.0.1'), name).toBe('198.51.100.7')
      if (!name.startsWith('Koa')) {
        expect(await addressOf(host, '203.0.113.5'), name).toBe('203.0.113.5')
        const chain = { ...forged, 'x-forwarded-for': '6.6.6.6, 198.51.100.7, 10.0.0.9' }
        expect(await addressOf(host, '10.0.0.1', chain), name).toBe('198.51.100.7')
      }
    }
    for (const [name, host] of Object.entries(hosts)) expect(await addressOf(host, '10.0.0.1'), name).toBe('10.0.0.1')
  })

  it('AD-10 needs no content type parser of Fastify, and says so where a hook took the body', async () => {
    const replaced = onFastify((app) => {
      app.removeAllContentTypeParsers()
      app.addContentTypeParser('*', (_request, _payload, done) => done(new Error('a parser that refuses')))
    })
    expect((await (await behind(replaced)).caller().signIn(v)).status).toBe(200)
    const none = onFastify((app) => app.removeAllContentTypeParsers())
    expect((await (await behind(none)).caller().signIn(v)).status).toBe(200)
    const taken = onFastify((app) => {
      app.addHook('onRequest', async ({ raw }) => {
        for await (const _ of raw);
      })
    })
    // Its sign-ups go to the handler itself.
    const answer = await (await behind(taken)).caller().signIn(v)
    expect(answer).toMatchObject({ status: 400, json: { code: 'BODY_ALREADY_READ' } })
  })

  it("AD-11 leaves the app's own cookies and sessions alone", async () => {
    const keyed = (app: Koa) => {
      app.keys = ['a key of the app']
      app.use(async (ctx, next) => {
        const seen = ctx.cookies.get('visits', { signed: true }) ?? '0'
        ctx.cookies.set('visits', String(Number(seen) + 1), { signed: true })
        await next()
        ctx.cookies.set('left', '1')
      })
    }
    const counting = (app: Express) => {
      app.use(session({ name: 'visits', secret: 'a key of the app', resave: false, saveUninitialized: true }))
      app.use((req, res, next) => {
        const own = req.session as unknown as { visits?: number }
        own.visits = (own.visits ?? 0) + 1
        res.cookie('left', String(own.visits))
        next()
      })
    }
    const beside: Record<string, Host> = {
      Fastify: onFastify((app) => {
        app.register(fastifyCookie)
        app.register(fastifySession, { cookieName: 'visits', secret: 'k'.repeat(32), cookie: { secure: false } })
        app.after(() => {
          app.addHook('onRequest', async ({ session }, reply) => {
            const own = session as unknown as { visits?: number }
            own.visits = (own.visits ?? 0) + 1
            reply.setCookie('left', String(own.visits))
          })
        })
      }),
      Hono: onHono((app) => {
        app.use(async (c, next) => {
          const seen = (await getSignedCookie(c, 'a key of the app', 'visits')) || '0'
          await setSignedCookie(c, 'visits', String(Number(seen) + 1), 'a key of the app')
          await next()
          setCookie(c, 'left', '1')
        })
      }),
      'Koa 3': onKoa(Koa, keyed),
      'Koa 2': onKoa(Koa2, keyed),
      'Express 5': onExpress(express, counting),
      'Express 4': onExpress(express4, counting),
    }
    for (const [name, host] of Object.entries(beside)) {
      const { caller, handler } = await behind(host)
      const own = caller()
      const { setCookies } = await own.signIn({ ...v, rememberMe: false })
      const names = setCookies.map((line) => line.split('=')[0])
      for (const cookie of ['visits', 'left', tokenName, 'better-auth.dont_remember']) {
        expect(
          names.filter((other) => other === cookie),
          `${name}: ${cookie}`,
        ).toHaveLength(1)
      }
      const hello = await handler(new Request(`${origin}/hello`, { headers: { cookie: cookieHeader(own.jar) } }))
      expect(await hello.json(), name).toEqual({ name: 'V' })
      const again = await own.get('/get-session')
      expect(again.json.user, name).toMatchObject({ email: v.email })
      const value = /^Koa|Hono/.test(name) ? 'visits=2' : 'left=3'
      expect(again.setCookies.join('\n'), name).toContain(value)
      // Signing out ends ours alone.
      await own.post('/sign-out')
      expect([...own.jar.keys()].sort(), name).toEqual(expect.arrayContaining(['left', 'visits']))
      expect(own.jar.has(tokenName), name).toBe(false)
    }
  })
})
