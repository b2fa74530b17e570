/** The app's rows in the handlers of every adapter, without a word of augmentation. */
import * as forExpress from '@keystile/express'
import * as forHono from '@keystile/hono'
import { expectTypeOf } from 'expect-type'
import express from 'express'
import { Hono } from 'hono'
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

forExpress.keystile(bare).requireUser((_req, res, user) => {
  // @ts-expect-error that field is the other app's
  res.json(user.plan)
})
// @ts-expect-error that is no auth instance
forHono.keystile({ handler: auth.handler })
