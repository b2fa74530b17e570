import { createRequire } from 'node:module'
import { keystile } from '@keystile/koa'
import Koa, { type Middleware } from 'koa'
import bodyParser from 'koa-bodyparser'
import mount from 'koa-mount'
import { describe } from 'vitest'
import { bodyTable } from '../../node/test/body-table.ts'
import type { Harness, Prior } from '../../node/test/harness.ts'
import { mountTable } from '../../node/test/mount-table.ts'
import { responseTable } from '../../node/test/response-table.ts'

// The types of Koa 3 say of Koa 2 all that is used here.
const Koa2: typeof Koa = createRequire(import.meta.url)('koa2')

async function bytesOf(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

/** Before ours, as koa-bodyparser and koa-body do: what they make hangs on `ctx.request`. */
const leaving =
  (make: (bytes: Buffer) => object): Middleware =>
  async (ctx, next) => {
    Object.assign(ctx.request, make(await bytesOf(ctx.req)))
    await next()
  }

const priors: Record<Prior, Middleware> = {
  json: async (ctx, next) => {
    await bodyParser({ enableTypes: ['json'] })(ctx, async () => {})
    // Many parsers keep no text beside the values.
    Object.assign(ctx.request, { rawBody: undefined })
    await next()
  },
  inflated: bodyParser(),
  form: bodyParser({ enableTypes: ['form'] }),
  raw: leaving((body) => ({ body })),
  text: leaving((bytes) => ({ body: bytes.toString() })),
  kept: bodyParser(),
  consumed: leaving(() => ({})),
}

const onKoa = (name: string, App: typeof Koa): Harness => ({
  name,
  tells: 'on request',
  async serve(auth, { prior, under = [], routers, twice, start, dressed }) {
    const app = new App()
    app.silent = true
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        if (!(error instanceof Error)) throw error
        ctx.status = Number(Reflect.get(error, 'status') ?? 500)
        ctx.body = { code: Reflect.get(error, 'code'), message: error.message }
      }
    })
    if (dressed) {
      app.use(async (ctx, next) => {
        ctx.cookies.set('theirs', '1', { httpOnly: false })
        ctx.set('x-host', 'yes')
        ctx.vary('Origin')
        await next()
      })
    }
    if (prior) app.use(priors[prior])
    const gate = keystile(auth)
    const prefixes = routers ? under : under.length ? [under.join('')] : []
    app.use(
      prefixes.reduceRight<Middleware>((inner, prefix) => {
        return mount(prefix, routers ? new App().use(inner) : inner)
      }, gate as Middleware),
    )
    if (twice) app.use(gate)
    app.use((ctx) => {
      ctx.body = 'host'
    })
    if (start) await gate.ready(app)
    return app.listen(0, '127.0.0.1')
  },
})

describe.each([onKoa('Koa 3', Koa), onKoa('Koa 2', Koa2)])('$name', (harness) => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
