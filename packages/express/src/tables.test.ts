import type { IncomingMessage, Server } from 'node:http'
import { createRequire } from 'node:module'
import { keystile } from '@keystile/express'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { describe } from 'vitest'
import { bodyTable } from '../../node/test/body-table.ts'
import type { Harness, Prior } from '../../node/test/harness.ts'
import { mountTable } from '../../node/test/mount-table.ts'
import { responseTable } from '../../node/test/response-table.ts'

// The types of Express 5 say of Express 4 all that is used here.
const express4: typeof express = createRequire(import.meta.url)('express4')

const consume: RequestHandler = async (req, _res, next) => {
  for await (const _ of req);
  next()
}
const keep = (req: IncomingMessage, _res: unknown, bytes: Buffer) => void Object.assign(req, { rawBody: bytes })

const onExpress = (name: string, make: typeof express): Harness => ({
  name,
  tells: 'on request',
  async serve(auth, { prior, under = [], routers, twice, start, dressed }) {
    const priors: Record<Prior, RequestHandler> = {
      json: make.json(),
      inflated: make.json({ inflate: true }),
      form: make.urlencoded({ extended: true }),
      raw: make.raw({ type: '*/*' }),
      text: make.text({ type: '*/*' }),
      kept: make.json({ verify: keep }),
      consumed: consume,
    }
    const app = make()
    app.set('env', 'test')
    if (dressed)
      app.use(
        (_req, res, next) => void next(res.cookie('theirs', '1').vary('Origin').set('x-host', 'yes') && undefined),
      )
    if (prior) app.use(priors[prior])
    const gate = keystile(auth)
    mount(app, make, gate, under, routers)
    if (twice) app.use(gate)
    app.use((_req, res) => void res.send('host'))
    app.use(((error, _req, res, next) => {
      if (res.headersSent) next(error)
      else res.status(error.status ?? 500).json({ code: error.code, message: error.message })
    }) satisfies ErrorRequestHandler)
    if (start) await gate.ready(app)
    return app.listen(0, '127.0.0.1') as Server
  },
})

function mount(app: Express, make: typeof express, gate: RequestHandler, under: readonly string[], routers = false) {
  if (!routers) return void app.use(under.join('') || '/', gate)
  // Routers within an app of its own: both ways to nest that Express has.
  const [first = '/', ...rest] = under
  const inner = rest.reduceRight<RequestHandler>((handler, prefix) => make.Router().use(prefix, handler), gate)
  app.use(first, make().use(inner))
}

describe.each([onExpress('Express 5', express), onExpress('Express 4', express4)])('$name', (harness) => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
