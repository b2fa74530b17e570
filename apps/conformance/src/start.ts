/** What each adapter says of its mounting before a server listens. Prints it as JSON, and ends when nothing is left to do. */
import { createServer } from 'node:http'
import { createAuth } from '@keystile/core'
import { keystile as onExpress } from '@keystile/express'
import { keystile as onHono } from '@keystile/hono'
import { keystile as onKoa } from '@keystile/koa'
import { keystile as onNode } from '@keystile/node'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

const auth = createAuth({
  database: ':memory:',
  secret: 'nQ4t7Xw9zC2vB5nM8kJ1hG6fD3sA0pLy',
  baseURL: 'https://app.example.com',
  env: {},
})
const gates = { express: onExpress(auth), koa: onKoa(auth), hono: onHono(auth), node: onNode(auth) }
const elsewhere: Koa.Middleware = (ctx, next) => (ctx.path.startsWith('/app/') ? gates.koa(ctx as never, next) : next())

const asked: Readonly<Record<string, () => Promise<void>>> = {
  'Express, at the root': () => gates.express.ready(express().use(gates.express)),
  'Express, in another app': () => gates.express.ready(express().use('/app', express().use(gates.express))),
  'Koa, at the root': () => gates.koa.ready(new Koa().use(gates.koa)),
  'Koa, under a path': () => gates.koa.ready(new Koa().use(elsewhere)),
  'Hono, at the root': () => gates.hono.ready(new Hono().use(gates.hono)),
  'Hono, by mount': () => gates.hono.ready(new Hono().mount('/app', new Hono().use(gates.hono).fetch)),
  'node:http, at the root': () => gates.node.ready(createServer(gates.node)),
  'node:http, nowhere': () => gates.node.ready(createServer((_req, res) => res.end('host'))),
}

const told: Record<string, string> = {}
for (const [name, ask] of Object.entries(asked)) {
  told[name] = await ask().then(
    () => 'ready',
    (error) => error.code,
  )
}
await auth.close()
process.stdout.write(JSON.stringify(told))
