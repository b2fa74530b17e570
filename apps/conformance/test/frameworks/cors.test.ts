/** Beside the CORS middleware that apps of each framework have, before it and behind it: no header comes twice. */
import { type IncomingMessage, type RequestListener, request } from 'node:http'
import fastifyCors from '@fastify/cors'
import { getRequestListener } from '@hono/node-server'
import type { Mountable, Plugin } from '@keystile/core'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { keystile as keystileNode } from '@keystile/node'
import koaCors from '@koa/cors'
import cors from 'cors'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { cors as honoCors } from 'hono/cors'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { express4, Koa2, portOf, serving } from '../client/servers.ts'
import { setup } from '../support.ts'

/** `origins`: whom the app's own middleware lets in, with credentials; `*` is everybody, without. */
interface Theirs {
  readonly origins: readonly string[] | '*'
  /** Whether it comes before ours. */
  readonly first: boolean
  /** Whether it leaves the answer to a preflight to what comes next, where it can. */
  readonly onwards?: boolean
}

/** An app with both, and a page of its own. */
type Build = (auth: Mountable, theirs: Theirs) => RequestListener | Promise<RequestListener>

const web = 'https://web.example.com'
const other = 'https://other.example.com'
const foreign = 'https://evil.example'

const header: Plugin = {
  id: 'header',
  onRequest: ({ url }) => (url.endsWith('/header') ? Response.json({}, { headers: { 'x-ours': '1' } }) : undefined),
}

/** The options that `cors` and `@fastify/cors` have in common. */
const optionsOf = ({ origins, onwards = false }: Theirs) =>
  origins === '*'
    ? { preflightContinue: onwards }
    : { origin: [...origins], credentials: true, exposedHeaders: 'X-Theirs', preflightContinue: onwards }

const onExpress =
  (make: typeof express): Build =>
  (auth, theirs) => {
    const both = [cors(optionsOf(theirs)), keystileExpress(auth, { cors: true })] as const
    const app = make().use(...(theirs.first ? both : both.toReversed()))
    app.get('/page', (_req, res) => void res.send('page'))
    return app
  }

const onKoa =
  (App: typeof Koa): Build =>
  (auth, { origins, first }) => {
    // By itself it says the first of its origins to everybody.
    const origin = (ctx: Koa.Context) => (origins.includes(ctx.get('origin')) ? ctx.get('origin') : '')
    const own = origins === '*' ? koaCors() : koaCors({ origin, credentials: true, exposeHeaders: 'X-Theirs' })
    const both = [own, keystileKoa(auth, { cors: true }) as Koa.Middleware]
    const app = new App()
    for (const use of first ? both : both.reverse()) app.use(use)
    return app
      .use((ctx) => {
        ctx.body = 'page'
      })
      .callback()
  }

const builds: Readonly<Record<string, Build>> = {
  'Express 5': onExpress(express),
  'Express 4': onExpress(express4),
  Fastify: async (auth, theirs) => {
    const app = fastify()
    const both = [
      () => app.register(fastifyCors, optionsOf(theirs)),
      () => app.register(keystileFastify(auth, { cors: true })),
    ]
    for (const register of theirs.first ? both : both.reverse()) register()
    app.get('/page', async () => 'page')
    await app.ready()
    return (req, res) => app.routing(req, res)
  },
  'Koa 3': onKoa(Koa),
  'Koa 2': onKoa(Koa2),
  Hono: (auth, { origins, first }) => {
    const own =
      origins === '*' ? honoCors() : honoCors({ origin: [...origins], credentials: true, exposeHeaders: ['X-Theirs'] })
    const both = [own, keystileHono(auth, { cors: true })] as const
    const app = new Hono()
    for (const use of first ? both : both.toReversed()) app.use(use)
    app.get('/page', (c) => c.text('page'))
    return getRequestListener(app.fetch)
  },
  'node:http': (auth, theirs) => {
    const own = cors(optionsOf(theirs))
    const gate = keystileNode(auth, { cors: true })
    const page = (res: Parameters<RequestListener>[1]) => res.end('page')
    if (theirs.first) return (req, res) => own(req, res, () => gate(req, res, () => page(res)))
    return (req, res) => gate(req, res, () => own(req, res, () => page(res)))
  },
}

async function serve(build: Build, theirs: Theirs) {
  const { auth } = setup({ trustedOrigins: [web], plugins: [header] })
  const port = portOf(await serving(() => build(auth, theirs), auth))
  return (path: string, origin: string, asked = false) =>
    new Promise<{ status: number | undefined; cors: Record<string, string[]> }>((resolve, reject) => {
      const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
      const headers = { origin, connection: 'close', ...(asked && preflight) }
      const answered = (res: IncomingMessage) => resolve({ status: res.resume().statusCode, cors: corsOf(res) })
      request({ port, host: '127.0.0.1', path, headers, method: asked ? 'OPTIONS' : 'GET' }, answered)
        .on('error', reject)
        .end()
    })
}

