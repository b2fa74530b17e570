import { getSession as freeGetSession, getUser as freeGetUser, type KeystileKoa, keystile } from '@keystile/koa'
import Koa, { type Context } from 'koa'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ada, type EchoModel, echoAuth } from '../../node/test/echo-auth.ts'
import { listening } from '../../node/test/http.ts'

async function serving(build: (app: Koa, gate: KeystileKoa<EchoModel>) => void, auth = echoAuth()) {
  const app = new Koa()
  app.silent = true
  app.use(async (ctx, next) => {
    await next().catch((error) => {
      ctx.status = 500
      ctx.body = { code: error.code, message: error.message }
    })
  })
  build(app, keystile(auth))
  return { auth, host: await listening(app.listen(0, '127.0.0.1')) }
}

const as = (sid: string) => ({ headers: { cookie: `sid=${sid}` } })

describe('the middleware', () => {
  it('without an auth instance fails at start', () => {
    // @ts-expect-error: what a missing export gives
    expect(() => keystile(undefined)).toThrow('auth instance')
  })

  it('goes by what Koa says of address, protocol and host', async () => {
    const forged = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
    for (const proxy of [false, true]) {
      const { auth, host } = await serving((app, gate) => {
        app.proxy = proxy
        app.use(gate).use(gate.requireSession())
      })
      const { url, remoteAddress } = (await host.send('/api/auth/x', { headers: forged })).echo()
      const origin = proxy ? 'https://evil.example' : `http://127.0.0.1:${host.port}`
      expect([url, remoteAddress]).toEqual([`${origin}/api/auth/x`, proxy ? '6.6.6.6' : '127.0.0.1'])
      await host.send('/me', { headers: forged })
      expect(auth.reads).toEqual([remoteAddress])
    }
  })

  it('leaves cookies and state as they are, and its answer to the middleware around it', async () => {
    const seen: unknown[] = []
    const { host } = await serving((app, gate) => {
      app.use(async (ctx, next) => {
        const { cookies } = ctx
        ctx.state.mine = 1
        await next()
        seen.push(ctx.cookies === cookies, Object.keys(ctx.state), ctx.status)
        ctx.cookies.set('after', '1', { httpOnly: false })
      })
      app.use(gate)
      app.use((ctx) => {
        ctx.body = 'host'
      })
    })
    const got = await host.send('/api/auth/418')
    expect([got.cookies, seen]).toEqual([['after=1; path=/'], [true, ['mine'], 418]])
    await host.send('/')
    expect(seen.slice(3)).toEqual([true, ['mine', 'auth'], 200])
  })
})

describe('CORS', () => {
  const asked = { headers: { origin: 'http://b.example' } }

  it.each([undefined, 'http://b.example'])(
    'is asked for by option, unless the host allows %s already',
    async (allowed) => {
      const auth = { ...echoAuth(), handler: async (_: Request, info: object = {}) => Response.json(info) }
      const app = new Koa()
      app.use((ctx, next) => {
        if (allowed) ctx.set('access-control-allow-origin', allowed)
        return next()
      })
      app.use(keystile(auth, { cors: true }))
      const got = await (await listening(app.listen(0, '127.0.0.1'))).send('/api/auth/x', asked)
      expect(JSON.parse(got.text)).toMatchObject({ cors: !allowed })
    },
  )
})

describe('the session', () => {
  const reading = () =>
    serving((app, gate) => {
      app.use(gate).use(async (ctx) => {
        ctx.cookies.set('before', '1', { httpOnly: false })
        if (ctx.path === '/none') return
        const lazy = ctx.state.auth
        const all = await Promise.all([gate.getSession(ctx), gate.getUser(ctx), freeGetSession(ctx), lazy.session()])
        ctx.body = [...all, await lazy.user(), await freeGetUser(ctx)]
      })
    })

  it('is read once, and only when asked for', async () => {
    const { auth, host } = await reading()
    await host.send('/none', as('ada'))
    expect(auth.reads).toEqual([])
    const got = await host.send('/often', as('stale'))
    expect(JSON.parse(got.text)).toEqual([ada, ada.user, ada, ada, ada.user, ada.user])
    expect(got.cookies).toEqual(['before=1; path=/', 'sid=ada; Path=/', 'cache=x; Path=/'])
    expect(auth.reads).toHaveLength(1)
    expect(JSON.parse((await host.send('/often')).text)).toEqual(Array(6).fill(null))
  })

  it('is under another name by option', async () => {
    const app = new Koa().use(keystile(echoAuth(), { name: 'who' })).use(async (ctx) => {
      expectTypeOf(ctx.state.who.user).returns.resolves.toEqualTypeOf<EchoModel['user'] | null>()
      ctx.body = [await ctx.state.who.user(), 'auth' in ctx.state]
    })
    const host = await listening(app.listen(0, '127.0.0.1'))
    expect(JSON.parse((await host.send('/', as('ada'))).text)).toEqual([ada.user, false])
  })
})

