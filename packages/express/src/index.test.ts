import { createRequire } from 'node:module'
import { getSession as freeGetSession, getUser as freeGetUser, keystile, type RequestAuthOf } from '@keystile/express'
import express, { type Express as App, type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ada, type EchoAuth, type EchoModel, echoAuth, twelveCookies } from '../../node/test/echo-auth.ts'
import { listening } from '../../node/test/http.ts'

// As apps declare it, under a name that no other file of the workspace has.
declare global {
  namespace Express {
    interface Request {
      who: RequestAuthOf<EchoAuth>
    }
  }
}

/** An app with the gate mounted, its errors answered as JSON, and what `build` adds. */
async function serving(build: (app: App, gate: ReturnType<typeof keystile<EchoModel>>) => void, auth = echoAuth()) {
  const app = express()
  const errors: unknown[] = []
  build(app, keystile(auth))
  app.use(((error, _req, res, next) => {
    errors.push(error)
    if (res.headersSent) return next(error)
    res.status(500).json({ code: error.code, message: error.message })
  }) satisfies ErrorRequestHandler)
  app.set('env', 'test')
  return { auth, errors, host: await listening(app.listen(0, '127.0.0.1')) }
}

const mounted = (app: App, gate: ReturnType<typeof keystile<EchoModel>>) => void app.use(gate)
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const as = (sid: string) => ({ headers: { cookie: `sid=${sid}` } })

describe('mounting', () => {
  it('in a router, beside a rewritten url, goes by the original path', async () => {
    const { host } = await serving((app, gate) => {
      const router = express.Router()
      router.use((req, _res, next) => {
        req.url = '/elsewhere'
        next()
      })
      router.use(gate)
      app.use('/api', router)
    })
    expect((await host.send('/api/auth/ok?q=1')).echo().url).toContain('/api/auth/ok?q=1')
  })

  it("leaves another middleware's property alone", async () => {
    const { host } = await serving((app, gate) => {
      app.use((req, _res, next) => {
        Object.assign(req, { auth: 'theirs' })
        next()
      })
      app.use(gate)
    })
    expect(JSON.parse((await host.send('/')).text)).toMatchObject({ code: 'KEYSTILE_NAME_TAKEN' })
  })

  it('without an auth instance fails at start', () => {
    // @ts-expect-error: what a missing export gives
    expect(() => keystile(undefined)).toThrow('auth instance')
  })
})

describe('the body', () => {
  const send = async (use: RequestHandler | undefined, headers: Record<string, string>, body: string) => {
    const { host } = await serving((app, gate) => {
      if (use) app.use(use)
      app.use(gate)
    })
    return host.send('/api/auth/x', { method: 'POST', headers, body })
  }

  it.each([
    ['express.json()', express.json(), json, '{ "a": [1, "é"] }', '{"a":[1,"é"]}'],
    ['express.json(), an array', express.json(), json, '[ 1 ]', '[1]'],
    ['express.json() of a +json type', express.json({ type: '*/*' }), { 'content-type': 'a/b+json' }, '{ }', '{}'],
    ['express.urlencoded()', express.urlencoded(), form, 'a=1&b=%20x&a=2', 'a=1&a=2&b=+x'],
    ['express.urlencoded({ extended })', express.urlencoded({ extended: true }), form, 'a[b]=1', 'a%5Bb%5D=1'],
    ['express.raw()', express.raw({ type: '*/*' }), json, '{ "a": 1 }', '{ "a": 1 }'],
    ['express.text()', express.text({ type: '*/*' }), json, '{ "a": 1 }', '{ "a": 1 }'],
  ])('arrives after %s', async (_name, use, headers, body, expected) => {
    const got = (await send(use, headers, body)).echo()
    expect(got.bytes.toString()).toBe(expected)
    expect(got.headers['content-type']).toBe(headers['content-type'])
    expect(got.headers['content-length']).toBeUndefined()
  })

  it('keeps the media type the client sent, whatever the parser took it for', async () => {
    const got = (await send(express.json({ type: '*/*' }), { 'content-type': 'text/plain' }, '{"a":1}')).echo()
    expect(got.headers['content-type']).toBe('text/plain')
  })
})

