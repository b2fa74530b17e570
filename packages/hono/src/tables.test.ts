import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { keystile } from '@keystile/hono'
import { type Context, Hono } from 'hono'
import { describe } from 'vitest'
import { bodyTable } from '../../node/test/body-table.ts'
import { type Harness, hostCookie, type Prior } from '../../node/test/harness.ts'
import { mountTable } from '../../node/test/mount-table.ts'
import { responseTable } from '../../node/test/response-table.ts'

const is = (c: Context, type: string) => c.req.header('content-type')?.startsWith(type) && c.req.method === 'POST'

/** What a validator or a logger before ours reads. */
const priors: Record<Exclude<Prior, 'inflated'>, (c: Context) => unknown> = {
  json: (c) => is(c, 'application/json') && c.req.json().catch(() => {}),
  form: (c) => is(c, 'application/x-www-form-urlencoded') && c.req.parseBody({ all: true }),
  raw: (c) => c.req.arrayBuffer(),
  text: (c) => c.req.text(),
  kept: (c) => c.req.json(),
  consumed: (c) => c.req.raw.text(),
}

const harness: Harness = {
  name: 'Hono',
  priors: ['json', 'form', 'raw', 'text', 'kept', 'consumed'],
  tells: 'on request',
  mounts: () => true,
  async serve(auth, { prior, under = [], routers, twice, dressed }) {
    const app = new Hono()
    if (dressed) {
      app.use(async (c, next) => {
        c.header('set-cookie', hostCookie)
        c.header('x-host', 'yes')
        c.header('vary', 'Origin')
        await next()
      })
    }
    if (prior && prior !== 'inflated') {
      app.use(async (c, next) => {
        await priors[prior](c)
        await next()
      })
    }
    const gate = keystile(auth)
    const router = new Hono()
    router.use(gate)
    if (routers)
      app.route(
        '/',
        under.reduceRight<Hono>((inner, prefix) => new Hono().route(prefix, inner), router),
      )
    else app.use(`${under.join('')}/*`, gate)
    if (twice) app.use(gate)
    app.all('*', (c) => c.text('host'))
    app.onError((error, c) => c.json({ code: Reflect.get(error, 'code'), message: error.message }, 500))
    return createAdaptorServer({ fetch: app.fetch, createServer }) as Server
  },
}

describe('Hono', () => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
