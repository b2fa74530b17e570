/** Methods that no route is for, and those that no Fetch `Request` can have: a guard refuses or asks, and never breaks. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createServer2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getRequestListener } from '@hono/node-server'
import { type ApiHandler, basic, basicAuth, createApi, session } from '@keystile/core/api'
import { keystile as keystileFastify } from '@keystile/fastify'
import { keystile as keystileHono } from '@keystile/hono'
import { keystile as keystileKoa } from '@keystile/koa'
import { keystile as keystileNode } from '@keystile/node'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listening } from '../../../../packages/node/test/http.ts'
import { guardedApps } from '../schemes/guarded-apps.ts'
import { ada, origin, setup } from '../support.ts'

const schemes = [session(), basic({ authenticate: (name, password) => (password === 'pass' ? { name } : null) })]

/** What may be sent: nothing, a session from its own page, one from another, a name and password. */
async function senders() {
  const { auth, browser, logged } = setup({ rateLimit: { enabled: false } })
  const own = browser()
  await own.signUp(ada)
  const cookie = [...own.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const api = createApi({ auth, controllers: [] })
  const sent: Record<'stranger' | 'known' | 'forged' | 'named', Record<string, string>> = {
    stranger: {},
    known: { cookie, origin },
    forged: { cookie, origin: 'https://evil.example' },
    named: { authorization: basicAuth('ann', 'pass') },
  }
  return { api, sent, errors: () => logged.filter((line) => line.startsWith('error')) }
}

const paths = ['/guarded', '/between', '/page']

describe.for(Object.entries(guardedApps))('%s', ([, app]) => {
  it.for(['PROPFIND', 'M-SEARCH', 'QUERY', 'OPTIONS'])('%s is let in by who asks, or nowhere', async (method) => {
    const { api, sent, errors } = await senders()
    const host = await listening(createServer(await app(api, schemes)))
    // What a framework has no routes for.
    const nowhere = [400, 404]
    for (const path of paths) {
      const statusOf = async (headers: Record<string, string>) => (await host.send(path, { method, headers })).status
      expect([path === '/page' ? 302 : 401, ...nowhere], path).toContain(await statusOf(sent.stranger))
      for (const who of [sent.known, sent.named]) expect([200, ...nowhere], path).toContain(await statusOf(who))
      // What only reads needs no origin, as GET.
      expect([method === 'OPTIONS' ? 200 : 403, ...nowhere], path).toContain(await statusOf(sent.forged))
    }
    expect(errors()).toEqual([])
  })

  it('TRACE is let in nowhere', async () => {
    const { api, sent, errors } = await senders()
    const host = await listening(createServer(await app(api, schemes)))
    for (const path of paths) {
      for (const headers of Object.values(sent)) {
        const { status, text } = await host.send(path, { method: 'TRACE', headers })
        expect([status, text], path).toEqual([405, expect.stringContaining('METHOD_NOT_ALLOWED')])
      }
    }
    expect(errors()).toEqual([])
  })
})

/** The guarded route alone. Express knows nothing of HTTP/2, and Fastify answers 404 to most methods by itself. */
const overHttp2: Record<string, (api: ApiHandler) => unknown> = {
  Koa: (api) => {
    const gate = keystileKoa(api)
    const guarded = gate.requireAuth(schemes, (ctx) => {
      ctx.body = 'in'
    })
    return new Koa().use(gate).use(guarded).callback()
  },
  Fastify: async (api) => {
    const app = fastify({ http2: true })
    const gate = keystileFastify(api)
    app.register(gate as never)
    app.all('/guarded', { onRequest: gate.requireAuth(schemes) as never }, async () => 'in')
    await app.ready()
    return (req: never, res: never) => app.routing(req, res)
  },
  Hono: (api) => {
    const gate = keystileHono(api)
    return getRequestListener(new Hono().use(gate).all('*', gate.requireAuth(schemes), (c) => c.text('in')).fetch)
  },
  'node:http2': (api) => {
    const gate = keystileNode(api)
    const guarded = gate.requireAuth(schemes, (_req, res) => res.end('in'))
    return (req: never, res: never) => gate(req, res, () => guarded(req, res))
  },
}

describe.for(Object.entries(overHttp2))('%s over HTTP/2', ([name, app]) => {
  it.for(['TRACK', 'track', 'TRACE', 'trace', 'Connect', 'FOO', 'post'])('%s breaks nothing', async (method) => {
    const { api, sent, errors } = await senders()
    const server = createServer2((await app(api)) as never)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      client.destroy()
      server.close()
    })
    const ask = async (headers: Record<string, string>) => {
      const stream = client.request({ ':path': '/guarded', ':method': method, ...headers }, { endStream: true })
      const [got] = await once(stream, 'response')
      return [got[':status'], await text(stream)] as const
    }
    const forbidden = /^(?:track|trace|connect)$/i.test(method)
    const expected = { stranger: 401, known: 200, forged: 403, named: 200 }
    for (const [who, headers] of Object.entries(sent)) {
      const [status, body] = await ask(headers)
      // Fastify has no routes for methods that it does not know.
      if (name !== 'Fastify' || status !== 404) {
        expect([who, status]).toEqual([who, forbidden ? 405 : expected[who as keyof typeof expected]])
      }
      expect(body === 'in', who).toBe(status === 200)
    }
    expect(errors()).toEqual([])
  })
})
