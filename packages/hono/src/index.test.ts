import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { getSession as freeGetSession, getUser as freeGetUser, type KeystileHono, keystile } from '@keystile/hono'
import { type Context, Hono } from 'hono'
import type { InferResponseType } from 'hono/client'
import { hc } from 'hono/client'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { ada, type Echo, type EchoModel, echoAuth, twelveCookies } from '../../node/test/echo-auth.ts'
import { listening } from '../../node/test/http.ts'
import { realAuth } from '../../node/test/real-auth.ts'

/** An app with its errors answered as JSON, and what `build` adds. */
function making(build: (app: Hono, gate: KeystileHono<EchoModel>) => void, auth = echoAuth()) {
  const app = new Hono()
  build(app, keystile(auth))
  app.onError((error, c) => c.json({ code: Reflect.get(error, 'code'), message: error.message }, 500))
  return { app, auth }
}

const mounted = (app: Hono, gate: KeystileHono<EchoModel>) => void app.use(gate)
const serving = (app: Hono) => listening(createAdaptorServer({ fetch: app.fetch, createServer }) as Server)
const echoed = async (response: Response | Promise<Response>) => (await (await response).json()) as Echo
const as = (sid: string) => ({ headers: { cookie: `sid=${sid}` } })

describe('mounting', () => {
  it.each(['/api/*', '/api/auth/*', '*', '/*', '/:any/auth/*'])('works on %s', async (pattern) => {
    const { app } = making((app, gate) => void app.use(pattern, gate))
    expect((await echoed(app.request('/api/auth/ok'))).url).toBe('http://localhost/api/auth/ok')
  })

  it('in an app that another mounts is seen through at start', async () => {
    const gate = keystile(echoAuth())
    const inner = new Hono<{ Bindings: { key: string } }>().use(gate)
    await expect(gate.ready(inner)).resolves.toBeUndefined()
    await expect(gate.ready(new Hono().mount('/app', inner.fetch))).rejects.toMatchObject({
      code: 'KEYSTILE_WRONG_MOUNT',
      message: expect.stringContaining('/api/auth/ok did not come to keystile: the app itself answered 404'),
    })
  })

  it('is not asked of an app that throws', async () => {
    const app = new Hono().onError((error) => {
      throw error
    })
    app.use(() => {
      throw new Error('no bindings here')
    })
    await expect(keystile(echoAuth()).ready(app)).resolves.toBeUndefined()
  })

  it('is told at start without taking in what the app answers', async () => {
    const cancel = vi.fn(() => Promise.reject(new Error('not to be cancelled')))
    const app = new Hono().all('*', () => new Response(new ReadableStream({ cancel })))
    await expect(keystile(echoAuth()).ready(app)).rejects.toMatchObject({ code: 'KEYSTILE_WRONG_MOUNT' })
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('waits five seconds for an app that does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const signals: AbortSignal[] = []
    const app = new Hono().all('*', (c) => new Promise<Response>(() => signals.push(c.req.raw.signal)))
    const ready = keystile(echoAuth()).ready(app)
    await vi.advanceTimersByTimeAsync(5000)
    await expect(ready).resolves.toBeUndefined()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('is asked as from the machine itself, by a server of Node', async () => {
    const { auth, logged } = realAuth()
    const gate = keystile(auth)
    const seen: unknown[] = []
    const app = new Hono().use(async (c, next) => {
      c.executionCtx.waitUntil(Promise.resolve())
      seen.push(c.req.url, getConnInfo(c).remote.address)
      await next()
    })
    await gate.ready(app.use(gate))
    expect([seen, logged]).toEqual([['https://app.example.com/api/auth/ok', '127.0.0.1'], []])
  })

  it('without an auth instance fails at start', () => {
    // @ts-expect-error: what a missing export gives
    expect(() => keystile(undefined)).toThrow('auth instance')
  })
})

describe('the request', () => {
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s reaches the handler', async (method) => {
    const { app } = making(mounted)
    expect((await app.request('/api/auth/x', { method })).headers.get('x-seen')).toBe(method)
  })

  it('has the socket address under node-server, and forged headers change nothing', async () => {
    const { app, auth } = making((app, gate) => {
      app.use(gate)
      app.get('/me', gate.requireSession())
    })
    const host = await serving(app)
    const headers = { 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6' }
    expect((await host.send('/api/auth/x', { headers })).echo().remoteAddress).toBe('127.0.0.1')
    await host.send('/me', { headers })
    expect(auth.reads).toEqual(['127.0.0.1'])
  })

  it.each([
    ['Bun', { requestIP: () => ({ address: '2001:db8::2' }) }, '2001:db8::2'],
    ['Bun, without a socket', { requestIP: () => null }, null],
    ['Deno', { remoteAddr: { hostname: '192.0.2.7' } }, '192.0.2.7'],
    ['a runtime that says nothing', undefined, null],
  ])('is what %s gives beside the request', async (_name, env, address) => {
    const app = new Hono().use(keystile(echoAuth()))
    expect((await echoed(app.request('/api/auth/x', {}, env))).remoteAddress).toBe(address)
  })

  it('has the address the option gives, or none', async () => {
    const auth = echoAuth()
    const gate = keystile(auth, { remoteAddress: (c) => c.req.header('x-edge-ip') })
    const app = new Hono().use(gate).get('/me', gate.requireSession())
    const headers = { 'x-edge-ip': '2001:db8::1' }
    expect((await echoed(app.request('/api/auth/x', { headers }))).remoteAddress).toBe('2001:db8::1')
    await app.request('/me', { headers })
    await app.request('/me')
    expect(auth.reads).toEqual(['2001:db8::1', undefined])
  })

  const reads: [string, Record<string, string>, string, (c: Context) => unknown, string][] = [
    ['c.req.json()', json, '{ "a": 1 }', (c) => c.req.json(), '{ "a": 1 }'],
    ['c.req.text()', json, '{ "a": 1 }', (c) => c.req.text(), '{ "a": 1 }'],
    ['c.req.arrayBuffer()', json, '{ "a": 1 }', (c) => c.req.arrayBuffer(), '{ "a": 1 }'],
    ['c.req.parseBody()', form, 'a=1&b=%20x&a=2', (c) => c.req.parseBody(), 'a=1&b=+x&a=2'],
    ['c.req.formData()', form, 'a=1&b=%20x', (c) => c.req.formData(), 'a=1&b=+x'],
    ['nothing', json, '{ "a": 1 }', () => {}, '{ "a": 1 }'],
  ]
  it.each(reads)('has its body after %s', async (_name, headers, body, read, expected) => {
    const { app } = making((app, gate) => {
      app.use(async (c, next) => {
        await read(c)
        await next()
      })
      app.use(gate)
    })
    const inMemory = await echoed(app.request('/api/auth/x', { method: 'POST', headers, body }))
    expect([atob(inMemory.body), inMemory.headers['content-type']]).toEqual([expected, headers['content-type']])
    const overHttp = (await (await serving(app)).send('/api/auth/x', { method: 'POST', headers, body })).echo()
    expect([overHttp.bytes.toString(), overHttp.headers['content-type']]).toEqual([expected, headers['content-type']])
    expect([undefined, String(expected.length)]).toContain(overHttp.headers['content-length'])
  })

  it('whose body was consumed with nothing kept is 400', async () => {
    const { app } = making((app, gate) => {
      app.use(async (c, next) => {
        await c.req.raw.text()
        await next()
      })
      app.use(gate)
    })
    const response = await app.request('/api/auth/x', { method: 'POST', body: 'x' })
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'BODY_ALREADY_READ' }])
  })
})

