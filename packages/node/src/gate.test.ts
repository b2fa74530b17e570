import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ada, type EchoModel, echoAuth } from '../test/echo-auth.ts'
import { listening } from '../test/http.ts'
import { getSession as freeGetSession, getUser as freeGetUser, type KeystileNode, keystile } from './index.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

async function serving(routes: (gate: KeystileNode<EchoModel>) => Record<string, Handler>) {
  const auth = echoAuth()
  const errors: unknown[] = []
  const gate = keystile(auth, { onError: (error) => errors.push(error) })
  const handlers = routes(gate)
  const server = createServer(async (req, res) => {
    if (await gate(req, res)) return
    const handler = handlers[req.url ?? '']
    if (handler) await handler(req, res)
    else errors.push('left to nobody')
  })
  return { auth, errors, gate, host: await listening(server) }
}

const as = (sid: string) => ({ headers: { cookie: `sid=${sid}` } })

describe('a gate on node:http', () => {
  it('answers the paths of the auth, reads a session once, and passes its cookies on', async () => {
    const { auth, errors, host } = await serving((gate) => ({
      '/': async (req, res) => {
        const all = [await gate.getSession(req), await gate.getUser(req), await freeGetUser(req)]
        res.end(JSON.stringify([...all, await Reflect.get(req, 'auth').user()]))
      },
    }))
    expect((await host.send('/api/auth/x')).echo().method).toBe('GET')
    expect(errors).toEqual([])
    const got = await host.send('/', as('stale'))
    expect(JSON.parse(got.text)).toEqual([ada, ada.user, ada.user, ada.user])
    expect([got.cookies, auth.reads]).toEqual([['sid=ada; Path=/', 'cache=x; Path=/'], ['127.0.0.1']])
  })

  it('guards a handler: 401, a redirect, or 500 when the read fails', async () => {
    const calls: unknown[] = []
    const { errors, host } = await serving((gate) => ({
      '/me': gate.requireSession((_req, res, { user }) => res.end(JSON.stringify(user), () => calls.push(1))),
      '/page': gate.requireUser((_req, res) => res.end('in'), { redirectTo: '/sign-in' }),
    }))
    expect((await host.send('/me')).text).toBe('{"message":"Unauthorized","code":"UNAUTHORIZED"}')
    expect((await host.send('/page')).headers.location).toBe('/sign-in')
    const failed = await host.send('/me', as('broken'))
    expect([failed.status, failed.text.includes('store')]).toEqual([500, false])
    expect(errors).toMatchObject([{ message: 'Internal Server Error', cause: { message: 'store is down' } }])
    expect(calls).toEqual([])
    expect(JSON.parse((await host.send('/me', as('ada'))).text)).toEqual(ada.user)
  })

  it('hangs its session under a name of choice, for whoever asks without the gate', async () => {
    const gate = keystile(echoAuth(), { name: 'who' })
    const server = createServer(async (req, res) => {
      if (await gate(req, res)) return
      const { who, auth } = req as IncomingMessage & { who?: { user(): Promise<unknown> }; auth?: unknown }
      res.end(JSON.stringify([await who?.user(), await freeGetSession(req), auth ?? null]))
    })
    const host = await listening(server)
    expect(JSON.parse((await host.send('/', as('ada'))).text)).toEqual([ada.user, ada, null])
  })

  it('is middleware: next is called, with the error of a read that failed', async () => {
    const gate = keystile(echoAuth())
    const guard = gate.requireSession()
    const server = createServer((req, res) =>
      gate(req, res, () => guard(req, res, (error) => res.end(error instanceof Error ? error.message : 'host'))),
    )
    const host = await listening(server)
    const texts = await Promise.all(['ada', 'broken', ''].map(async (sid) => (await host.send('/', as(sid))).text))
    expect(texts).toEqual(['host', 'Internal Server Error', expect.stringContaining('UNAUTHORIZED')])
  })

  it("is typed with the app's own fields", () => {
    const gate = keystile(echoAuth())
    gate.requireUser((_req, _res, user) => expectTypeOf(user).toEqualTypeOf<EchoModel['user']>())
    expectTypeOf(gate.getUser).returns.resolves.toEqualTypeOf<EchoModel['user'] | null>()
    expect(gate).toBeTypeOf('function')
  })
})
