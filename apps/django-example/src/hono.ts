/** The Hono service. */
import { serve } from '@hono/node-server'
import { DjangoError } from '@keystile/django'
import { keystile } from '@keystile/hono'
import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { readEnvironment } from './environment.ts'
import { openDjango } from './open.ts'
import { changes, type Route, reads } from './routes.ts'

const environment = readEnvironment(process.env)
const django = openDjango(environment)
const gate = keystile.django(django)
const app = new Hono().use(gate)

const answer = (route: Route) => async (c: Context) => {
  const body = c.req.method === 'POST' ? await c.req.json().catch(() => ({})) : {}
  const reply = await route({ django, auth: c.get('auth'), body })
  return c.json(reply.body, reply.status as ContentfulStatusCode)
}
for (const [path, route] of Object.entries(reads)) app.get(path, answer(route))
for (const [path, route] of Object.entries(changes)) {
  app.post(path, async (c, next) => {
    await c.var.auth.checkCsrf()
    await next()
  })
  app.post(path, answer(route))
}

app.onError((error, c) => {
  if (!(error instanceof DjangoError) || error.status === undefined) {
    console.error(error)
    return c.json({ error: 'Internal Server Error' }, 500)
  }
  return c.json({ error: error.message }, error.status as ContentfulStatusCode)
})

serve({ fetch: app.fetch, port: environment.port, hostname: 'localhost' }, () => console.log('ready'))
