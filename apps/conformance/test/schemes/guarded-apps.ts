/** One app on every framework: an API, guarded routes of the host's own, and what else the host answers. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { ApiHandler, SchemeList } from '@keystile/core/api'
import { requestAuth } from '@keystile/core/api'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { keystile as keystileNode } from '@keystile/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { express4, Koa2 } from '../client/servers.ts'

export type GuardedApp = (api: ApiHandler, schemes: SchemeList) => RequestListener | Promise<RequestListener>

interface Found {
  readonly scheme: string
}

/** `/guarded` around a handler, `/between` as middleware, `/page` sends strangers away. */
const said = (who: Found, request: object) => ({ scheme: who.scheme, known: requestAuth(request)?.scheme })
const ofRequest = (request: object) => {
  const who = requestAuth(request, { strict: true })
  return said(who, request)
}
const away = { redirectTo: '/sign-in' }

const onExpress =
  (make: typeof express): GuardedApp =>
  (api, schemes) => {
    const app = make()
    const gate = keystileExpress(api)
    app.use(gate)
    app.all(
      '/guarded',
      gate.requireAuth(schemes, (req, res, who) => void res.json(said(who, req))),
    )
    app.all('/between', gate.requireAuth(schemes), (req, res) => void res.json(ofRequest(req)))
    app.all('/page', gate.requireAuth(schemes, away), (_req, res) => void res.send('page'))
    app.get('/api/beside', (_req, res) => void res.send('beside'))
    app.use((_req, res) => void res.send('host'))
    return app
  }

const onKoa =
  (App: typeof Koa): GuardedApp =>
  (api, schemes) => {
    const app = new App()
    const gate = keystileKoa(api)
    const guarded = gate.requireAuth(schemes, (ctx, who) => {
      ctx.body = said(who, ctx)
    })
    const [between, page] = [gate.requireAuth(schemes), gate.requireAuth(schemes, away)]
    app.use(gate).use(async (ctx, next) => {
      const says = (body: () => unknown) => async () => {
        ctx.body = body()
      }
      if (ctx.path === '/guarded') await guarded(ctx, next)
      else if (ctx.path === '/between')
        await between(
          ctx,
          says(() => ofRequest(ctx.req)),
        )
      else if (ctx.path === '/page')
        await page(
          ctx,
          says(() => 'page'),
        )
      else ctx.body = ctx.path === '/api/beside' ? 'beside' : 'host'
    })
    return app.callback()
  }

const onFastify: GuardedApp = async (api, schemes) => {
  const app = fastify()
  const gate = keystileFastify(api)
  // Before and after: neither may take the other's paths.
  app.get('/api/beside', async () => 'beside')
  app.register(gate)
  app.all(
    '/guarded',
    gate.requireAuth(schemes, async (request, _reply, who) => said(who, request)),
  )
  app.all('/between', { onRequest: gate.requireAuth(schemes) }, async (request) => ofRequest(request.raw))
  app.all('/page', { preHandler: gate.requireAuth(schemes, away) }, async () => 'page')
  app.all('/*', async () => 'host')
  await app.ready()
  return (req, res) => app.routing(req, res)
}

const onHono: GuardedApp = (api, schemes) => {
  const app = new Hono()
  const gate = keystileHono(api)
  app.use(gate)
  app.all(
    '/guarded',
    gate.requireAuth(schemes, (c, who) => c.json(said(who, c))),
  )
  app.all('/between', gate.requireAuth(schemes), (c) => Response.json(ofRequest(c.req.raw)))
  app.all('/page', gate.requireAuth(schemes, away), (c) => c.text('page'))
  app.get('/api/beside', (c) => c.text('beside'))
  app.all('*', (c) => c.text('host'))
  return getRequestListener(app.fetch)
}

const onNode: GuardedApp = (api, schemes) => {
  const gate = keystileNode(api)
  const json = (res: ServerResponse, value: unknown) =>
    res.setHeader('content-type', 'application/json').end(JSON.stringify(value))
  const [between, page] = [gate.requireAuth(schemes), gate.requireAuth(schemes, away)]
  const routes: Record<string, (req: IncomingMessage, res: ServerResponse) => unknown> = {
    '/guarded': gate.requireAuth(schemes, (req, res, who) => json(res, said(who, req))),
    '/between': (req, res) => between(req, res, () => json(res, ofRequest(req))),
    '/page': (req, res) => page(req, res, () => res.end('page')),
    '/api/beside': (_req, res) => res.end('beside'),
  }
  return async (req, res) => {
    if (await gate(req, res)) return
    const route = routes[req.url ?? '']
    if (route) await route(req, res)
    else res.end('host')
  }
}

export const guardedApps = {
  'Express 5': onExpress(express),
  'Express 4': onExpress(express4),
  Fastify: onFastify,
  'Koa 3': onKoa(Koa),
  'Koa 2': onKoa(Koa2),
  Hono: onHono,
  'node:http': onNode,
} satisfies Record<string, GuardedApp>

/** The API alone, with no host around it. */
export const plain: GuardedApp = (api) => getRequestListener(api.fetch)