describe('where a request comes from', () => {
  const forged = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }

  it('is the socket without trust proxy', async () => {
    const { host } = await serving(mounted)
    const got = (await host.send('/api/auth/x', { headers: forged })).echo()
    expect([got.remoteAddress, got.url]).toEqual(['127.0.0.1', `http://127.0.0.1:${host.port}/api/auth/x`])
  })

  it('is what Express says with trust proxy, for the session too', async () => {
    const { auth, host } = await serving((app, gate) => {
      app.set('trust proxy', 'loopback')
      app.use(gate)
      app.get('/me', gate.requireSession())
    })
    const got = (await host.send('/api/auth/x', { headers: forged })).echo()
    expect([got.remoteAddress, got.url]).toEqual(['6.6.6.6', 'https://evil.example/api/auth/x'])
    await host.send('/me', { headers: forged })
    expect(auth.reads).toEqual(['6.6.6.6'])
  })
})

describe('the response', () => {
  it('keeps twelve cookies apart, beside the ones of the host', async () => {
    const { host } = await serving((app, gate) => {
      app.use(
        (_req, res, next) => void next(res.cookie('theirs', '1').vary('Origin').set('x-host', 'yes') && undefined),
      )
      app.use(gate)
    })
    const got = await host.send('/api/auth/cookies')
    expect(got.cookies).toEqual(['theirs=1; Path=/', ...twelveCookies])
    expect(got.headers['x-host']).toBe('yes')
    expect((await host.send('/api/auth/418')).headers.vary).toBe('Origin, Cookie')
  })

  it('is an error of the host when the handler throws, and a closed connection once headers are out', async () => {
    const { host } = await serving(mounted)
    expect((await host.send('/api/auth/throw')).text).toContain('handler broke')
    await expect(host.send('/api/auth/broken-stream')).rejects.toThrow('aborted')
    expect((await host.send('/api/auth/x')).status).toBe(200)
  })

  it('gives way where the host has answered already', async () => {
    const { errors, host } = await serving((app, gate) => {
      app.use('/api/auth/x', (_req, res, next) => {
        res.send('timed out')
        next()
      })
      app.use('/api/auth/418', async (req, res, next) => {
        res.write('half ')
        await gate(req, res, next)
        res.end('whole')
      })
      app.use(gate)
    })
    expect((await host.send('/api/auth/x')).text).toBe('timed out')
    expect((await host.send('/api/auth/418')).text).toBe('half whole')
    expect(errors).toEqual([])
  })
})

