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
const priors: Record<Prior, (c: Context) => unknown> = {
  json: (c) => is(c, 'application/json') && c.req.json().catch(() => {}),
  form: (c) => is(c, 'application/x-www-form-urlencoded') && c.req.parseBody({ all: true }),
  raw: (c) => c.req.arrayBuffer(),
  text: (c) => c.req.text(),
  inflated: (c) => {
    const { url, method, headers: sent, body } = c.req.raw
    if (!body || sent.get('content-encoding') !== 'gzip') return
    const headers = new Headers(sent)
    for (const name of ['content-encoding', 'content-length']) headers.delete(name)
    const inflated = body.pipeThrough(new DecompressionStream('gzip') as ReadableWritablePair)
    c.req.raw = new Request(url, { method, headers, body: inflated, duplex: 'half' } as RequestInit)
  },
  kept: (c) => c.req.json(),
  consumed: (c) => c.req.raw.text(),
}

const harness: Harness = {
  name: 'Hono',
  tells: 'on request',
  async serve(auth, { prior, under = [], routers, twice, start, dressed }) {
    const app = new Hono()
    if (dressed) {
      app.use(async (c, next) => {
        c.header('set-cookie', hostCookie)
        c.header('x-host', 'yes')
        c.header('vary', 'Origin')
        await next()
      })
    }
    if (prior) {
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
    if (start) await gate.ready(app)
    return createAdaptorServer({ fetch: app.fetch, createServer }) as Server
  },
}

describe('Hono', () => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
