/** What the auth answers, and what of it comes over the wire. Each row runs on each adapter. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect } from 'vitest'
import { chunksOffered, type EchoAuth, echoAuth, twelveCookies } from './echo-auth.ts'
import { eachCase, type Harness, type Setup, serving } from './harness.ts'
import type { Got, Listening } from './http.ts'

interface ResponseCase extends Setup {
  readonly name: string
  readonly path: string
  readonly method?: string
  readonly headers?: Record<string, string[]>
  readonly check: (got: Got) => void
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

const answers: readonly ResponseCase[] = [
  ...methods.map((method) => ({
    name: `to ${method}`,
    path: 'x',
    method,
    check: (got: Got) => expect([got.status, got.echo().method]).toEqual([200, method]),
  })),
  {
    name: 'to two headers of one name',
    path: 'x',
    headers: { 'x-twice': ['a', 'b'] },
    check: (got) => expect(got.echo().headers['x-twice']).toBe('a, b'),
  },
  { name: 'twelve cookies', path: 'cookies', check: (got) => expect(got.cookies).toEqual(twelveCookies) },
  {
    name: 'twelve cookies beside the one of the host',
    path: 'cookies',
    dressed: true,
    check: ({ cookies }) => {
      expect(cookies.filter((line) => !line.startsWith('theirs='))).toEqual(twelveCookies)
      expect(cookies).toContainEqual(expect.stringMatching(/^theirs=1; path=\/$/i))
    },
  },
  {
    name: 'headers beside those of the host',
    path: '418',
    dressed: true,
    check: ({ headers }) => expect([headers['x-host'], headers.vary]).toEqual(['yes', 'Origin, Cookie']),
  },
  {
    name: 'status and text',
    path: '418',
    check: (got) => expect([got.status, got.text]).toEqual([418, 'short and stout']),
  },
  {
    // Not every Fetch server knows the length.
    name: 'JSON, with no wrong length',
    path: 'x',
    check: ({ headers, bytes }) => {
      expect(headers['content-type']).toBe('application/json')
      expect([undefined, String(bytes.length)]).toContain(headers['content-length'])
    },
  },
  {
    name: 'binary',
    path: 'binary',
    check: ({ bytes }) => expect(bytes).toEqual(Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i))),
  },
  { name: 'a stream, whole', path: 'stream', check: (got) => expect(got.bytes.length).toBe(chunksOffered * 65_536) },
  {
    name: 'HEAD',
    path: 'x',
    method: 'HEAD',
    check: (got) => expect([got.status, got.headers['x-seen'], got.text]).toEqual([200, 'HEAD', '']),
  },
  {
    name: '204',
    path: '204',
    check: ({ status, headers, text }) => {
      expect([status, headers['x-empty'], text]).toEqual([204, 'yes', ''])
      expect(headers['transfer-encoding']).toBeUndefined()
    },
  },
  {
    name: '304',
    path: '304',
    check: (got) => expect([got.status, got.headers.etag, got.text]).toEqual([304, '"1"', '']),
  },
  {
    name: 'a redirect with a cookie',
    path: '302',
    check: (got) =>
      expect([got.status, got.headers.location, got.cookies, got.text]).toEqual([302, '/next?a=%20', ['state=1'], '']),
  },
  { name: 'an empty 200', path: 'empty', check: (got) => expect([got.status, got.text]).toEqual([200, '']) },
  {
    name: 'what the handler threw, by the error handler of the host',
    path: 'throw',
    check: (got) => expect([got.status, JSON.parse(got.text).message]).toEqual([500, 'handler broke']),
  },
]

interface EndCase extends Setup {
  readonly name: string
  readonly run: (host: Listening, auth: EchoAuth) => Promise<void>
}

const ends: readonly EndCase[] = [
  {
    name: 'a stream that breaks after the headers closes the connection',
    run: async ({ port }, auth) => {
      const req = request({ port, host: '127.0.0.1', path: '/api/auth/breaks-later' }).end()
      const [res] = await once(req, 'response')
      res.once('data', auth.release).resume()
      await expect(once(res, 'end')).rejects.toThrow('aborted')
    },
  },
  {
    name: 'a stream waits for a slow client, and is cancelled when it leaves',
    run: async ({ port }, auth) => {
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /api/auth/stream HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(socket, 'readable')
      socket.destroy()
      await auth.cancelled
      expect(auth.pulled).toBeLessThan(chunksOffered)
    },
  },
  {
    name: 'a stream is cancelled at once for HEAD',
    run: async (host, auth) => {
      expect((await host.send('/api/auth/stream', { method: 'HEAD' })).status).toBe(200)
      await auth.cancelled
      expect(auth.pulled).toBeLessThan(2)
    },
  },
  {
    name: 'a stream is cancelled where the client left before the answer',
    run: async ({ port, connectionClosed }, auth) => {
      const closed = connectionClosed()
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /api/auth/late HTTP/1.1\r\nHost: a\r\n\r\n')
      await auth.asked
      socket.destroy()
      await closed
      auth.release()
      await auth.cancelled
      expect(auth.pulled).toBeLessThan(chunksOffered)
    },
  },
]

export function responseTable(harness: Harness): void {
  describe('a response', () => {
    eachCase(answers, async ({ path, method, headers, check, ...setup }) => {
      const host = await serving(harness, echoAuth(), setup)
      check(await host.send(`/api/auth/${path}`, { method, headers }))
    })

    eachCase(ends, async ({ run, ...setup }) => {
      const auth = echoAuth()
      const host = await serving(harness, auth, setup)
      await run(host, auth)
      expect((await host.send('/api/auth/x')).status).toBe(200)
    })
  })
}