describe('a guard', () => {
  const calls: unknown[] = []
  const guarded = () => {
    calls.length = 0
    return serving((app, gate) => {
      const routes: Record<string, Koa.Middleware> = {
        '/handler': gate.requireSession((ctx, who) => {
          ctx.body = { ...who, called: calls.push(1) }
        }),
        '/user': gate.requireUser((ctx, user) => {
          ctx.body = { ...user, called: calls.push(1) }
        }),
        '/next': gate.requireSession((_ctx, _who, next) => next()),
        '/all': gate.requireUser(),
        '/page': gate.requireUser({ redirectTo: '/sign-in' }),
      }
      app.use(gate)
      app.use((ctx, next) => routes[ctx.path]?.(ctx, next))
      app.use((ctx) => {
        ctx.body = { called: calls.push(1) }
      })
    })
  }

  it('calls the handler with session and user', async () => {
    const { host } = await guarded()
    expect(JSON.parse((await host.send('/handler', as('ada'))).text)).toEqual({ ...ada, called: 1 })
    expect(JSON.parse((await host.send('/user', as('ada'))).text)).toMatchObject(ada.user)
    for (const path of ['/next', '/all', '/page']) expect((await host.send(path, as('ada'))).text).toContain('called')
  })

  it.each(['/handler', '/user', '/next', '/all'])('answers 401 on %s without a session', async (path) => {
    const { host } = await guarded()
    const got = await host.send(path, as('expired'))
    expect([got.status, got.text]).toEqual([401, '{"message":"Unauthorized","code":"UNAUTHORIZED"}'])
    expect([got.headers['content-type'], got.headers['cache-control']]).toEqual(['application/json', 'no-store'])
    expect(got.cookies).toEqual(['sid=; Max-Age=0; Path=/'])
    expect(calls).toEqual([])
  })

  it('redirects by option, and fails closed when the read fails', async () => {
    const { host } = await guarded()
    const page = await host.send('/page')
    expect([page.status, page.headers.location, page.text]).toEqual([302, '/sign-in', ''])
    for (const path of ['/handler', '/user', '/all']) {
      const got = await host.send(path, as('broken'))
      expect([got.status, JSON.parse(got.text).message]).toEqual([500, 'Internal Server Error'])
    }
    expect(calls).toEqual([])
  })

  it('without the middleware fails closed with a named error', async () => {
    const { auth, host } = await serving((app, gate) => void app.use(gate.requireSession()).use(() => calls.push(1)))
    calls.length = 0
    expect((await host.send('/', as('ada'))).text).toContain('KEYSTILE_NOT_MOUNTED')
    expect([calls, auth.reads]).toEqual([[], []])
  })
})

describe('types', () => {
  it("carry the app's own fields", () => {
    const gate = keystile(echoAuth())
    type User = EchoModel['user']
    gate.requireUser((ctx, user) => {
      expectTypeOf(ctx).toEqualTypeOf<Context>()
      expectTypeOf(user).toEqualTypeOf<User>()
    })
    new Koa<Record<never, never>>().use(gate).use((ctx) => {
      expectTypeOf(ctx.state.auth.user()).resolves.toEqualTypeOf<User | null>()
    })
    expectTypeOf(gate.getUser).returns.resolves.toEqualTypeOf<User | null>()
    expect(gate).toBeTypeOf('function')
  })
})
