/** The hosts that the client is tried against: each serves one auth on a free port until the test ends. */
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { serve } from '@hono/node-server'
import type { Mountable } from '@keystile/core'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { toNodeHandler } from '@keystile/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { onTestFinished } from 'vitest'

/** Answers the auth's paths, and `/hello` with the name of the caller. */
type Start = (auth: Mountable) => Server

function expressApp(auth: Mountable, parseBefore: boolean): Server {
  const app = express()
  const gate = keystileExpress(auth)
  if (parseBefore) app.use(express.json())
  app.use(gate)
  app.get('/hello', async (req, res) => {
    const user = await gate.getUser(req)
    res.json({ name: user && 'name' in user ? user.name : null })
  })
  return app.listen(0, '127.0.0.1')
}

function honoApp(auth: Mountable): Server {
  const app = new Hono()
  const gate = keystileHono(auth)
  app.use(gate)
  app.get('/hello', async (c) => {
    const user = await gate.getUser(c)
    return c.json({ name: user && 'name' in user ? String(user.name) : null })
  })
  return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
}

function fastifyApp(auth: Mountable): Server {
  const app = fastify()
  const gate = keystileFastify(auth)
  app.register(gate)
  app.get('/hello', async (request) => {
    const user = await gate.getUser(request)
    return { name: user && 'name' in user ? user.name : null }
  })
  void app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

function koaApp(auth: Mountable): Server {
  const gate = keystileKoa(auth)
  const app = new Koa().use(gate).use(async (ctx) => {
    const user = await gate.getUser(ctx)
    ctx.body = { name: user && 'name' in user ? user.name : null }
  })
  return app.listen(0, '127.0.0.1')
}

function nodeApp(auth: Mountable): Server {
  const answer = toNodeHandler(auth)
  const server = createServer(async (req, res) => {
    if (req.url !== '/hello') return answer(req, res)
    const { pair } = await auth.readSession(new Headers({ cookie: req.headers.cookie ?? '' }))
    const name = pair && 'name' in pair.user ? pair.user.name : null
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ name }))
  })
  return server.listen(0, '127.0.0.1')
}

export const servers: readonly (readonly [name: string, Start])[] = [
  ['Express', (auth) => expressApp(auth, false)],
  ['Express after express.json()', (auth) => expressApp(auth, true)],
  ['Fastify', fastifyApp],
  ['Koa', koaApp],
  ['Hono', honoApp],
  ['node:http', nodeApp],
]

/** The origin it listens on. */
export async function listening(server: Server): Promise<string> {
  onTestFinished(() => {
    server.close()
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
      server.closeAllConnections()
  })
  if (!server.listening) await new Promise<void>((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
