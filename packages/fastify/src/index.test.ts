import type { Server } from 'node:http'
import {
  getSession as freeGetSession,
  getUser as freeGetUser,
  keystile,
  type RequestAuth,
  type RequestAuthOf,
} from '@keystile/fastify'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ada, type EchoAuth, type EchoModel, echoAuth } from '../../node/test/echo-auth.ts'
import { listening } from '../../node/test/http.ts'

type Gate = ReturnType<typeof keystile<EchoModel>>

async function serving(
  build: (app: FastifyInstance, gate: Gate) => void,
  { auth = echoAuth(), app = fastify() as FastifyInstance } = {},
) {
  build(app, keystile(auth))
  app.setErrorHandler((error, _request, reply) =>
    reply.code(500).send(error instanceof Error && { code: Reflect.get(error, 'code'), message: error.message }),
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { auth, host: await listening(app.server as Server) }
}

// As apps declare it, under a name that no other file of the workspace has.
declare module 'fastify' {
  interface FastifyRequest {
    who: RequestAuthOf<EchoAuth>
  }
}

const as = (sid: string) => ({ headers: { cookie: `sid=${sid}` } })
const lazyOf = (request: FastifyRequest) => request.getDecorator<RequestAuth<EchoModel>>('auth')

describe('the plugin', () => {
  it('without an auth instance fails at once, under a taken name at start', async () => {
    // @ts-expect-error: what a missing export gives
    expect(() => keystile(undefined)).toThrow('auth instance')
    const app = fastify()
    app.decorateRequest('auth', null)
    app.register(keystile(echoAuth()))
    await expect(app.ready()).rejects.toMatchObject({ code: 'KEYSTILE_NAME_TAKEN' })
  })

  it('hooks and decorates what it is registered in, and nothing beside', async () => {
    const { host } = await serving((app, gate) => {
      app.register(async (inner) => {
        inner.register(gate, { prefix: '/api' })
        inner.get('/in', async (request) => gate.getUser(request))
      })
      app.get('/beside', async (request) => gate.getUser(request))
    })
    expect(JSON.parse((await host.send('/in', as('ada'))).text)).toEqual(ada.user)
    expect((await host.send('/beside', as('ada'))).text).toContain('KEYSTILE_NOT_MOUNTED')
  })

  it('with the base path / answers what no route of the app does', async () => {
    for (const gateFirst of [true, false]) {
      const { host } = await serving(
        (app, gate) => {
          if (gateFirst) app.register(gate)
          app.get('/me', async (request) => gate.getUser(request))
          app.get('/things/:id', async () => 'thing')
          if (!gateFirst) app.register(gate)
        },
        { auth: echoAuth('') },
      )
      expect(JSON.parse((await host.send('/me', as('ada'))).text)).toEqual(ada.user)
      expect((await host.send('/things/1')).text).toBe('thing')
      for (const path of ['/', '/me/x', '/things', '/%C3%A9'])
        expect((await host.send(path)).echo().url).toContain(path)
      expect((await host.send('/me', { method: 'POST' })).echo().method).toBe('POST')
      expect((await host.send('/%zz')).status).toBe(400)
    }
  })

  it('with the base path / beside a route for everything fails at start', async () => {
    const app = fastify()
    app.get('/*', async () => 'host')
    app.register(keystile(echoAuth('')))
    await expect(app.ready()).rejects.toMatchObject({ code: 'KEYSTILE_REGISTERED_TWICE' })
  })

  it("leaves the host's parsers, validation and preHandler hooks out of the auth's routes", async () => {
    const { host } = await serving((app, gate) => {
      app.removeAllContentTypeParsers()
      app.addHook('preHandler', gate.requireSession())
      app.register(gate)
      app.get('/', async () => 'host')
    })
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{ }' }
    expect((await host.send('/api/auth/x', sent)).echo().bytes.toString()).toBe('{ }')
    expect((await host.send('/')).status).toBe(401)
  })

  it('runs the onRequest and onSend hooks of the host on its answers', async () => {
    const { host } = await serving((app, gate) => {
      app.register(gate)
      app.addHook('onRequest', async (_request, reply) => void reply.header('x-before', '1'))
      app.addHook('onSend', async (_request, reply, payload) => {
        reply.header('x-after', '1')
        return payload
      })
    })
    const { headers } = await host.send('/api/auth/cookies')
    expect([headers['x-before'], headers['x-after']]).toEqual(['1', '1'])
  })

  it('goes by what Fastify says of address, protocol and host', async () => {
    const forged = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
    for (const trustProxy of [false, true]) {
      const build = (app: FastifyInstance, gate: Gate) => {
        app.register(gate)
        app.get('/me', { onRequest: gate.requireSession() }, async () => '')
      }
      const { auth, host } = await serving(build, { app: fastify({ trustProxy }) })
      const { url, remoteAddress } = (await host.send('/api/auth/x', { headers: forged })).echo()
      const origin = trustProxy ? 'https://evil.example' : `http://127.0.0.1:${host.port}`
      expect([url, remoteAddress]).toEqual([`${origin}/api/auth/x`, trustProxy ? '6.6.6.6' : '127.0.0.1'])
      await host.send('/me', { headers: forged })
      expect(auth.reads).toEqual([remoteAddress])
    }
  })
})

describe('CORS', () => {
  const asked = { headers: { origin: 'http://b.example' } }

  it.each([undefined, 'http://b.example'])(
    'is asked for by option, unless the host allows %s already',
    async (allowed) => {
      const auth = { ...echoAuth(), handler: async (_: Request, info: object = {}) => Response.json(info) }
      const app = fastify()
      if (allowed) {
        app.addHook('onRequest', async (_request, reply) => void reply.header('access-control-allow-origin', allowed))
      }
      app.register(keystile(auth, { cors: true }))
      await app.listen({ port: 0, host: '127.0.0.1' })
      const got = await (await listening(app.server)).send('/api/auth/x', asked)
      expect(JSON.parse(got.text)).toMatchObject({ cors: !allowed })
    },
  )
})

describe('the session', () => {
  const reading = () =>
    serving((app, gate) => {
      app.get('/early', async (request) => gate.getUser(request))
      app.register(gate)
      app.get('/none', async () => 'none')
      app.get('/often', async (request, reply) => {
        reply.header('set-cookie', 'before=1')
        const lazy = lazyOf(request)
        const all = await Promise.all([gate.getSession(request), gate.getUser(request), freeGetSession(request)])
        return [...all, await lazy.session(), await lazy.user(), await freeGetUser(request)]
      })
    })

  it('is read once, and only when asked for', async () => {
    const { auth, host } = await reading()
    await host.send('/none', as('ada'))
    expect(auth.reads).toEqual([])
    const got = await host.send('/often', as('stale'))
    expect(JSON.parse(got.text)).toEqual([ada, ada.user, ada, ada, ada.user, ada.user])
    expect(got.cookies).toEqual(['before=1', 'sid=ada; Path=/', 'cache=x; Path=/'])
    expect(auth.reads).toHaveLength(1)
    expect(JSON.parse((await host.send('/often')).text)).toEqual(Array(6).fill(null))
  })

  it('is there for routes written before the plugin, and under another name by option', async () => {
    const { host } = await reading()
    expect(JSON.parse((await host.send('/early', as('ada'))).text)).toEqual(ada.user)
    const other = await serving((app) => {
      app.register(keystile(echoAuth(), { name: 'who' }))
      app.get('/', async (request) => {
        const user = await request.who.user()
        expectTypeOf(user).toEqualTypeOf<EchoModel['user'] | null>()
        expectTypeOf(request.who.session).returns.resolves.toExtend<{ session: EchoModel['session'] } | null>()
        return [user, 'auth' in request]
      })
    })
    expect(JSON.parse((await other.host.send('/', as('ada'))).text)).toEqual([ada.user, false])
  })
})

describe('a guard', () => {
  const calls: unknown[] = []
  const guarded = () => {
    calls.length = 0
    const called = async () => ({ called: calls.push(1) })
    return serving((app, gate) => {
      app.register(gate)
      // One that takes its time: a refusal must not wait for it to be final.
      app.addHook('onSend', async (_request, _reply, payload) => {
        await new Promise(setImmediate)
        return payload
      })
      app.get(
        '/handler',
        gate.requireSession(async (_request, _reply, who) => ({ ...who, called: calls.push(1) })),
      )
      app.get(
        '/user',
        gate.requireUser((_request, reply, user) => reply.send(user)),
      )
      app.get('/hook', { onRequest: gate.requireSession() }, called)
      app.get('/late', { preHandler: gate.requireUser() }, called)
      app.get('/page', { preHandler: gate.requireUser({ redirectTo: '/sign-in' }) }, called)
    })
  }

  it('calls the handler with session and user', async () => {
    const { host } = await guarded()
    expect(JSON.parse((await host.send('/handler', as('ada'))).text)).toEqual({ ...ada, called: 1 })
    expect(JSON.parse((await host.send('/user', as('ada'))).text)).toEqual(ada.user)
    for (const path of ['/hook', '/late', '/page']) expect((await host.send(path, as('ada'))).text).toContain('called')
  })

  it.each(['/handler', '/user', '/hook', '/late'])('answers 401 on %s without a session', async (path) => {
    const { host } = await guarded()
    const got = await host.send(path, as('expired'))
    expect([got.status, got.text]).toEqual([401, '{"message":"Unauthorized","code":"UNAUTHORIZED"}'])
    expect(got.headers['cache-control']).toBe('no-store')
    expect(got.cookies).toEqual(['sid=; Max-Age=0; Path=/'])
    expect(calls).toEqual([])
  })

  it('redirects by option, and fails closed when the read fails', async () => {
    const { host } = await guarded()
    const page = await host.send('/page')
    expect([page.status, page.headers.location, page.text]).toEqual([302, '/sign-in', ''])
    for (const path of ['/handler', '/user', '/hook', '/late']) {
      const got = await host.send(path, as('broken'))
      expect([got.status, JSON.parse(got.text).message]).toEqual([500, 'Internal Server Error'])
    }
    expect(calls).toEqual([])
  })
})

describe('types', () => {
  it("carry the app's own fields", () => {
    const gate = keystile(echoAuth())
    type User = EchoModel['user']
    gate.requireSession((request, _reply, { user, session }) => {
      expectTypeOf(request).toEqualTypeOf<FastifyRequest>()
      expectTypeOf(user).toEqualTypeOf<User>()
      expectTypeOf(session.device).toEqualTypeOf<string>()
    })
    const typed = (app: FastifyInstance) =>
      app.get<{ Params: { id: string } }>(
        '/:id',
        gate.requireUser((request: FastifyRequest<{ Params: { id: string } }>, _reply, user) => {
          expectTypeOf(request.params.id).toEqualTypeOf<string>()
          expectTypeOf(gate.getUser(request)).resolves.toEqualTypeOf<User | null>()
          expectTypeOf(user).toEqualTypeOf<User>()
        }),
      )
    expect(typed).toBeTypeOf('function')
  })
})

describe('registered in two plugins beside each other', () => {
  it('says so, and where to register it', async () => {
    const [app, gate] = [fastify(), keystile(echoAuth())]
    for (let i = 0; i < 2; i++) app.register(async (scope) => void scope.register(gate))
    await expect(app.ready()).rejects.toMatchObject({
      code: 'KEYSTILE_REGISTERED_TWICE',
      message: expect.stringContaining('once, in the parent'),
    })
  })
})
