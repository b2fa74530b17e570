import { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { getHeapSpaceStatistics } from 'node:v8'
import { keystile } from '@keystile/express'
import express, { type Express as App, type Request } from 'express'
import { describe, expect, it } from 'vitest'
import { echoAuth } from '../../node/test/echo-auth.ts'
import { listening } from '../../node/test/http.ts'
import type * as Property from './property.ts'
import { hang } from './property.ts'

const majors: [string, typeof express][] = [
  ['Express 5', express],
  ['Express 4', createRequire(import.meta.url)('express4')],
]
const what = (value: unknown) => (value === undefined ? 'none' : typeof value === 'string' ? value : 'a session')

/** What an app answers that tells what its requests have. */
async function told(app: App, path = '/'): Promise<unknown> {
  const host = await listening(app.listen(0, '127.0.0.1'))
  return JSON.parse((await host.send(path)).text)
}
const tell = (req: Request, names = ['auth']) => names.map((name) => what(Reflect.get(req, name)))

describe.each(majors)("a request's property, %s", (_title, make) => {
  it('is there behind the gate alone', async () => {
    const app = make()
    const before: unknown[] = []
    app.use((req, _res, next) => {
      before.push(...tell(req))
      next()
    })
    app.use('/a', keystile(echoAuth('/a')))
    app.use((req, res) => void res.json([...before.splice(0), ...tell(req)]))
    expect(await told(app, '/a-b')).toEqual(['none', 'none'])
    expect(await told(make().use((req, res) => void res.json(tell(req))))).toEqual(['none'])
  })

  it('is none of its own, which would cost it a shape of its own', async () => {
    const app = make()
    const own = (req: Request) => Reflect.ownKeys(req).length
    app.use((req, res, next) => {
      res.locals.before = own(req)
      next()
    })
    app.use(keystile(echoAuth()))
    app.use((req, res) => void res.json([own(req) - res.locals.before, ...tell(req)]))
    expect(await told(app)).toEqual([0, 'a session'])
  })

  it('is still there when the app comes back from another, where the gate was', async () => {
    const inner = make()
    inner.use(keystile(echoAuth()))
    inner.get('/', (req, _res, next) => {
      Object.assign(req, { within: tell(req) })
      next()
    })
    const app = make()
      .use(inner)
      .get('/', (req, res) => void res.json([Reflect.get(req, 'within'), tell(req)]))
    expect(await told(app)).toEqual([['a session'], ['a session']])
  })

  it('is the same whenever it is looked at', async () => {
    const app = make().use(keystile(echoAuth()))
    app.get('/', (req, res) => {
      const first: unknown = Reflect.get(req, 'auth')
      res.json(first === Reflect.get(req, 'auth'))
    })
    expect(await told(app)).toBe(true)
  })

  it('has as many names as there are gates', async () => {
    const app = make()
    app.use(keystile(echoAuth('/a'), { name: 'first' }), keystile(echoAuth('/b'), { name: 'second' }))
    app.get('/', (req, res) => void res.json(tell(req, ['first', 'second', 'auth'])))
    expect(await told(app)).toEqual(['a session', 'a session', 'none'])
  })

  it('may be set by the app, for that request alone', async () => {
    const app = make().use(keystile(echoAuth()))
    app.get('/mine', (req, res) => {
      Object.assign(req, { auth: 'mine' })
      res.json([...tell(req), Object.keys(req).includes('auth')])
    })
    app.get('/', (req, res) => void res.json(tell(req)))
    expect(await told(app, '/mine')).toEqual(['mine', true])
    expect(await told(app)).toEqual(['a session'])
  })
})

const socket = new Socket()

/** A request of an app, as Express has it when middleware runs. */
function requestOf(app: App): Request {
  const req = Object.assign(new IncomingMessage(socket), { url: '/', method: 'GET', originalUrl: '/' })
  return Object.setPrototypeOf(Object.assign(req, { res: new ServerResponse(req), baseUrl: '' }), app.request)
}

it('another copy of the package has its own requests under the same name', async () => {
  const path = './property.ts?copy'
  const copy: typeof Property = await import(path)
  const app = express()
  const [ours, theirs, stranger] = [requestOf(app), requestOf(app), requestOf(app)]
  hang(ours, 'twice', () => ['ours'])
  copy.hang(theirs, 'twice', () => ['theirs'])
  expect([ours, theirs, stranger].map((req) => Reflect.get(req, 'twice'))).toEqual([['ours'], ['theirs'], undefined])
  expect(() => copy.hang(ours, 'twice', () => [])).toThrow(expect.objectContaining({ code: 'KEYSTILE_NAME_TAKEN' }))
})

const mountOn = (gate: ReturnType<typeof keystile>) => (req: Request) => gate(req, req.res as never, () => {})
const auth = (req: object) => Reflect.get(req, 'auth')

describe('a request of another make', () => {
  it('that shares the state of another, as copies do, shares no session with it', async () => {
    const app = express()
    const gate = keystile(echoAuth())
    const first = requestOf(app)
    const second = Object.assign(Object.create(app.request), first)
    mountOn(gate)(first)
    await expect(gate.getSession(second)).rejects.toMatchObject({ code: 'KEYSTILE_NOT_MOUNTED' })
    mountOn(gate)(second)
    for (const req of [first, second]) await expect(gate.getSession(req)).resolves.toBeDefined()
    expect([what(auth(first)), what(auth(second)), auth(first) === auth(second)]).toEqual([
      'a session',
      'a session',
      false,
    ])
  })

  it('that is made of another by Object.create has what hangs on that', () => {
    const req = requestOf(express())
    mountOn(keystile(echoAuth()))(req)
    expect(auth(Object.create(req))).toBe(auth(req))
  })

  it('that has no state of a stream is its own keeper', async () => {
    const req: Request = Object.setPrototypeOf({ url: '/', originalUrl: '/', baseUrl: '', headers: {} }, null)
    const gate = keystile(echoAuth())
    gate(req, {} as never, () => {})
    await expect(gate.getSession(req)).resolves.toBeNull()
    expect(what(auth(req))).toBe('a session')
  })

  const parts = { url: '/', originalUrl: '/', baseUrl: '', headers: {} }
  const bare = (more: object): object => Object.assign(new IncomingMessage(socket), parts, more)
  it.each<[string, (app: App) => object]>([
    ['of no app', () => bare({})],
    ['that does not inherit from those of its app', (app) => bare({ app })],
    ['that is a plain object, of an app that has no requests', () => ({ ...parts, app: {} })],
  ])('has the property to itself: one %s', (_title, made) => {
    const app = express()
    const gate = keystile(echoAuth(), { name: 'alone' })
    for (let i = 0; i < 3; i++) {
      const req = made(app)
      gate(req as Request, {} as never, () => {})
      expect([what(Reflect.get(req, 'alone')), Object.hasOwn(req, 'alone')]).toEqual(['a session', true])
    }
    const others = [requestOf(app), IncomingMessage.prototype, {}]
    expect(others.filter((other) => 'alone' in other)).toEqual([])
  })

  it('on which the name stands for undefined gets the session all the same', () => {
    const req = Object.assign(requestOf(express()), { auth: undefined })
    mountOn(keystile(echoAuth()))(req)
    expect(what(auth(req))).toBe('a session')
  })
})

it('of Django is not opened by a second gate, which says that it is there', () => {
  const req = requestOf(express())
  let opened = 0
  const open = () => {
    opened++
    return {}
  }
  hang(req, 'site', open)
  expect(() => hang(req, 'site', open)).toThrow(expect.objectContaining({ code: 'KEYSTILE_NAME_TAKEN' }))
  expect(opened).toBe(0)
})

it('a gate leaves no shapes of requests behind', () => {
  const app = express()
  const gate = keystile(echoAuth())
  const pass = (times: number) => {
    for (let i = 0; i < times; i++) {
      const req = requestOf(app)
      gate(req, req.res as never, () => {})
    }
  }
  /** Megabytes that outlive the small collections. */
  const old = () =>
    getHeapSpaceStatistics()
      .filter(({ space_name: name }) => name.startsWith('old') || name.startsWith('map'))
      .reduce((sum, { space_used_size: size }) => sum + size, 0) / 1e6
  pass(5000)
  const before = old()
  pass(5000)
  expect(old() - before).toBeLessThan(1.5)
})
