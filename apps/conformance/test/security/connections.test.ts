import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Options } from '@keystile/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bestOf } from '../../../../packages/core/test/best-of.ts'
import { hosts, portOf, serving } from '../client/servers.ts'
import { browser } from '../support.ts'
import { handlerOf, raw } from './over-sockets.ts'
import { type Browser, cookieHeader, getPaths, open, origin, postPaths, type Seed, v, w } from './support.ts'

afterEach(() => {
  vi.useRealTimers()
})

const wrong = { ...v, password: 'not-the-password' }
const json = { 'content-type': 'application/json' }
const peer = '203.0.113.5'

/** A site behind every host in turn, with callers of its own. */
async function behindEach(
  options: Partial<Options>,
  check: (site: Awaited<ReturnType<typeof behind>>) => Promise<void>,
  seed?: Seed,
): Promise<void> {
  for (const name of Object.keys(hosts) as (keyof typeof hosts)[]) await check(await behind(name, options, seed))
}

async function behind(name: keyof typeof hosts, options: Partial<Options>, seed?: Seed) {
  const site = await open(options, seed)
  const handler = await handlerOf(hosts[name], site.auth)
  return {
    ...site,
    name,
    handler,
    /** A caller at the address that no case tells otherwise. */
    caller: (remoteAddress = peer) => browser(handler, { remoteAddress }),
    port: async () => portOf(await serving(hosts[name], site.auth)),
  }
}

