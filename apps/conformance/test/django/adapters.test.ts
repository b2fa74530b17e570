/** Django's sessions on four frameworks: one app, one table of requests, over sockets. */
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Django, type DjangoRequest, type DjangoUser, django, type SqlDriver } from '@keystile/django'
import { keystile as onExpress } from '@keystile/express'
import { keystile as onFastify } from '@keystile/fastify'
import { keystile as onHono } from '@keystile/hono'
import { keystile as onKoa } from '@keystile/koa'
import express from 'express'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { migratedSqlite } from '../../../../packages/django/test/scratch.ts'

const load = createRequire(import.meta.url)
const express4: typeof express = load('express4')
const Koa2: typeof Koa = load('koa2')

type Auth = DjangoRequest<DjangoUser>
interface Reply {
  readonly status: number
  readonly body: string
}

/** What the app does at each path, whatever the framework. */
const routes: Readonly<Record<string, (auth: () => Auth, site: Django) => Promise<Reply>>> = {
  '/idle': async () => ({ status: 200, body: 'idle' }),
  '/login': async (auth, site) => {
    const user = await site.authenticate('ada', 'ada-pw')
    if (user) await auth().login(user)
    return { status: 200, body: 'in' }
  },
  '/logout': async (auth) => {
    await auth().logout()
    return { status: 200, body: 'out' }
  },
  '/who': async (auth) => ({ status: 200, body: String((await auth().user())?.get('username') ?? 'nobody') }),
  '/note': async (auth) => {
    const session = await auth().session()
    session.set('note', 'kept')
    return { status: 200, body: 'noted' }
  },
  '/read': async (auth) => ({ status: 200, body: String((await auth().session()).get('note')) }),
  '/teapot': async (auth) => {
    ;(await auth().session()).set('note', 'teapot')
    return { status: 418, body: 'short and stout' }
  },
  '/boom': async (auth) => {
    ;(await auth().session()).set('note', 'boom')
    throw new Error('boom')
  },
  '/vanish': async (auth, site) => {
    const session = await auth().session()
    const same = await site.openSession(session.key)
    await same.flush()
    session.set('note', 'too late')
    return { status: 200, body: 'never' }
  },
}

const known = (path: string) => routes[path] ?? (async () => ({ status: 404, body: '' }))
const quiet = () => undefined

/** Each gives a server whose `/me` is behind `requireUser`. */
const frameworks: Readonly<Record<string, (site: Django) => Promise<Server>>> = {
  'Express 5': async (site) => expressServer(express(), site),
  'Express 4': async (site) => expressServer(express4(), site),
  'Koa 3': async (site) => koaServer(new Koa(), site),
  'Koa 2': async (site) => koaServer(new Koa2(), site),
  async Fastify(site) {
    const app = fastify()
    const gate = onFastify.django(site)
    await app.register(gate)
    app.get('/me', { preHandler: gate.requireUser() }, async (request) =>
      String((await gate.getUser(request))?.get('username')),
    )
    app.get(
      '/mine',
      gate.requireUser(async (_request, _reply, user) => String(user.get('username'))),
    )
    app.get('/*', async (request, reply) => {
      const { status, body } = await known(request.url)(() => Reflect.get(request, 'auth'), site)
      return reply.code(status).send(body)
    })
    await app.ready()
    return app.server
  },
  async Hono(site) {
    const gate = onHono.django(site)
    const app = new Hono().use(gate)
    // Hono's own handler, but for its telling the console.
    app.onError((error, c) =>
      'getResponse' in error ? (error.getResponse as () => Response)() : c.text('failed', 500),
    )
    app.get('/me', gate.requireUser(), async (c) => c.text(String((await gate.getUser(c))?.get('username'))))
    app.get(
      '/mine',
      gate.requireUser((c, user) => c.text(String(user.get('username')))),
    )
    app.get('/*', async (c: Context) => {
      const { status, body } = await known(c.req.path)(() => c.get('auth'), site)
      return c.body(body, status as 200)
    })
    return createServer(getRequestListener(app.fetch))
  },
}

function expressServer(app: ReturnType<typeof express>, site: Django): Server {
  const gate = onExpress.django(site)
  app.use(gate)
  app.get('/me', gate.requireUser(), (req, res, next) => {
    gate.getUser(req).then((user) => res.send(String(user?.get('username'))), next)
  })
  app.get(
    '/mine',
    gate.requireUser((_req, res, user) => res.send(String(user.get('username')))),
  )
  app.use((req, res, next) => {
    known(req.path)(() => Reflect.get(req, 'auth'), site).then(
      ({ status, body }) => res.status(status).send(body),
      next,
    )
  })
  app.use(((error, _req, res, _next) => res.status(error.status ?? 500).send('failed')) as express.ErrorRequestHandler)
  return createServer(app)
}

