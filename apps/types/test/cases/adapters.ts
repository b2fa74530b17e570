/** The app's rows in the handlers of every adapter, without a word of augmentation. */
import * as forExpress from '@keystile/express'
import * as forFastify from '@keystile/fastify'
import * as forHono from '@keystile/hono'
import * as forKoa from '@keystile/koa'
import * as forNode from '@keystile/node'
import { expectTypeOf } from 'expect-type'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { auth, bare, type Pair, type User } from './app.ts'

const onExpress = forExpress.keystile(auth)
express()
  .use(onExpress)
  .get(
    '/me',
    onExpress.requireSession((_req, res, who) => {
      expectTypeOf(who).branded.toEqualTypeOf<Pair>()
      // @ts-expect-error no such field
      res.json(who.user.plam)
    }),
  )
  .get(
    '/name',
    onExpress.requireUser((_req, res, user) => {
      expectTypeOf(user).branded.toEqualTypeOf<User>()
      res.json(user.plan)
    }),
  )
expectTypeOf(onExpress.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()
expectTypeOf(onExpress.getUser).returns.resolves.branded.toEqualTypeOf<User | null>()

// What an app declares `req.auth` as; declared here, it would be so for the whole workspace.
const onRequest = (lazy: forExpress.RequestAuthOf<typeof auth>) => {
  expectTypeOf(lazy.session).returns.resolves.branded.toEqualTypeOf<Pair | null>()
  expectTypeOf(lazy.user).returns.resolves.branded.toEqualTypeOf<User | null>()
}
expectTypeOf(onRequest).parameter(0).toEqualTypeOf<forFastify.RequestAuthOf<typeof auth>>()

const onHono = forHono.keystile(auth)
new Hono()
  .use(onHono)
  .get('/lazy', async (c) => {
    expectTypeOf(c.var.auth.session).returns.resolves.branded.toEqualTypeOf<Pair | null>()
    expectTypeOf(c.var.auth.user).returns.resolves.branded.toEqualTypeOf<User | null>()
    // @ts-expect-error no such variable
    return c.json(c.var.session)
  })
  .get(
    '/me',
    onHono.requireSession((c, who) => {
      expectTypeOf(who).branded.toEqualTypeOf<Pair>()
      return c.json(who)
    }),
  )
new Hono().use(forHono.keystile(auth, { name: 'who' })).get('/', async (c) => {
  expectTypeOf(c.var.who.user).returns.resolves.branded.toEqualTypeOf<User | null>()
  return c.json(null)
})
expectTypeOf(onHono.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()

const onFastify = forFastify.keystile(auth)
const app = fastify()
app.register(onFastify)
app.get(
  '/me',
  onFastify.requireSession((_request, _reply, who) => {
    expectTypeOf(who).branded.toEqualTypeOf<Pair>()
    // @ts-expect-error no such field
    return who.user.plam
  }),
)
expectTypeOf(onFastify.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()
expectTypeOf(onFastify.getUser).returns.resolves.branded.toEqualTypeOf<User | null>()

const onKoa = forKoa.keystile(auth)
new Koa()
  .use(onKoa)
  .use(async (ctx, next) => {
    expectTypeOf(ctx.state.auth.session).returns.resolves.branded.toEqualTypeOf<Pair | null>()
    return next()
  })
  .use(
    onKoa.requireUser((_ctx, user) => {
      expectTypeOf(user).branded.toEqualTypeOf<User>()
      // @ts-expect-error no such field
      return user.plam
    }),
  )
expectTypeOf(onKoa.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()

forExpress.keystile(bare).requireUser((_req, res, user) => {
  // @ts-expect-error that field is the other app's
  res.json(user.plan)
})
// @ts-expect-error that is no auth instance
forHono.keystile({ handler: auth.handler })

const onNode = forNode.keystile(auth)
onNode.requireSession((_req, res, who) => {
  expectTypeOf(who).branded.toEqualTypeOf<Pair>()
  // @ts-expect-error no such field
  res.end(who.user.plam)
})
onNode.requireUser((_req, res, user) => {
  expectTypeOf(user).branded.toEqualTypeOf<User>()
  res.end(user.plan)
})
expectTypeOf(onNode.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()
expectTypeOf(onNode.getUser).returns.resolves.branded.toEqualTypeOf<User | null>()