const head = (method: string, path: string, ...lines: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: localhost:3000', ...lines, '', ''].join('\r\n')

describe('cookies', () => {
  it('CK-12 keeps the cookies of hooks and its own, one line each, the last writer of a name wins', async () => {
    const cookie = (name: string) => ({ name, attributes: { path: '/', maxAge: 60 } })
    const hooks: Options['hooks'] = {
      before: ({ exchange }) => exchange.setCookie(cookie('seen'), 'first'),
      after: ({ exchange }) => {
        exchange.setCookie(cookie('seen'), 'last')
        exchange.setCookie(cookie('other'), '1')
      },
    }
    await behindEach({ hooks }, async ({ name, caller }) => {
      const { setCookies } = await caller().signIn({ ...v, rememberMe: false })
      expect(setCookies.map((line) => line.split('=')[0]).sort(), name).toEqual(
        ['better-auth.dont_remember', 'better-auth.session_token', 'other', 'seen'].sort(),
      )
      expect(setCookies.join('\n'), name).toContain('seen=last; Max-Age=60')
    })
  })
})

describe('where a client is', () => {
  const forged = (i: number) => ({
    'x-forwarded-for': `6.6.6.${i}`,
    forwarded: `for=6.6.6.${i};proto=https;host=evil.example`,
    'x-real-ip': `6.6.6.${i}`,
    'cf-connecting-ip': `6.6.6.${i}`,
    'true-client-ip': `6.6.6.${i}`,
    'x-client-ip': `6.6.6.${i}`,
  })

  it('RL-04 is known by the connection, whatever headers say', async () => {
    await behindEach({ production: true }, async ({ name, caller, rows }) => {
      expect((await caller().post('/sign-in/email', v, forged(0))).status).toBe(200)
      expect(
        (await rows('session')).map(({ ipAddress }) => ipAddress),
        name,
      ).toEqual([peer])
      const statuses: number[] = []
      for (let i = 1; i < 5; i++) statuses.push((await caller().post('/sign-in/email', wrong, forged(i))).status)
      expect(statuses, name).toEqual([401, 401, 429, 429])
      expect((await caller('203.0.113.6').post('/sign-in/email', v, forged(1))).status).toBe(200)
    })
  })

  it('HD-11 does not change by what headers call hop-by-hop', async () => {
    const tricks = [
      'x-forwarded-for',
      'close, X-Forwarded-For',
      'keep-alive, cookie, origin',
      'te, host, x-forwarded-for',
    ]
    const ipAddress = { trustedProxies: ['10.0.0.0/8'] }
    await behindEach({ advanced: { ipAddress } }, async ({ name, caller, rows, domain }) => {
      for (const connection of tricks) {
        for (const [remoteAddress, address] of [
          ['10.0.0.1', '198.51.100.7'],
          [peer, peer],
        ]) {
          const own = caller(remoteAddress)
          const headers = { connection, 'x-forwarded-for': '198.51.100.7' }
          expect((await own.post('/sign-in/email', v, headers)).status).toBe(200)
          expect(
            (await rows('session')).map((row) => row.ipAddress),
            `${name}: ${connection}`,
          ).toEqual([address])
          // Nor does it take a cookie or an origin away from what is checked.
          expect((await own.get('/get-session', headers)).json.user).toMatchObject({ email: v.email })
          const foreign = await own.post('/sign-out', {}, { ...headers, origin: 'https://evil.example' })
          expect(foreign.status).toBe(403)
          await domain.store.remove(domain.tables.session, {})
        }
      }
    })
  })
})

describe('bodies', () => {
  it('RL-13 waits thirty seconds for a body, and serves others meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const body = JSON.stringify(v)
    for (const name of Object.keys(hosts) as (keyof typeof hosts)[]) {
      // There the host's own parser waits, by the limits of the server.
      if (name === 'Express 5 after express.json()') continue
      let arrived = 0
      const counting = { id: 'counting', onRequest: () => void arrived++ }
      const { caller, port, auth } = await behind(name, { plugins: [counting] })
      const count = name === 'node:http' ? 1000 : 50
      // Milliseconds of the processor that others cost.
      const others = () =>
        bestOf(10, async () => {
          for (let i = 0; i < 30; i++) expect((await caller().get('/ok')).status, name).toBe(200)
        })
      const alone = count === 1000 ? await others() : 0
      arrived = 0
      const to = await port()
      const answers: string[] = []
      const slow: Socket[] = []
      for (let i = 0; i < count; i++) {
        const socket = connect(to, '127.0.0.1').on('error', () => {})
        await once(socket, 'connect')
        const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`]
        socket.write(head('POST', '/api/auth/sign-in/email', ...lines) + body[0])
        slow.push(socket)
        void textOf(socket).then((text) => answers.push(text))
      }
      await until(() => arrived === count)
      expect((await caller().signIn(v)).status, name).toBe(200)
      if (count === 1000) expect(await others()).toBeLessThan(2 * alone)
      for (let second = 1; second < 30; second++) {
        await vi.advanceTimersByTimeAsync(1000)
        if (second % 10 === 0) for (const socket of slow) socket.write(body[second / 10] ?? '')
      }
      expect(slow.filter((socket) => socket.readableEnded)).toEqual([])
      expect((await caller().get('/ok')).status).toBe(200)
      await vi.advanceTimersByTimeAsync(1000)
      await until(() => answers.length === count)
      expect(answers, name).toHaveLength(count)
      for (const answer of answers) {
        expect(answer, name).toMatch(/^HTTP\/1.1 408 [\s\S]*connection: close[\s\S]*"code":"REQUEST_TIMEOUT"/i)
      }
      await auth.idle()
    }
  })

  it('RL-22 inflates nothing; what the host inflates is under the limit of the host', async () => {
    const gzip = { ...json, 'content-encoding': 'gzip', origin }
    const send = (handler: (request: Request) => Promise<Response>, body: Uint8Array<ArrayBuffer>) =>
      handler(new Request(`${origin}/api/auth/sign-in/email`, { method: 'POST', headers: gzip, body }))
    const small = gzipSync(JSON.stringify({ email: v.email, password: v.password }))
    const bomb = gzipSync(JSON.stringify({ ...v, pad: 'x'.repeat(50_000_000) }))
    expect(bomb.length).toBeLessThan(100_000)
    await behindEach({}, async ({ name, handler }) => {
      const parsed = name.includes('json()')
      expect((await send(handler, small)).status, name).toBe(parsed ? 200 : 400)
      expect((await send(handler, bomb)).status, name).toBe(parsed ? 413 : 400)
    })
  })

  it('IN-19 refuses a request of two lengths, and closes its connection', async () => {
    await behindEach({}, async ({ name, port }) => {
      const to = await port()
      const smuggled = head('GET', '/api/auth/ok')
      for (const lines of [
        ['Content-Length: 4', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked', 'Content-Length: 4'],
        ['Content-Length: 4', 'Content-Length: 5'],
        ['Transfer-Encoding: chunked, identity'],
        ['Transfer-Encoding: xchunked'],
      ]) {
        const sent = head('POST', '/api/auth/sign-in/email', 'Content-Type: application/json', ...lines)
        const answer = await raw(to, `${sent}0\r\n\r\n${smuggled}`)
        expect(answer, `${name}: ${lines}`).toMatch(/^HTTP\/1.1 400 /)
        expect(answer.match(/HTTP\/1\.1 \d/g), `${name}: ${lines}`).toHaveLength(1)
      }
    })
  })
})

describe('headers', () => {
  it('IN-20 takes no folded header, and bytes above ASCII for what they are', async () => {
    await behindEach({}, async ({ name, caller, port }) => {
      const own = caller()
      await own.signIn(v)
      const to = await port()
      const cookie = `Cookie: ${cookieHeader(own.jar)}`
      const get = (...lines: string[]) => raw(to, head('GET', '/api/auth/get-session', 'Connection: close', ...lines))
      expect(await get(cookie), name).toContain(v.email)
      for (const line of [cookie.replace(' ', '\r\n '), `X-A: a\r\n ${cookie}`, `X-A: a\r\n\t${cookie}`]) {
        const answer = await get(line)
        expect(answer, name).toMatch(/^HTTP\/1.1 (?:400 |200 [\s\S]*null$)/)
      }
      // One character a byte: a session beside such a cookie is still read, one within it is not.
      expect(await get('User-Agent: caf\xe9', `${cookie}; a=\xfc\xff`), name).toContain(v.email)
      expect(await get(cookie.replace('=', '=\xe9')), name).toMatch(/\r\n\r\n(?:4\r\n)?null/)
    })
  })

  it('HD-07 lets no page of its own run, frame or be taken for anything', async () => {
    await behindEach({}, async ({ name, caller }) => {
      let pages = 0
      for (const path of [...getPaths, '/error?error=%3Cscript%3E&error_description=%3Cimg src=x%3E', '/none']) {
        const { headers, text } = await caller().get(path, { accept: 'text/html' })
        if (!headers.get('content-type')?.startsWith('text/html')) continue
        pages++
        const policy = headers.get('content-security-policy')?.split('; ')
        expect(policy, name).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]))
        expect(policy?.join(), name).not.toContain('script')
        expect(headers.get('x-content-type-options'), name).toBe('nosniff')
        expect(text).not.toMatch(/<script|<img/)
      }
      expect(pages, name).toBe(2)
    })
  })
})

/** A shared cache that keeps whatever RFC 9111 lets it keep, and for as long. */
function sharedCache() {
  const kept: { readonly url: string; readonly vary: Record<string, string | null>; readonly text: string }[] = []
  return async (caller: Browser, path: string): Promise<string> => {
    const cookie = cookieHeader(caller.jar)
    const sent = new Headers({ cookie })
    const hit = kept.find(
      ({ url, vary }) => url === path && Object.entries(vary).every(([name, value]) => sent.get(name) === value),
    )
    if (hit) return hit.text
    const { status, headers, text } = await caller.get(path)
    const control = headers.get('cache-control') ?? ''
    const varies = (headers.get('vary') ?? '').split(/, */).filter(Boolean)
    const lasting = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501].includes(status)
    if (!/no-store|private|no-cache/.test(control) && !varies.includes('*') && (lasting || /max-age/.test(control))) {
      kept.push({ url: path, vary: Object.fromEntries(varies.map((name) => [name, sent.get(name)])), text })
    }
    return text
  }
}

describe('caches', () => {
  it("CA-01 keeps one caller's answers from the next, through a shared cache", async () => {
    for (const cookieCache of [undefined, { enabled: true }]) {
      const check = async ({ name, caller }: Awaited<ReturnType<typeof behind>>) => {
        const [a, b, nobody] = [caller(), caller(), caller()]
        await a.signIn(v)
        await b.signIn(w)
        const cached = sharedCache()
        for (const path of getPaths) {
          await cached(a, path)
          for (const other of [b, nobody]) {
            expect(await cached(other, path), `${name} ${path}`).toBe((await other.get(path)).text)
          }
        }
        for (const path of ['/get-session', '/list-sessions']) {
          expect((await a.get(path)).text).toContain('token')
          expect((await a.get(path)).headers.get('cache-control'), `${name} ${path}`).toMatch(/no-store/)
        }
      }
      await behindEach({ session: { cookieCache } }, check, { users: [v, w] })
    }
  })

  it('CA-02 answers no path that a cache could take for a file', async () => {
    const suffixes = [
      '/x.css',
      '/.css',
      ';x.js',
      '%2f.png',
      '.css',
      '%3bx.js',
      '%00.css',
      '%0a.css',
      '/..%2fx.js',
      '%23.css',
    ]
    await behindEach({}, async ({ name, caller }) => {
      const own = caller()
      await own.signIn(v)
      for (const path of ['/get-session', '/list-sessions']) {
        for (const suffix of suffixes) {
          const { status, text } = await own.get(path + suffix)
          expect([status, text.includes('token')], `${name} ${path}${suffix}`).toEqual([404, false])
        }
      }
    })
  })

  it('CA-03 answers conditions and ranges with the whole', async () => {
    await behindEach({}, async ({ name, caller }) => {
      const own = caller()
      await own.signIn(v)
      const whole = await own.get('/get-session')
      for (const name of ['etag', 'last-modified', 'accept-ranges']) expect(whole.headers.get(name)).toBeNull()
      for (const condition of [
        { 'if-none-match': '*' },
        { 'if-none-match': 'W/"1", "2"' },
        { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
        { range: 'bytes=0-9' },
        { 'if-match': '"none"' },
        { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      ]) {
        const { status, text } = await own.get('/get-session', condition)
        expect([status, text], `${name} ${JSON.stringify(condition)}`).toEqual([200, whole.text])
      }
    })
  })

  it('CA-08 redirects nobody for good', async () => {
    await behindEach({}, async ({ name, caller, handler }) => {
      const own = caller()
      await own.signIn(v)
      const forms = (path: string) => [path, `${path}/?a=1`, `/${path}`, path.toUpperCase()]
      const paths = ['', '/', '/api', '/api/auth', ...[...getPaths, ...postPaths].map((path) => `/api/auth${path}`)]
      for (const path of paths.flatMap(forms)) {
        for (const method of ['GET', 'POST']) {
          const headers = { origin, 'x-forwarded-proto': 'http' }
          const { status } = await handler(new Request(`${origin}${path}`, { method, headers, redirect: 'manual' }))
          expect([301, 308], `${name} ${method} ${path}`).not.toContain(status)
        }
      }
    })
  })
})

/** Waits for what only sockets are to bring about, and not for ever. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const part of socket.setEncoding('latin1')) text += part
  return text
}
