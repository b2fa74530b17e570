/** What a guard throws where it cannot know: an app's own error handler can tell it apart, and answer as it likes. */
import { createServer, type RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createAuth, type Mountable } from '@keystile/core'
import { keystile as keystileExpress, ReadFailure as OnExpress } from '@keystile/express'
import { keystile as keystileFastify, ReadFailure as OnFastify } from '@keystile/fastify'
import { keystile as keystileHono, ReadFailure as OnHono } from '@keystile/hono'
import { keystile as keystileKoa, ReadFailure as OnKoa } from '@keystile/koa'
import { keystile as keystileNode, ReadFailure as OnNode } from '@keystile/node'
import express, { type ErrorRequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { listening } from '../../../../packages/node/test/http.ts'
import { express4, Koa2 } from '../client/servers.ts'

/** What the app's handler has to say of an error, by the class that the adapter exports. */
const said = (failure: typeof OnNode, error: unknown) =>
  error instanceof failure ? `${error.status} ${error.code} ${error.message}` : 'something else'

type Build = (auth: Mountable) => RequestListener | Promise<RequestListener>

const onExpress =
  (make: typeof express): Build =>
  (auth) => {
    const gate = keystileExpress(auth)
    const answer: ErrorRequestHandler = (error, _req, res, _next) => void res.send(said(OnExpress, error))
    return make().use(gate).use(gate.requireSession()).use(answer)
  }

const onKoa =
  (App: typeof Koa): Build =>
  (auth) => {
    const gate = keystileKoa(auth)
    const app = new App().use(async (ctx, next) => {
      await next().catch((error) => {
        ctx.body = said(OnKoa, error)
      })
    })
    return app.use(gate).use(gate.requireSession()).callback()
  }

const builds: Readonly<Record<string, Build>> = {
  'Express 5': onExpress(express),
  'Express 4': onExpress(express4),
  Fastify: async (auth) => {
    const app = fastify()
    const gate = keystileFastify(auth)
    app.register(gate)
    app.get('/', { preHandler: gate.requireSession() }, async () => 'in')
    app.setErrorHandler((error, _request, reply) => reply.send(said(OnFastify, error)))
    await app.ready()
    return (req, res) => app.routing(req, res)
  },
  'Koa 3': onKoa(Koa),
  'Koa 2': onKoa(Koa2),
  Hono: (auth) => {
    const gate = keystileHono(auth)
    const app = new Hono().use(gate).use(gate.requireSession())
    return getRequestListener(app.onError((error, c) => c.text(said(OnHono, error))).fetch)
  },
  'node:http': (auth) => {
    const gate = keystileNode(auth)
    const guard = gate.requireSession()
    return (req, res) => gate(req, res, () => guard(req, res, (error) => res.end(said(OnNode, error))))
  },
}

describe.for(Object.entries(builds))('on %s', ([, build]) => {
  it('a ReadFailure, with the status of what happened and no word of it', async () => {
    const auth = createAuth({
      database: ':memory:',
      secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
      baseURL: 'http://localhost:3000',
      env: {},
      logger: { disabled: true },
      emailAndPassword: { enabled: true },
    })
    const host = await listening(createServer(await build(auth)))
    const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' })
    const headers = { 'content-type': 'application/json' }
    const { cookies } = await host.send('/api/auth/sign-up/email', { method: 'POST', headers, body })
    await auth.close()
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
    expect((await host.send('/', { headers: { cookie } })).text).toBe('503 SERVICE_UNAVAILABLE Service Unavailable')
  })
})
