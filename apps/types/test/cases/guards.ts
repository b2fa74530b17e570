/** Guards by schemes: whom a handler may meet, on every adapter. */
import { apiKey, bearer, session } from '@keystile/core/api'
import * as forExpress from '@keystile/express'
import * as forFastify from '@keystile/fastify'
import * as forHono from '@keystile/hono'
import * as forKoa from '@keystile/koa'
import * as forNode from '@keystile/node'
import { expectTypeOf } from 'expect-type'
import { auth } from './app.ts'

const key = apiKey({ lookup: () => ({ owner: 'bot' }) })

forExpress.keystile(auth).requireAuth([session({ name: 'own' }), key], (_req, res, who) => {
  expectTypeOf(who.scheme).toEqualTypeOf<'own' | 'api_key'>()
  if (who.scheme === 'api_key') return res.json(who.identity.owner)
  // @ts-expect-error only a key has an owner
  return res.json(who.identity.owner)
})
forFastify.keystile(auth).requireAuth([bearer(), key], async (_request, _reply, who) => {
  expectTypeOf(who.scheme).toEqualTypeOf<'bearer' | 'api_key'>()
  return who.scheme === 'bearer' ? who.identity.user.name : who.identity.owner
})
forHono.keystile(auth).requireAuth([session(), key], (c, who) => {
  expectTypeOf(who.scheme).toEqualTypeOf<'session' | 'api_key'>()
  return c.text(who.scheme === 'session' ? who.identity.user.name : who.identity.owner)
})
forKoa.keystile(auth).requireAuth([key], (_ctx, who) => {
  expectTypeOf(who.identity).toEqualTypeOf<{ owner: string }>()
})
forNode.keystile(auth).requireAuth([session(), bearer()], (_req, res, who) => {
  expectTypeOf(who.scheme).toEqualTypeOf<'session' | 'bearer'>()
  res.end(who.identity.user.name)
})
// @ts-expect-error a list of schemes
forNode.keystile(auth).requireAuth(['session'])
// @ts-expect-error a list
forKoa.keystile(auth).requireAuth(key)
