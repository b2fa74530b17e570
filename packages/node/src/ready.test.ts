/** What `gate.ready(app)` makes of an app's answer: the same for every framework. */
import { createServer, type RequestListener } from 'node:http'
import { Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Options } from '@keystile/core'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { echoAuth } from '../test/echo-auth.ts'
import { realAuth } from '../test/real-auth.ts'
import { keystile } from './index.ts'

const answering = (status: number) => createServer((_req, res) => void res.writeHead(status).end())
const wrongMount = { name: 'ConfigError', code: 'KEYSTILE_WRONG_MOUNT' }

describe('an app that does not bring the request to the gate', () => {
  it.for([200, 204, 404, 405])('and answers %s itself is refused', async (status) => {
    await expect(keystile(echoAuth()).ready(answering(status))).rejects.toMatchObject({
      ...wrongMount,
      message: expect.stringContaining(
        `GET http://localhost/api/auth/ok did not come to keystile: the app itself answered ${status}`,
      ),
    })
  })

  it.for([
    [404, 'rejected'],
    [401, 'fulfilled'],
  ] as const)('and hints at what comes before its %s is judged by that', async ([status, outcome]) => {
    const app = createServer((_req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => res.writeHead(status).end())
    })
    const [settled] = await Promise.allSettled([keystile(echoAuth()).ready(app)])
    expect(settled.status).toBe(outcome)
  })

  it.for([301, 307, 400, 401, 403, 429, 500, 503])('but turns a stranger away with %s is let be', async (status) => {
    await expect(keystile(echoAuth()).ready(answering(status))).resolves.toBeUndefined()
  })

  it.for<[string, RequestListener]>([
    [
      'throws',
      () => {
        throw new Error('broke')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broke')) as never],
    ['hangs up', (_req, res) => void res.destroy()],
  ])('but %s is let be, and waited for no longer', async ([, listener]) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    await expect(keystile(echoAuth()).ready(createServer(listener))).resolves.toBeUndefined()
  })

  it('and never answers is waited for five seconds, then hung up on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const closed = vi.fn()
    const settled = vi.fn()
    const ready = keystile(echoAuth()).ready(createServer((req) => void req.socket.once('close', closed)))
    void ready.then(settled)
    await vi.advanceTimersByTimeAsync(4999)
    expect([settled, closed].map(({ mock }) => mock.calls.length)).toEqual([0, 0])
    await vi.advanceTimersByTimeAsync(1)
    await expect(ready).resolves.toBeUndefined()
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), { timeout: 60_000 })
  })

  it('because nobody listens is let be at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    await expect(keystile(echoAuth()).ready(createServer())).resolves.toBeUndefined()
  })
  afterEach(() => vi.useRealTimers())
})

describe('an app that does', () => {
  it('is well, whatever the auth answers', async () => {
    const { auth, logged } = realAuth({ disabledPaths: ['/ok'] })
    const gate = keystile(auth)
    const statuses: number[] = []
    const app = createServer(async (req, res) => {
      await gate(req, res)
      statuses.push(res.statusCode)
    })
    await gate.ready(app)
    expect([statuses, logged]).toEqual([[404], []])
  })

  it('gets one GET request at the public address, from the machine itself, by whatever was TLS', async () => {
    const { auth, logged } = realAuth()
    const gate = keystile(auth)
    const seen: unknown[] = []
    const app = createServer((req, res) => {
      const { remoteAddress, encrypted } = req.socket as { remoteAddress?: string; encrypted?: boolean }
      seen.push([req.method, req.headers.host, req.url, remoteAddress, encrypted])
      return gate(req, res)
    })
    await gate.ready(app)
    expect(seen).toEqual([['GET', 'app.example.com', '/api/auth/ok', '127.0.0.1', true]])
    expect(logged).toEqual([])
  })

  it.for<[string, Partial<Options>, [string, boolean]]>([
    [
      'the first of its hosts',
      { baseURL: { allowedHosts: ['*.example.com', 'a.example.com'] } },
      ['a.example.com', true],
    ],
    [
      'its fallback',
      { baseURL: { allowedHosts: ['*.example.com'], fallback: 'http://b.org:81' } },
      ['b.org:81', false],
    ],
    ['the machine itself', { baseURL: undefined, logger: { disabled: true } }, ['localhost', false]],
  ])('is asked as %s where it has no one public address', async ([, options, expected]) => {
    const { auth, logged } = realAuth(options)
    const gate = keystile(auth)
    const seen: unknown[] = []
    const app = createServer((req, res) => {
      seen.push([req.headers.host, Reflect.get(req.socket, 'encrypted')])
      return gate(req, res)
    })
    await gate.ready(app)
    expect([seen, logged]).toEqual([[expected], []])
  })

  it('is told from another that is asked at the same time', async () => {
    const gate = keystile(echoAuth())
    const [good, bad] = [createServer(gate), answering(404)]
    const settled = await Promise.allSettled([good, bad, good, bad].map((app) => gate.ready(app)))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  })

  it('may be its listener alone', async () => {
    const gate = keystile(echoAuth())
    await expect(gate.ready((req, res) => gate(req, res))).resolves.toBeUndefined()
    await expect(gate.ready((_req, res) => res.end())).rejects.toMatchObject(wrongMount)
  })

  it('finds what other sockets have', async () => {
    const gate = keystile(echoAuth())
    const app = createServer((req, res) => {
      res.setTimeout(30_000)
      req.setTimeout(30_000)
      req.socket.setNoDelay().setKeepAlive().ref().unref()
      expect([req.socket.address(), (req.socket as TLSSocket).getPeerCertificate()]).toEqual([{}, {}])
      res.end()
    })
    await expect(gate.ready(app)).rejects.toMatchObject(wrongMount)
  })

  it('is let finish', async () => {
    const events: string[] = []
    const gate = keystile(echoAuth())
    const app = createServer(async (req, res) => {
      for (const event of ['aborted', 'error']) req.once(event, () => events.push(event))
      const closed = new Promise((resolve) => res.once('close', resolve))
      res.once('finish', () => events.push('finish'))
      await gate(req, res)
      await closed
      events.push('close')
    })
    await gate.ready(app)
    await vi.waitFor(() => expect(events).toEqual(['finish', 'close']), { timeout: 60_000 })
  })
})

it('tells what is wrong with the mounting and with the database in one error', async () => {
  const { auth } = realAuth({ database: '/no/such/folder/app.db', logger: { disabled: true } })
  const gate = keystile(auth)
  const codes = ['KEYSTILE_WRONG_MOUNT', 'DATABASE_UNREACHABLE'].map((code) => ({ code }))
  await expect(gate.ready(answering(404))).rejects.toMatchObject({ problems: codes })
  await expect(gate.ready()).rejects.toMatchObject({ problems: codes.slice(1) })
})

it('what has paths of its own may be mounted for some of them', async () => {
  await expect(keystile(echoAuth('/api', ['/api/notes'])).ready(answering(404))).resolves.toBeUndefined()
})

it('a base path of / is asked for as any', async () => {
  const gate = keystile(echoAuth(''))
  await expect(gate.ready(createServer(gate))).resolves.toBeUndefined()
  await expect(gate.ready(answering(404))).rejects.toMatchObject(wrongMount)
})

it('opens no port', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => listen.mockRestore())
  const gate = keystile(echoAuth())
  await gate.ready(createServer(gate))
  expect(listen).not.toHaveBeenCalled()
})
