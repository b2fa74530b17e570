import { type MemoryRows, memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import { describe, expect, it } from 'vitest'
import { bestOf } from '../../../../packages/core/test/best-of.ts'
import { browser } from '../support.ts'
import { getPaths, open, origin, postPaths, v, w } from './support.ts'

/** Numbers below a bound, the same at every run. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('whatever comes', () => {
  it('IN-21 is answered: no 5xx, no wait, nothing thrown beside', async () => {
    const site = await open(
      {
        user: {
          additionalFields: { plan: { type: 'string', required: false }, age: { type: 'number', required: false } },
        },
        plugins: [username()],
      },
      { users: [v, w] },
    )
    const roll = dice(20_260_101)
    const one = <T>(list: readonly T[]): T => list[roll(list.length)] as T
    const strange = [
      '',
      ' ',
      '\0',
      '\ud800',
      'é',
      '😀',
      '‮',
      '__proto__',
      "' OR 1=1--",
      '../..',
      '%00',
      'a'.repeat(300),
      '{',
      'null',
      '-1',
      '1e309',
      '٣',
      'http://[',
      'javascript:alert(1)',
      '//evil.example',
    ]
    const known = [
      v.email,
      w.email,
      v.password,
      w.password,
      'V',
      'true',
      '0',
      '/next',
      `${origin}/next`,
      'pro',
      'ada_l',
    ]
    const value = (depth = 0): unknown => {
      switch (roll(depth > 3 ? 6 : 9)) {
        case 0:
          return one([null, true, false, 0, -1, 1.5, 2 ** 53, 1e308])
        case 1:
          return one(strange)
        case 6:
          return Array.from({ length: roll(4) }, () => value(depth + 1))
        case 7:
          return object(depth + 1)
        default:
          return one(known)
      }
    }
    const fields = [
      'email',
      'password',
      'name',
      'image',
      'callbackURL',
      'rememberMe',
      'token',
      'currentPassword',
      'newPassword',
      'revokeOtherSessions',
      'disableRedirect',
      'state',
      'plan',
      'age',
      'username',
      'displayUsername',
      'id',
      'constructor',
    ]
    const object = (depth = 0): object =>
      Object.fromEntries(Array.from({ length: roll(6) }, () => [one(fields), value(depth + 1)]))
    const whole = { ...v, currentPassword: v.password, newPassword: v.password, username: 'ada_l' }
    const bodies = [
      () => object(),
      () => ({ ...whole, ...object() }),
      () => ({ ...whole, [one(fields)]: value() }),
      () => value(),
      () => one(strange),
      () => JSON.stringify({ ...whole, ...object() }).slice(0, roll(90)),
      () => `${one(fields)}=${one(strange)}&${one(fields)}[${one(fields)}]=1`,
    ]
    const types = [
      'application/json',
      'application/json',
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json; charset=utf-16',
      'x',
    ]
    const paths = [
      ...getPaths,
      ...postPaths,
      '/sign-in/username',
      '/is-username-available',
      '/none',
      '',
      '/',
      '/sign-in',
    ]
    const printable = (text: string) => encodeURIComponent(text.toWellFormed())
    const stray: unknown[] = []
    const note = (error: unknown) => stray.push(error)
    process.on('unhandledRejection', note)
    const own = await site.signedIn()
    const jars = [own.jar, new Map([['better-auth.session_token', 'x']]), new Map<string, string>()]
    const seen = new Map<number, number>()
    for (let i = 0; i < 6000; i++) {
      const caller = site.browser({ remoteAddress: one(['203.0.113.1', 'x', '::1', undefined]) })
      for (const [name, cookie] of one(jars)) caller.jar.set(name, roll(20) ? cookie : printable(one(strange)))
      const query = roll(3)
        ? ''
        : `?${Array.from({ length: roll(4) }, () => `${one(fields)}=${printable(String(value(9)))}`).join('&')}`
      const method = roll(3) ? 'POST' : one(['GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      const body = method === 'GET' || method === 'HEAD' ? undefined : one(bodies)()
      const headers: Record<string, string | null> = {
        ...(roll(4) ? {} : { 'content-type': one(types) }),
        ...(roll(9) ? {} : { origin: one([null, 'null', 'https://evil.example', origin, 'x']) }),
        ...(roll(9) ? {} : { 'user-agent': printable(one(strange)), 'x-forwarded-for': printable(one(strange)) }),
      }
      const path = roll(20) ? one(paths) : `${one(paths)}${printable(one(strange))}`
      let status = 0
      const ms = await bestOf(1, async () => {
        status = (await caller.send(path + query, { method, body, headers })).status
      })
      // What hangs is not answered at all, and the test comes to no end.
      expect(ms, `${i}: ${method} ${path}`).toBeLessThan(1000)
      seen.set(status, (seen.get(status) ?? 0) + 1)
      if (i % 500 === 0) {
        own.jar.clear()
        await site.domain.store.remove(site.domain.tables.rateLimit, {})
        for (const [name, cookie] of (await site.signedIn(w)).jar) own.jar.set(name, cookie)
      }
    }
    process.off('unhandledRejection', note)
    expect(stray).toEqual([])
    // It went deep enough to be worth something.
    for (const status of [200, 400, 401, 403, 404, 415])
      expect(seen.get(status) ?? 0, String(status)).toBeGreaterThan(10)
  })

  it('HD-09 is told nothing of what failed within, but where the log has it', async () => {
    const rows: MemoryRows = {}
    let failing = false
    const failure = 'SQLITE_ERROR: no such column: secret_column in select "password" from "account"'
    for (const table of ['user', 'session', 'account', 'verification', 'rateLimit']) {
      rows[table] = new Proxy([], {
        get(target, key, receiver) {
          if (failing) throw new Error(failure)
          return Reflect.get(target, key, receiver)
        },
      })
    }
    const site = await open({ database: memoryAdapter(rows) })
    const own = browser(site.auth.handler)
    await own.signIn(v)
    const whole = { ...v, token: 'x', currentPassword: v.password, newPassword: v.password }
    const failed: string[] = []
    failing = true
    for (const path of ['GET /get-session', 'GET /list-sessions', ...postPaths.map((path) => `POST ${path}`)]) {
      const [method = '', route = ''] = path.split(' ')
      const cookies = new Map(own.jar)
      site.logged.length = 0
      const email = route === '/sign-up/email' ? w.email : v.email
      const body = method === 'POST' ? { ...whole, ...(route === '/update-user' ? {} : { email }) } : undefined
      if (route === '/update-user') Reflect.deleteProperty(body as object, 'email')
      const { status, headers, text, json } = await own.send(route, { method, body })
      own.jar.clear()
      for (const [name, cookie] of cookies) own.jar.set(name, cookie)
      if (status < 500) continue
      failed.push(path)
      expect(text, path).not.toMatch(/sqlite|select|column|password|\bat |\.ts|node_modules|Error/i)
      expect(Object.keys(json ?? {}).filter((key) => key !== 'message' && key !== 'code')).toEqual([])
      const id = headers.get('x-request-id') ?? 'none'
      expect(id, path).toMatch(/^[\w-]{20,}$/)
      expect(
        site.logged.filter((line) => line.startsWith('error') && line.includes(id)),
        path,
      ).toHaveLength(1)
    }
    // The others do not come to a store: one does not answer a POST, one says that nobody could be made.
    const others = ['POST /get-session', 'POST /sign-up/email']
    expect(failed).toEqual(
      ['GET /get-session', 'GET /list-sessions', ...postPaths.map((path) => `POST ${path}`)].filter(
        (path) => !others.includes(path),
      ),
    )
  })
})
