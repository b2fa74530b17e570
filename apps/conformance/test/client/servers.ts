/** The hosts that an auth is tried through: each answers on a free port until the test ends. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Mountable } from '@keystile/core'
import { keystile as keystileExpress } from '@keystile/express'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { keystile as keystileNode } from '@keystile/node'
import express, { type Express } from 'express'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { onTestFinished } from 'vitest'

// The types of the newer majors say of the older all that is used here.
const require = createRequire(import.meta.url)
export const express4: typeof express = require('express4')
export const Koa2: typeof Koa = require('koa2')

/** Answers the auth's paths, and with the caller's name: `/hello` anyone, `/guarded` who is signed in. */
export type Host = (auth: Mountable) => RequestListener | Promise<RequestListener>

const nameOf = (user: object | null) => ({ name: user && 'name' in user ? user.name : null })

// A path that cannot be decoded is a bad request to Fastify, to all others a path without a route.
const notFound: FastifyServerOptions['frameworkErrors'] = (_error, _request, reply) =>
  void (reply as FastifyReply).code(404).send()

/** What is set up runs before the gate. */
export const onExpress =
  (make: typeof express, setUp: (app: Express) => void = () => {}): Host =>
  (auth) => {
    const app = make()
    const gate = keystileExpress(auth)
    setUp(app)
    app.use(gate)
    app.get('/hello', async (req, res) => void res.json(nameOf(await gate.getUser(req))))
    app.get(
      '/guarded',
      gate.requireSession((_req, res, { user }) => void res.json(nameOf(user))),
    )
    return app
  }

export const onKoa =
  (App: typeof Koa, setUp: (app: Koa) => void = () => {}): Host =>
  (auth) => {
    const app = new App()
    const gate = keystileKoa(auth)
    setUp(app)
    const guarded = gate.requireSession((ctx, { user }) => {
      ctx.body = nameOf(user)
    })
    app.use(gate).use(async (ctx, next) => {
      if (ctx.path === '/hello') ctx.body = nameOf(await gate.getUser(ctx))
      if (ctx.path === '/guarded') await guarded(ctx, next)
    })
    return app.callback()
  }

export const onFastify =
  (setUp: (app: FastifyInstance) => void = () => {}, options: FastifyServerOptions = {}): Host =>
  async (auth) => {
    const app = fastify({ frameworkErrors: notFound, ...options })
    const gate = keystileFastify(auth)
    setUp(app)
    app.register(gate)
    app.get('/hello', async (request) => nameOf(await gate.getUser(request)))
    app.get(
      '/guarded',
      gate.requireSession(async (_request, _reply, { user }) => nameOf(user)),
    )
    await app.ready()
    return (req, res) => app.routing(req, res)
  }

export const onHono =
  (setUp: (app: Hono) => void = () => {}): Host =>
  (auth) => {
    const app = new Hono()
    const gate = keystileHono(auth)
    setUp(app)
    app.use(gate)
    app.get('/hello', async (c) => Response.json(nameOf(await gate.getUser(c))))
    app.get(
      '/guarded',
      gate.requireSession((_c, { user }) => Response.json(nameOf(user))),
    )
    return getRequestListener(app.fetch)
  }

const onNode: Host = (auth) => {
  const gate = keystileNode(auth)
  const answer = (res: ServerResponse, user: object | null) =>
    res.setHeader('content-type', 'application/json').end(JSON.stringify(nameOf(user)))
  const routes: Record<string, (req: IncomingMessage, res: ServerResponse) => unknown> = {
    '/hello': async (req, res) => answer(res, await gate.getUser(req)),
    '/guarded': gate.requireSession((_req, res, { user }) => answer(res, user)),
  }
  return async (req, res) => {
    if (await gate(req, res)) return
    const route = routes[req.url ?? '']
    if (route) await route(req, res)
    else res.writeHead(404).end()
  }
}

/** Every framework, and every major of it that is still about. */
export const hosts = {
  'Express 5': onExpress(express),
  'Express 5 after express.json()': onExpress(express, (app) => app.use(express.json())),
  'Express 4': onExpress(express4),
  Fastify: onFastify(),
  'Koa 3': onKoa(Koa),
  'Koa 2': onKoa(Koa2),
  Hono: onHono(),
  'node:http': onNode,
} satisfies Record<string, Host>

export async function serving(host: Host, auth: Mountable, options: ServerOptions = {}): Promise<Server> {
  const server = createServer(options, await host(auth))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

export const portOf = (server: Server) => (server.address() as AddressInfo).port