describe('the response', () => {
  it('stands beside cookies and headers of the host, set before and after', async () => {
    const { app } = making((app, gate) => {
      app.use(cors({ origin: 'http://b.example', credentials: true }))
      app.use(async (c, next) => {
        setCookie(c, 'before', '1')
        c.res.headers.append('set-cookie', 'raw=1')
        await next()
        setCookie(c, 'after', '1')
      })
      app.use(gate)
    })
    const response = await app.request('/api/auth/cookies', { headers: { origin: 'http://b.example' } })
    expect(response.headers.getSetCookie()).toEqual(['before=1; Path=/', 'raw=1', ...twelveCookies, 'after=1; Path=/'])
    expect(response.headers.get('access-control-allow-origin')).toBe('http://b.example')
    expect(await response.text()).toBe('ok')
  })

  it('is streamed', async () => {
    const { app, auth } = making(mounted)
    const reader = (await app.request('/api/auth/stream')).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await auth.cancelled
    expect(auth.pulled).toBeLessThan(8)
  })

  it('is an error of the host when the handler throws', async () => {
    const { app } = making(mounted)
    expect(await (await app.request('/api/auth/throw')).json()).toMatchObject({ message: 'handler broke' })
  })
})

describe('the session', () => {
  const reading = () =>
    making((app, gate) => {
      const typed = app.use(gate)
      typed.get('/none', (c) => c.text('none'))
      typed.get('/often', async (c: Context) => {
        const lazy = c.var.auth
        const all = await Promise.all([gate.getSession(c), gate.getUser(c), freeGetSession(c), lazy.session()])
        return c.json([...all, await lazy.user(), await freeGetUser(c)])
      })
    })

  it('is not read unless asked for', async () => {
    const { app, auth } = reading()
    expect(await (await app.request('/none', as('ada'))).text()).toBe('none')
    expect(auth.reads).toEqual([])
  })

  it('is read once, however often asked for', async () => {
    const { app, auth } = reading()
    const response = await app.request('/often', as('ada'))
    expect(await response.json()).toEqual([ada, ada.user, ada, ada, ada.user, ada.user])
    expect(auth.reads).toHaveLength(1)
  })

  it.each(['', 'forged', 'expired'])('is null with cookie "%s"', async (sid) => {
    const { app } = reading()
    expect(await (await app.request('/often', as(sid))).json()).toEqual(Array(6).fill(null))
  })

  const answers: [string, (c: Context) => Response][] = [
    ['c.json()', (c) => c.json({})],
    ['c.json() with a cookie of its own', (c) => c.json({}, 200, { 'set-cookie': 'own=1' })],
    ['a Response', () => new Response('raw')],
    ['a Response with a cookie of its own', () => new Response('raw', { headers: { 'set-cookie': 'own=1' } })],
    ['an immutable Response', () => Response.redirect('http://a.example/')],
  ]
  it.each(answers)('passes the cookies of a read on with %s', async (name, answer) => {
    const { app } = making((app, gate) => {
      app.use(gate)
      app.get('/', async (c) => {
        await gate.getSession(c)
        return answer(c)
      })
    })
    const own = name.includes('own') ? ['own=1'] : []
    const expected = [...own, 'sid=ada; Path=/', 'cache=x; Path=/']
    expect((await app.request('/', as('stale'))).headers.getSetCookie()).toEqual(expected)
    expect((await (await serving(app)).send('/', as('stale'))).cookies).toEqual(expected)
  })

  it('passes them on when the route fails', async () => {
    const { app } = making((app, gate) => {
      app.use(gate)
      app.get('/', async (c) => {
        await gate.getSession(c)
        throw new Error('route broke')
      })
    })
    expect((await app.request('/', as('stale'))).headers.getSetCookie()).toHaveLength(2)
  })

  it('drops those cookies when the response is out', async () => {
    const late: unknown[] = []
    const { app } = making((app, gate) => {
      app.use(gate)
      app.get('/', (c) => {
        const pull = async (controller: ReadableStreamDefaultController) => {
          late.push((await gate.getUser(c))?.id)
          controller.close()
        }
        const body = new ReadableStream({ pull }, { highWaterMark: 0 })
        return c.body(body)
      })
    })
    const response = await app.request('/', as('stale'))
    await response.text()
    expect([late, response.headers.getSetCookie()]).toEqual([['u1'], []])
  })

  it('is under another name by option', async () => {
    const app = new Hono()
      .use(keystile(echoAuth(), { name: 'who' }))
      .get('/', async (c) => c.json([await c.var.who.user(), c.get('auth' as never) ?? null]))
    expect(await (await app.request('/', as('ada'))).json()).toEqual([ada.user, null])
  })

  it('is had of the auth itself without the middleware', async () => {
    const auth = echoAuth()
    const app = new Hono().get('/', async (c) => c.json(await freeGetUser(c, auth)))
    const response = await app.request('/', as('stale'))
    expect([await response.json(), response.headers.getSetCookie().length]).toEqual([ada.user, 2])
  })
})

