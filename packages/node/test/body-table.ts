/** Bodies in every state a host can leave them in. Each row runs on each adapter; none may hang. */
import { once } from 'node:events'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createAuth } from '@keystile/core'
import { describe, expect } from 'vitest'
import { type EchoAuth, echoAuth } from './echo-auth.ts'
import { eachCase, type Harness, type Setup, serving } from './harness.ts'
import type { Got, Send } from './http.ts'

interface BodyCase extends Setup {
  readonly name: string
  readonly method?: string
  readonly type?: string
  readonly headers?: Record<string, string>
  /** Sent with its length, unless `chunks` are. */
  readonly body?: string | Uint8Array
  readonly chunks?: readonly string[]
  /** What the handler reads: these bytes, or the same values as this JSON or form. */
  readonly bytes?: string | Uint8Array
  readonly json?: unknown
  readonly fields?: readonly (readonly [string, string])[]
  /** Or the answer. */
  readonly status?: number
  readonly code?: string
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'
const multipart = 'multipart/form-data; boundary=x'
const parts = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
const every = Uint8Array.from({ length: 256 }, (_, i) => i)
const long = `{"a":"${'x'.repeat(90_000)}"}`

/** Answered by the echo auth. */
const echoed: readonly BodyCase[] = [
  { name: 'JSON, raw', type: json, body: '{ "a":1 }', bytes: '{ "a":1 }' },
  { name: 'a form, raw', type: form, body: 'a=%31&a=2', bytes: 'a=%31&a=2' },
  { name: 'text, raw', type: 'text/plain', body: 'é\n', bytes: 'é\n' },
  { name: 'bytes, raw', type: 'application/octet-stream', body: every, bytes: every },
  { name: 'multipart, raw', type: multipart, body: parts, bytes: parts },
  { name: 'of no type', body: 'x', bytes: 'x' },
  { name: 'of an unheard type', type: 'x-a/b+c', body: 'x', bytes: 'x' },
  { name: 'of a malformed type', type: 'nonsense', body: 'x', bytes: 'x' },
  { name: 'JSON that is none', type: json, body: '{', bytes: '{' },
  { name: 'of many packets', type: json, body: long, bytes: long },
  { name: 'PUT', method: 'PUT', type: json, body: '{}', bytes: '{}' },
  { name: 'PATCH', method: 'PATCH', type: json, body: '{}', bytes: '{}' },
  { name: 'DELETE', method: 'DELETE', type: json, body: '{}', bytes: '{}' },
  { name: 'GET with one is read without it', method: 'GET', body: 'x', bytes: '' },

  { name: 'JSON, parsed', prior: 'json', type: json, body: '{ "a": [1, "é"] }', json: { a: [1, 'é'] } },
  { name: 'a JSON array, parsed', prior: 'json', type: json, body: '[ 1 ]', json: [1] },
  { name: 'JSON with a charset, parsed', prior: 'json', type: `${json}; charset=utf-8`, body: '{}', json: {} },
  { name: 'JSON of many packets, parsed', prior: 'json', type: json, body: long, json: JSON.parse(long) },
  { name: 'a form, after a parser of JSON', prior: 'json', type: form, body: 'a=%31', bytes: 'a=%31' },
  { name: 'multipart, after a parser of JSON', prior: 'json', type: multipart, body: parts, bytes: parts },
  {
    name: 'a form, parsed',
    prior: 'form',
    type: form,
    body: 'a=1&b=%20x&b=%C3%A9',
    fields: [
      ['a', '1'],
      ['b', ' x'],
      ['b', 'é'],
    ],
  },
  { name: 'a form with brackets, parsed', prior: 'form', type: form, body: 'a%5Bb%5D=1', fields: [['a[b]', '1']] },
  { name: 'JSON, after a parser of forms', prior: 'form', type: json, body: '{ }', bytes: '{ }' },
  { name: 'JSON, read into a buffer', prior: 'raw', type: json, body: '{ "a": 1 }', bytes: '{ "a": 1 }' },
  { name: 'bytes, read into a buffer', prior: 'raw', type: 'application/octet-stream', body: every, bytes: every },
  { name: 'JSON, read as text', prior: 'text', type: json, body: '{ "a": "é" }', bytes: '{ "a": "é" }' },
  { name: 'a form, read as text', prior: 'text', type: form, body: 'a=%31', fields: [['a', '1']] },
  { name: 'parsed, with its bytes kept', prior: 'kept', type: json, body: '{ "a": 1 }', bytes: '{ "a": 1 }' },
  { name: 'consumed', prior: 'consumed', type: json, body: '{}', status: 400, code: 'BODY_ALREADY_READ' },
  {
    name: 'multipart, consumed',
    prior: 'consumed',
    type: multipart,
    body: parts,
    status: 400,
    code: 'BODY_ALREADY_READ',
  },

  { name: 'empty', type: json, body: '', bytes: '' },
  { name: 'empty, after a parser', prior: 'json', type: json, body: '', bytes: '' },
  { name: 'neither length nor encoding', type: json, bytes: '' },
  { name: 'chunked', type: json, chunks: ['{"a"', ':1}'], bytes: '{"a":1}' },
  { name: 'chunked, parsed', prior: 'json', type: json, chunks: ['{"a"', ':1}'], json: { a: 1 } },
  { name: 'chunked and empty', type: json, chunks: [], bytes: '' },
  { name: 'chunked and empty, after a parser', prior: 'json', type: json, chunks: [], bytes: '' },
  {
    name: 'gzip is not inflated by us',
    type: json,
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('{"a":1}'),
    bytes: gzipSync('{"a":1}'),
  },
  {
    name: 'gzip, inflated by the host',
    prior: 'inflated',
    type: json,
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('{"a":1}'),
    json: { a: 1 },
  },
]

/** Answered by the real one, whose refusals must come through whatever the host did before. */
const refused: readonly BodyCase[] = [undefined, 'json' as const].flatMap((prior) => {
  const name = (what: string) => (prior ? `${what}, after a parser of JSON` : what)
  return [
    {
      name: name('what the auth understands'),
      prior,
      type: json,
      body: '{"email":"a","password":"b"}',
      code: 'INVALID_EMAIL',
    },
    { name: name('wrong type'), prior, type: 'text/plain', body: '{}', status: 415 },
    { name: name('wrong charset'), prior, type: `${form}; charset=utf-16`, body: 'a=1', status: 415 },
  ]
})

const tooLarge: readonly BodyCase[] = [
  ...(['json', 'raw', 'text'] as const).map((prior) => ({
    name: `too large, after a parser of the kind “${prior}”`,
    prior,
    type: json,
    body: `{"a":"${'x'.repeat(1_100_000)}"}`,
    status: 413,
  })),
  { name: 'too large', type: json, body: `"${'x'.repeat(1_100_000)}"`, status: 413 },
  { name: 'too large and chunked', type: json, chunks: Array(20).fill('x'.repeat(65_536)), status: 413 },
  { name: 'not UTF-8', type: json, body: Uint8Array.of(0x22, 0xff, 0x22), status: 400 },
  { name: 'not JSON', type: json, body: '{', status: 400 },
]

export function bodyTable(harness: Harness): void {
  describe('a body', () => {
    eachCase(echoed, async (row) => {
      const auth = echoAuth()
      const host = await serving(harness, auth, row)
      const got = await host.send('/api/auth/x', toSend(row))
      if (row.status) return refusal(got, row)
      const { bytes, headers } = got.echo()
      if (row.json !== undefined) expect(JSON.parse(bytes.toString())).toEqual(row.json)
      else if (row.fields) expect([...new URLSearchParams(bytes.toString())]).toEqual(row.fields)
      else expect(bytes).toEqual(Buffer.from(row.bytes as string))
      expect(headers['content-type']).toBe(row.type)
      // Length and encoding describe what is there, or are not there.
      if (bytes.length > 0) expect([undefined, String(bytes.length)]).toContain(headers['content-length'])
      if (!bytes.equals(Buffer.from(row.body ?? ''))) expect(headers['content-encoding']).toBeUndefined()
    })

    eachCase([...refused, ...tooLarge], async (row) => {
      const auth = createAuth({
        database: ':memory:',
        baseURL: 'http://localhost',
        secret: 'a secret of the tests, of enough letters',
        logger: { log() {} },
        emailAndPassword: { enabled: true },
      })
      const host = await serving(harness, auth as unknown as EchoAuth, row)
      refusal(await host.send('/api/auth/sign-in/email', toSend(row)), row)
      expect((await host.send('/api/auth/ok')).status).toBe(200)
    })

    const ends: readonly (Setup & { name: string })[] = [
      { name: 'cut off midway ends quietly' },
      { name: 'cut off midway ends quietly in a parser', prior: 'json' },
    ]
    eachCase(ends, async (row) => {
      const auth = echoAuth()
      const host = await serving(harness, auth, row)
      const req = request({ port: host.port, host: '127.0.0.1', path: '/api/auth/cut', method: 'POST' })
      req.on('error', () => {})
      req.setHeader('content-type', json).setHeader('content-length', '1000').write('{"a": "ten')
      req.on('socket', (socket) => socket.once('connect', () => setImmediate(() => req.destroy())))
      if (row.prior) await new Promise((resolve) => req.once('close', resolve))
      else expect(await auth.cut).toBeInstanceOf(Error)
      expect((await host.send('/api/auth/x')).status).toBe(200)
    })

    const wire: readonly (Setup & { name: string; text: string; answer: RegExp })[] = [
      {
        name: 'of both a length and an encoding is refused by the server',
        text: 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
        answer: /^HTTP\/1.1 400 (?![\s\S]*HTTP\/1.1)/,
      },
      { name: 'of a length that is none', text: 'Content-Length: x\r\n\r\n{}', answer: /^HTTP\/1.1 400 / },
    ]
    eachCase(wire, async ({ text, answer }) => {
      const host = await serving(harness, echoAuth())
      const head = 'POST /api/auth/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n'
      expect(await host.raw(head + text)).toMatch(answer)
    })

    const rest = [{ name: 'too large, of which much is to come, closes the connection' }]
    eachCase(rest, async () => {
      const host = await serving(harness, echoAuth())
      const req = request({ port: host.port, host: '127.0.0.1', path: '/api/auth/too-large', method: 'POST' })
      req.on('error', () => {})
      req.setHeader('content-type', json).setHeader('connection', 'keep-alive').setHeader('content-length', 2e9)
      req.write('x'.repeat(70_000))
      const [res] = await once(req, 'response')
      expect([res.statusCode, res.headers.connection]).toEqual([413, 'close'])
      req.destroy()
    })

    const unread: readonly (Setup & { name: string; path: string; status: number })[] = [
      { name: 'that is not read leaves the next request alone', path: 'unread', status: 200 },
      { name: 'that is not read to the end leaves the next request alone', path: 'too-large', status: 413 },
    ]
    eachCase(unread, async ({ path, status }) => {
      const host = await serving(harness, echoAuth())
      const body = new Uint8Array(2_000_000)
      expect((await host.send(`/api/auth/${path}`, { method: 'POST', body })).status).toBe(status)
      expect((await host.send('/api/auth/x')).status).toBe(200)
    })
  })
}

function refusal(got: Got, { status = 400, code }: BodyCase): void {
  expect(got.status).toBe(status)
  if (code) expect(JSON.parse(got.text)).toMatchObject({ code })
}

function toSend({ method = 'POST', type, headers, body, chunks }: BodyCase): Send {
  return { method, headers: { ...(type && { 'content-type': type }), ...headers }, body, chunks }
}