function koaServer(app: Koa, site: Django): Server {
  const gate = onKoa.django(site)
  app.on('error', quiet)
  app.use(gate)
  const guards: Record<string, Koa.Middleware> = {
    '/me': gate.requireUser(),
    '/mine': gate.requireUser((ctx, user) => {
      ctx.body = String(user.get('username'))
    }),
  }
  app.use((ctx, next) => (guards[ctx.path] ? guards[ctx.path]?.(ctx, next) : next()))
  app.use(async (ctx) => {
    if (ctx.path === '/me') {
      ctx.body = String((await gate.getUser(ctx))?.get('username'))
      return
    }
    const { status, body } = await known(ctx.path)(() => ctx.state.auth, site)
    ctx.status = status
    ctx.body = body
  })
  return createServer(app.callback())
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function open(start: (site: Django) => Promise<Server>) {
  const scratch = await migratedSqlite()
  closing.push(() => scratch.drop())
  let statements = 0
  const counted: SqlDriver = {
    ...scratch.driver,
    all(...args) {
      statements++
      return scratch.driver.all(...args)
    },
    async first(...args) {
      statements++
      return (await scratch.driver.all(...args))[0]
    },
    run(...args) {
      statements++
      return scratch.driver.run(...args)
    },
  }
  const site = django({
    driver: counted,
    secretKey: 'a secret key of tests',
    passwordHashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }],
    csrf: { allowedHosts: ['127.0.0.1'] },
  })
  await site.users.register({ username: 'ada', password: 'ada-pw' })
  const server = await start(site)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jar = new Map<string, string>()

  const get = async (path: string) => {
    statements = 0
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(origin + path, { headers: cookie ? { cookie } : {}, redirect: 'manual' })
    const lines = answer.headers.getSetCookie()
    for (const line of lines) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=')
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const names = lines.map((line) => line.slice(0, line.indexOf('='))).sort()
    const vary = (answer.headers.get('vary') ?? '').split(/, */).some((part) => part.toLowerCase() === 'cookie')
    return { status: answer.status, body: await answer.text(), names, vary, statements }
  }
  const rows = async () => (await scratch.driver.all('select session_key, session_data from django_session')).length
  return { get, jar, rows, site }
}

describe.each(Object.entries(frameworks))('Django on %s', (_name, start) => {
  it('makes no query and sends no cookie where nobody asks', async () => {
    const { get, jar } = await open(start)
    jar.set('sessionid', 'a'.repeat(32))
    expect(await get('/idle')).toEqual({ status: 200, body: 'idle', names: [], vary: false, statements: 0 })
  })

  it('signs in, knows who it is, and signs out', async () => {
    const { get, jar, rows } = await open(start)
    expect(await get('/who')).toMatchObject({ body: 'nobody', names: [], vary: true })
    expect(await get('/login')).toMatchObject({ body: 'in', names: ['csrftoken', 'sessionid'], vary: true })
    expect(await get('/who')).toMatchObject({ body: 'ada', names: [], vary: true, statements: 2 })
    expect(await get('/logout')).toMatchObject({ body: 'out', names: ['sessionid'] })
    expect(jar.has('sessionid')).toBe(false)
    expect(await rows()).toBe(0)
    expect(await get('/who')).toMatchObject({ body: 'nobody' })
  })

  it('guards routes', async () => {
    const { get } = await open(start)
    for (const path of ['/me', '/mine']) {
      const { status, body } = await get(path)
      expect({ status, code: JSON.parse(body).code }).toEqual({ status: 401, code: 'UNAUTHORIZED' })
    }
    await get('/login')
    for (const path of ['/me', '/mine']) expect(await get(path)).toMatchObject({ status: 200, body: 'ada' })
  })

  it('keeps what is put into a session, unless the answer is an error of the server', async () => {
    const { get, rows } = await open(start)
    expect(await get('/boom')).toMatchObject({ status: 500, names: [] })
    expect(await rows()).toBe(0)
    expect(await get('/note')).toMatchObject({ status: 200, names: ['sessionid'] })
    expect(await get('/read')).toMatchObject({ body: 'kept', names: [] })
    expect(await get('/boom')).toMatchObject({ status: 500, names: [] })
    expect(await get('/read')).toMatchObject({ body: 'kept' })
    expect(await get('/teapot')).toMatchObject({ status: 418, names: ['sessionid'] })
    expect(await get('/read')).toMatchObject({ body: 'teapot' })
  })

  it('answers 400 where the session was ended meanwhile, and brings nothing back', async () => {
    const { get, rows } = await open(start)
    await get('/login')
    const { status, body } = await get('/vanish')
    expect(status).toBe(400)
    expect(body).not.toContain('never')
    expect(await rows()).toBe(0)
    expect(await get('/who')).toMatchObject({ body: 'nobody' })
  })
})

describe.each(Object.entries({ onExpress, onFastify, onHono, onKoa }))('a gate %s', (_name, { django: gateOf }) => {
  it('refuses options that nothing reads', () => {
    expect(() => (gateOf as (...given: object[]) => unknown)({}, { nam: 'who' })).toThrow(
      expect.objectContaining({ code: 'OPTION_UNKNOWN', message: expect.stringContaining('django(): ') }),
    )
  })
})