describe('a guard', () => {
  const calls: unknown[] = []
  const guarded = () => {
    calls.length = 0
    return making((app, gate) => {
      app.use(gate)
      app.get(
        '/handler',
        gate.requireSession((c, who) => c.json({ ...who, called: calls.push(1) })),
      )
      app.get(
        '/user',
        gate.requireUser((c, user) => c.json(user)),
      )
      app.get(
        '/next',
        gate.requireSession((_c, _who, next) => next()),
      )
      app.get('/page', gate.requireSession({ redirectTo: '/sign-in' }))
      app.get(
        '/page-handler',
        gate.requireUser((c) => c.text('in'), { redirectTo: '/sign-in' }),
      )
      app.use('/all/*', gate.requireUser())
      app.all('*', (c) => c.json({ called: calls.push(1) }))
    })
  }

  it('calls the handler with session and user', async () => {
    const { app, auth } = guarded()
    expect(await (await app.request('/handler', as('ada'))).json()).toEqual({ ...ada, called: 1 })
    expect(await (await app.request('/user', as('ada'))).json()).toEqual(ada.user)
    for (const path of ['/next', '/page', '/all/x'])
      expect(await (await app.request(path, as('ada'))).text()).toContain('called')
    expect(auth.reads).toHaveLength(5)
  })

  it.each(['/handler', '/user', '/next', '/all', '/all/x'])('answers 401 on %s without a session', async (path) => {
    const { app } = guarded()
    const response = await app.request(path, as('expired'))
    const text = '{"message":"Unauthorized","code":"UNAUTHORIZED"}'
    expect([response.status, await response.text()]).toEqual([401, text])
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.getSetCookie()).toEqual(['sid=; Max-Age=0; Path=/'])
    expect(calls).toEqual([])
  })

  it.each(['/page', '/page-handler'])('redirects %s by option', async (path) => {
    const { app } = guarded()
    const response = await app.request(path)
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([302, '/sign-in', ''])
    expect(calls).toEqual([])
  })

  it('fails closed when the read fails', async () => {
    const { app } = guarded()
    for (const path of ['/handler', '/user', '/all/x']) {
      const response = await app.request(path, as('broken'))
      expect([response.status, await response.json()]).toMatchObject([500, { message: 'Internal Server Error' }])
    }
    expect(calls).toEqual([])
  })

  it('without the middleware, or before it, fails closed with a named error', async () => {
    calls.length = 0
    const { app, auth } = making((app, gate) => {
      app.get(
        '/guard',
        gate.requireSession((c) => c.json(calls.push(1))),
      )
      app.get('/get', async (c) => c.json(await gate.getSession(c)))
      app.get('/free', async (c) => c.json(await freeGetUser(c)))
      app.use(gate)
    })
    for (const path of ['/guard', '/get', '/free']) {
      const response = await app.request(path, as('ada'))
      expect([response.status, await response.json()]).toMatchObject([500, { code: 'KEYSTILE_NOT_MOUNTED' }])
    }
    expect([calls, auth.reads]).toEqual([[], []])
  })
})