/** What is said of origins: one value for each line, those of `vary` for each name. */
function corsOf({ headersDistinct }: IncomingMessage): Record<string, string[]> {
  const told = Object.entries(headersDistinct).filter(([name]) => /^(?:vary|access-control-.*)$/.test(name))
  return Object.fromEntries(
    told.map(([name, lines = []]) => [
      name,
      name === 'vary' ? lines.flatMap((line) => line.toLowerCase().split(/, */)).sort() : lines,
    ]),
  )
}

/** Nothing stands there twice. */
function expectOnce(told: Record<string, string[]>, host: string): void {
  for (const [name, values] of Object.entries(told)) {
    if (name !== 'vary') expect(values, `${host}: ${name}`).toHaveLength(1)
    // hono/cors adds its one name to whatever it finds, once all others are done.
    else if (host !== 'Hono') expect(values, host).toEqual([...new Set(values)])
  }
}

const allows = (origin: string) => ({
  'access-control-allow-origin': [origin],
  'access-control-allow-credentials': ['true'],
})

describe.for(Object.entries(builds))("beside the app's own CORS middleware, on %s", ([name, build]) => {
  const onFastify = name === 'Fastify'
  const letting = [[web], [other], [web, other], '*'] as const

  // On Fastify theirs leaves our routes to us, in either order.
  if (!onFastify)
    it.for(letting)('before ours, letting in %s', async (origins) => {
      const ask = await serve(build, { origins, first: true })
      const trusted = await ask('/api/auth/header', web)
      expectOnce(trusted.cors, name)
      expect(trusted.cors).toMatchObject(allows(web))
      // Where theirs has let the origin in, theirs counts.
      const theirs = origins !== '*' && origins.some((origin) => origin === web)
      expect(trusted.cors['access-control-expose-headers']).toEqual([theirs ? 'X-Theirs' : 'x-ours'])
      for (const origin of [other, foreign]) {
        const told = await ask('/api/auth/header', origin)
        expectOnce(told.cors, name)
        const expected = origins === '*' ? ['*'] : origins.some((one) => one === origin) ? [origin] : undefined
        expect(told.cors['access-control-allow-origin'], `${name} ${origin}`).toEqual(expected)
      }
      // They answer preflights themselves.
      const asked = await ask('/api/auth/sign-in/email', theirs ? web : other, true)
      expectOnce(asked.cors, name)
      if (theirs) expect([asked.status, asked.cors]).toEqual([204, expect.objectContaining(allows(web))])
      const page = await ask('/page', web)
      expectOnce(page.cors, name)
      expect(page.cors['access-control-allow-origin']).toEqual(origins === '*' ? ['*'] : theirs ? [web] : undefined)
    })

  it.for(letting)('behind ours, letting in %s', async (origins) => {
    const orders = onFastify ? [true, false] : [false]
    for (const [first, asked] of orders.flatMap((first) => [[first, false] as const, [first, true] as const])) {
      const ask = await serve(build, { origins, first })
      const trusted = await ask('/api/auth/header', web, asked)
      expectOnce(trusted.cors, name)
      expect([trusted.status, trusted.cors]).toEqual([asked ? 204 : 200, expect.objectContaining(allows(web))])
      if (!asked) expect(trusted.cors['access-control-expose-headers']).toEqual(['x-ours'])
      else expect(trusted.cors['access-control-allow-headers']).toEqual(['content-type'])
      // Theirs is not asked below the base path.
      const told = await ask('/api/auth/header', other, asked)
      expect(told.cors).not.toHaveProperty('access-control-allow-origin')
      // Nor ours above it.
      for (const origin of [other, web]) {
        const page = await ask('/page', origin, asked)
        expectOnce(page.cors, name)
        const expected = origins === '*' ? ['*'] : origins.some((one) => one === origin) ? [origin] : undefined
        expect(page.cors['access-control-allow-origin'], `${asked}`).toEqual(expected)
      }
    }
  })
})

describe.for(['Express 5', 'Express 4', 'Fastify', 'node:http'])(
  'beside one that leaves preflights to us, on %s',
  (name) => {
    const build = builds[name] as Build

    it.for([[web], [other], '*'] as const)('and lets in %s', async (origins) => {
      const ask = await serve(build, { origins, first: true, onwards: true })
      const { status, cors } = await ask('/api/auth/sign-in/email', web, true)
      expectOnce(cors, name)
      expect([status, cors]).toEqual([
        204,
        expect.objectContaining({ ...allows(web), 'access-control-allow-headers': ['content-type'] }),
      ])
    })
  },
)