describe('the session', () => {
  const reading = async () =>
    serving((app, gate) => {
      app.use(gate)
      app.get('/none', (_req, res) => void res.send('none'))
      app.get('/often', async (req, res) => {
        const lazy = Reflect.get(req, 'auth')
        const all = await Promise.all([gate.getSession(req), gate.getUser(req), freeGetSession(req), lazy.session()])
        res.json([...all, await lazy.user(), await freeGetUser(req)])
      })
    })

  it('is not read unless asked for', async () => {
    const { auth, host } = await reading()
    expect((await host.send('/none', as('ada'))).text).toBe('none')
    expect(auth.reads).toEqual([])
  })

  it('is read once, however often asked for', async () => {
    const { auth, host } = await reading()
    const pair = JSON.parse(JSON.stringify(ada))
    const got = JSON.parse((await host.send('/often', as('ada'))).text)
    expect(got).toEqual([pair, pair.user, pair, pair, pair.user, pair.user])
    expect(auth.reads).toHaveLength(1)
  })

  it.each(['', 'forged', 'expired'])('is null with cookie "%s"', async (sid) => {
    const { host } = await reading()
    expect(JSON.parse((await host.send('/often', as(sid))).text)).toEqual(Array(6).fill(null))
  })

  it('passes the cookies of a read on, each on its own line, beside the ones of the host', async () => {
    const { host } = await serving((app, gate) => {
      app.use(gate)
      app.get('/', async (req, res) => {
        res.cookie('before', '1')
        await gate.getSession(req)
        res.cookie('after', '1').send('ok')
      })
    })
    const got = await host.send('/', as('stale'))
    expect(got.cookies).toEqual(['before=1; Path=/', 'sid=ada; Path=/', 'cache=x; Path=/', 'after=1; Path=/'])
  })

  it('drops those cookies when the headers are out', async () => {
    const { host } = await serving((app, gate) => {
      app.use(gate)
      app.get('/', async (req, res) => {
        res.write('early ')
        const user = await gate.getUser(req)
        res.end(user?.id)
      })
    })
    const got = await host.send('/', as('stale'))
    expect([got.text, got.cookies]).toEqual(['early u1', []])
  })

  it('is under another name by option', async () => {
    const app = express().use(keystile(echoAuth(), { name: 'who' }))
    app.get('/', async (req, res) => {
      const user = await req.who.user()
      expectTypeOf(user).toEqualTypeOf<EchoModel['user'] | null>()
      expectTypeOf(req.who.session).returns.resolves.toExtend<{ session: EchoModel['session'] } | null>()
      res.json([user, Reflect.get(req, 'auth') !== undefined])
    })
    const host = await listening(app.listen(0, '127.0.0.1'))
    expect(JSON.parse((await host.send('/', as('ada'))).text)).toEqual([ada.user, false])
  })

  it('is had of the auth itself without the middleware, and shared with it', async () => {
    const { auth, host } = await serving((app, gate) => {
      app.use(async (req, _res, next) => {
        await freeGetSession(req, auth)
        next()
      })
      app.get('/bare', async (req, res) => void res.json(await freeGetUser(req, auth)))
      app.get('/gate', async (req, res) => void res.json(await gate.getUser(req)))
      app.get('/free', async (req, res) => void res.json(await freeGetUser(req)))
      app.use(gate)
      app.get('/', async (req, res) => void res.json([await gate.getUser(req), await freeGetUser(req)]))
    })
    expect((await host.send('/bare', as('ada'))).text).toBe(JSON.stringify(ada.user))
    const got = await host.send('/', as('stale'))
    expect([JSON.parse(got.text), got.cookies.length]).toEqual([[ada.user, ada.user], 2])
    expect(auth.reads).toHaveLength(2)
    for (const path of ['/gate', '/free']) expect((await host.send(path)).text).toContain('KEYSTILE_NOT_MOUNTED')
  })

  it('of two auths is asked of one of them', async () => {
    const [staff, shop] = [echoAuth('/staff/auth'), echoAuth('/shop/auth')]
    const [gateA, gateB] = [keystile(staff, { name: 'staff' }), keystile(shop, { name: 'shop' })]
    const app = express().use(gateA, gateB)
    app.get('/', async (req, res) => {
      const error = await freeGetSession(req).catch((e) => e.code)
      res.json([(await gateA.getUser(req))?.id, error])
    })
    const host = await listening(app.listen(0, '127.0.0.1'))
    expect(JSON.parse((await host.send('/', as('ada'))).text)).toEqual(['u1', 'KEYSTILE_SEVERAL_MOUNTED'])
    expect([staff.reads.length, shop.reads.length]).toEqual([1, 0])
    expect((await host.send('/shop/auth/x')).echo().url).toContain('/shop/auth/x')
  })
})