describe('types', () => {
  it("carry the app's own fields, and what routes answer", () => {
    const gate = keystile(echoAuth())
    type User = EchoModel['user']
    const app = new Hono<{ Variables: { count: number } }>()
      .use(gate)
      .get(
        '/me',
        gate.requireSession(async (c, { user, session }) => c.json({ plan: user.plan, on: session.device })),
      )
      .get('/lazy', async (c) => {
        expectTypeOf(c.var.count).toEqualTypeOf<number>()
        expectTypeOf(c.var.auth.user()).resolves.toEqualTypeOf<User | null>()
        expectTypeOf(gate.getUser(c)).resolves.toEqualTypeOf<User | null>()
        expectTypeOf(freeGetUser(c)).resolves.toEqualTypeOf<object | null>()
        return c.text('')
      })
      .get(
        '/:id',
        gate.requireUser((c: Context<{ Variables: { count: number } }, '/:id'>, user) => {
          expectTypeOf(c.var.count).toEqualTypeOf<number>()
          expectTypeOf(user).toEqualTypeOf<User>()
          return c.text(c.req.param('id'))
        }),
      )
    const client = hc<typeof app>('http://localhost')
    expectTypeOf<InferResponseType<typeof client.me.$get>>().toEqualTypeOf<{ plan: 'free' | 'pro'; on: string }>()
    expectTypeOf<Awaited<ReturnType<typeof gate.getSession>>>().toExtend<{ user: User } | null>()
  })
})
