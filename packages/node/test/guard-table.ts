/** What guards must never do: let through what they do not understand, or tell a visitor what broke. */
import type { Server } from 'node:http'
import { createAuth } from '@keystile/core'
import { Refusal } from '@keystile/core/adapter'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ada } from './echo-auth.ts'
import { foreign } from './foreign-core.ts'
import { listening } from './http.ts'

export type GuardedAuth = ReturnType<typeof authOf>

export interface Guarded {
  readonly auth: GuardedAuth
  /** One that is not mounted. */
  readonly stranger: GuardedAuth
  readonly called: () => void
  readonly production: boolean
}

/**
 * An app with `auth` mounted and the framework's own error handler. `requireSession` is around a handler on `/handler`
 * and before one on `/next`, `requireUser` around one on `/user`, that of the stranger on `/unmounted`; `/open` has the
 * handler alone. Handlers call `called`.
 */
export type ServeGuarded = (guarded: Guarded) => Promise<Server> | Server

const json = { 'content-type': 'application/json' }

const authOf = (basePath: string, production: boolean, logged: string[]) =>
  createAuth({
    database: ':memory:',
    basePath,
    baseURL: 'http://localhost',
    secret: 'a secret of the tests, of enough letters',
    production,
    env: {},
    logger: { log: (level, message) => void logged.push(`${level}: ${message}`) },
    emailAndPassword: { enabled: true },
  })

async function serving(serve: ServeGuarded, production = false) {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const logged: string[] = []
  const [auth, stranger] = [authOf('/api/auth', production, logged), authOf('/other/auth', production, logged)]
  const called = vi.fn()
  onTestFinished(async () => {
    foreign.says = undefined
    vi.restoreAllMocks()
    await Promise.all([auth.close(), stranger.close()])
  })
  const host = await listening(await serve({ auth, stranger, called, production }))
  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' })
  const { cookies } = await host.send('/api/auth/sign-up/email', { method: 'POST', headers: json, body })
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  return { auth, host, called, logged, as: { headers: { cookie } } }
}

/** How many of these are made from now on, until globals are what they were. */
function counting(names: readonly ('Request' | 'Response' | 'Headers')[]): () => Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) {
    counts[name] = 0
    const construct = (target: new () => object, args: unknown[], made: new () => object): object => {
      counts[name] = (counts[name] ?? 0) + 1
      return Reflect.construct(target, args, made)
    }
    vi.stubGlobal(name, new Proxy<new () => object>(globalThis[name] as never, { construct }))
  }
  return () => counts
}

const routes = ['/handler', '/next', '/user']
const { status, headers, body } = new Refusal(401, json, '{}')

export function guardTable(serve: ServeGuarded): void {
  describe('a guard', () => {
    test('lets in who is known, and nobody else', async () => {
      const { host, called, as } = await serving(serve)
      for (const path of routes) expect((await host.send(path)).status, path).toBe(401)
      expect(called).not.toHaveBeenCalled()
      for (const path of routes) expect((await host.send(path, as)).status, path).toBe(200)
      expect(called).toHaveBeenCalledTimes(routes.length)
    })

    test.each<[string, unknown]>([
      ['null', null],
      ['nothing', undefined],
      ['true', true],
      ['a bare pair', ada],
      ['a refusal of another copy', { status, headers, body }],
      ['a refusal of this one', new Refusal(401, json, '{}')],
      ['a refusal in a case of its own, of another copy', { refusal: { status: 200, headers, body } }],
      ['nobody', { who: null }],
      ['nothing at all', { who: undefined }],
    ])('refuses where its reader says %s', async (_name, verdict) => {
      const { host, called, as } = await serving(serve)
      foreign.says = { verdict }
      for (const path of routes) expect((await host.send(path, as)).status, path).toBe(401)
      expect(called).not.toHaveBeenCalled()
    })

    test.each([
      ['null', { pair: null }],
      ['nothing', {}],
      ['a refusal', { pair: { status, headers, body } }],
      ['half a pair', { pair: { session: ada.session } }],
    ])('refuses where the auth reads %s', async (_name, read) => {
      const { auth, host, called, as } = await serving(serve)
      Object.assign(auth, { readSession: async () => ({ ...read, setCookies: [] }) })
      for (const path of routes) expect((await host.send(path, as)).status, path).toBe(401)
      expect(called).not.toHaveBeenCalled()
    })

    test('makes no Request, Response or Headers', async () => {
      const { host, as } = await serving(serve)
      const made = async (path: string) => {
        const counts = counting(['Request', 'Response', 'Headers'])
        expect((await host.send(path, as)).status, path).toBe(200)
        vi.unstubAllGlobals()
        return counts()
      }
      // What the host makes by itself.
      const own = await made('/open')
      for (const path of routes) expect(await made(path), path).toEqual(own)
    })

    test.each([true, false])('tells nothing of a store that is down, production: %s', async (production) => {
      const { auth, host, called, logged, as } = await serving(serve, production)
      await auth.close()
      for (const path of routes) {
        const got = await host.send(path, as)
        expect([got.status, got.text], path).toEqual([503, expect.not.stringMatching(/store|closed/i)])
      }
      expect(called).not.toHaveBeenCalled()
      expect(logged).toContain('error: the session or the caller of a request could not be read')
    })

    test.each([true, false])('tells nothing of a gate that did not run, production: %s', async (production) => {
      const { host, called, logged, as } = await serving(serve, production)
      for (let time = 0; time < 2; time++) {
        const got = await host.send('/unmounted', as)
        expect([got.status, got.text]).toEqual([500, expect.not.stringMatching(/mount keystile|has not seen/)])
        if (production) expect(got.text).not.toContain('NOT_MOUNTED')
      }
      expect(called).not.toHaveBeenCalled()
      // Once, with the base path and what to do.
      expect(logged.filter((line) => line.includes('NOT_MOUNTED'))).toEqual([
        expect.stringMatching(/^warn: .*"\/other\/auth".*mount keystile\(auth\) before/),
      ])
    })
  })
}