describe('a guard', () => {
  const calls: unknown[] = []
  const guarded = async () => {
    calls.length = 0
    return serving((app, gate) => {
      app.use(gate)
      app.get(
        '/handler',
        gate.requireSession((_req, res, who) => void res.json({ ...who, called: calls.push(1) })),
      )
      app.get(
        '/user',
        gate.requireUser((_req, res, user) => void res.json(user)),
      )
      app.get(
        '/next',
        gate.requireSession((_req, _res, _who, next) => next()),
      )
      app.get('/page', gate.requireSession({ redirectTo: '/sign-in' }))
      app.get(
        '/page-handler',
        gate.requireUser((_req, res) => void res.send('in'), { redirectTo: '/sign-in' }),
      )
      app.use('/all', gate.requireUser())
      app.use((_req, res) => void res.json({ called: calls.push(1) }))
    })
  }

  it('calls the handler with session and user', async () => {
    const { auth, host } = await guarded()
    expect(JSON.parse((await host.send('/handler', as('ada'))).text)).toEqual({ ...ada, called: 1 })
    expect(JSON.parse((await host.send('/user', as('ada'))).text)).toEqual(ada.user)
    for (const path of ['/next', '/page', '/all/x']) expect((await host.send(path, as('ada'))).text).toContain('called')
    expect(auth.reads).toHaveLength(5)
  })

  it.each(['/handler', '/user', '/next', '/all', '/all/x'])('answers 401 on %s without a session', async (path) => {
    const { host } = await guarded()
    const got = await host.send(path, as('expired'))
    expect([got.status, got.text]).toEqual([401, '{"message":"Unauthorized","code":"UNAUTHORIZED"}'])
    expect(got.headers['content-type']).toBe('application/json')
    expect(got.headers['cache-control']).toBe('no-store')
    expect(got.cookies).toEqual(['sid=; Max-Age=0; Path=/'])
    expect(calls).toEqual([])
  })

  it.each(['/page', '/page-handler'])('redirects %s by option', async (path) => {
    const { host } = await guarded()
    const got = await host.send(path)
    expect([got.status, got.headers.location, got.text]).toEqual([302, '/sign-in', ''])
    expect(calls).toEqual([])
  })

  it('fails closed when the read fails', async () => {
    const { host } = await guarded()
    for (const path of ['/handler', '/user', '/all']) {
      const got = await host.send(path, as('broken'))
      expect([got.status, JSON.parse(got.text).message]).toEqual([500, 'Internal Server Error'])
    }
    expect(calls).toEqual([])
  })

  it('fails closed on Express 4 too, which looks at no promise', async () => {
    const express4: typeof express = createRequire(import.meta.url)('express4')
    const gate = keystile(echoAuth())
    const app = express4().use(gate)
    app.get(
      '/read',
      gate.requireUser(() => calls.push(1)),
    )
    app.get(
      '/handler',
      gate.requireUser(() => Promise.reject(new Error('handler broke'))),
    )
    app.use(((error, _req, res, _next) => void res.status(500).send(error.message)) satisfies ErrorRequestHandler)
    const host = await listening(app.listen(0, '127.0.0.1'))
    calls.length = 0
    expect((await host.send('/read', as('broken'))).text).toBe('Internal Server Error')
    expect((await host.send('/handler', as('ada'))).text).toBe('handler broke')
    expect((await host.send('/read')).status).toBe(401)
    expect(calls).toEqual([])
  })

  it('without the middleware, or before it, fails closed with a named error', async () => {
    const { auth, host } = await serving((app, gate) => {
      app.get(
        '/guard',
        gate.requireSession(() => calls.push(1)),
      )
      app.get('/get', async (req, res) => void res.json(await gate.getSession(req)))
      app.get('/free', async (req, res) => void res.json(await freeGetUser(req)))
      app.use(gate)
    })
    calls.length = 0
    for (const path of ['/guard', '/get', '/free']) {
      const got = await host.send(path, as('ada'))
      expect([got.status, JSON.parse(got.text).code]).toEqual([500, 'KEYSTILE_NOT_MOUNTED'])
    }
    expect([calls, auth.reads]).toEqual([[], []])
  })
})

describe('types', () => {
  it("carry the app's own fields", () => {
    const auth = echoAuth()
    const gate = keystile(auth)
    type Pair = { user: EchoModel['user']; session: EchoModel['session'] }
    gate.requireSession((req, _res, { user, session }) => {
      expectTypeOf(req).toEqualTypeOf<Request>()
      expectTypeOf(user.plan).toEqualTypeOf<'free' | 'pro'>()
      expectTypeOf(session.device).toEqualTypeOf<string>()
    })
    gate.requireUser((_req, _res, user) => expectTypeOf(user).toEqualTypeOf<EchoModel['user']>())
    const typed = (req: Request) => {
      expectTypeOf(gate.getSession(req)).resolves.toExtend<Pair | null>()
      expectTypeOf(gate.getUser(req)).resolves.toEqualTypeOf<EchoModel['user'] | null>()
      expectTypeOf(freeGetSession(req, auth)).resolves.toExtend<Pair | null>()
      expectTypeOf(freeGetUser(req, auth)).resolves.toEqualTypeOf<EchoModel['user'] | null>()
      expectTypeOf(freeGetUser(req)).resolves.toEqualTypeOf<object | null>()
    }
    expect(typed).toBeTypeOf('function')
  })
})
