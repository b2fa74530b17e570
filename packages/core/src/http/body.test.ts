import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../lib/bytes.ts'
import type { APIError } from '../lib/errors.ts'
import { readBody, readQuery } from './body.ts'

const limit = 64

function streamed(chunks: readonly Uint8Array[]): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, duplex: 'half' }
  return new Request('http://localhost/', init as RequestInit)
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'
const plenty = 1 << 20

const sent = (body: string, headers: Record<string, string>) =>
  new Request('http://localhost/', { method: 'POST', body, headers })
const read = (body: string, type = json) => readBody(sent(body, { 'content-type': type }), [form], plenty)

/** A request whose body begins with `first` and never ends. */
function unending(first: string, signal?: AbortSignal) {
  const cancel = vi.fn()
  const body = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(utf8(first)), cancel })
  const init = { method: 'POST', body, headers: { 'content-type': json }, duplex: 'half', signal }
  return { request: new Request('http://localhost/', init as RequestInit), cancel }
}

const bytes = utf8('{"name":"Zoë 😀"}')
const broken = Uint8Array.of(0x22, 0xff, 0x22)

describe('readBody', () => {
  it('reads the same however the bytes are cut', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const chunks = [bytes.slice(0, cut), bytes.slice(cut)]
      expect(await readBody(streamed(chunks), [], limit)).toEqual({ name: 'Zoë 😀' })
    }
    expect(await readBody(streamed([bytes]), [], limit)).toEqual({ name: 'Zoë 😀' })
  })

  it.each([
    ['what is not UTF-8', [broken]],
    ['what is not UTF-8, in pieces', [broken.slice(0, 1), broken.slice(1)]],
    ['half a character at the end', [utf8('"'), Uint8Array.of(0xc3)]],
    ['nothing', []],
  ])('answers 400 to %s, and reads the next request', async (_what, chunks) => {
    await expect(readBody(streamed(chunks), [], limit)).rejects.toMatchObject({ statusCode: 400 })
    expect(await readBody(streamed([utf8('1')]), [], limit)).toBe(1)
  })

  it('answers 413 once there is too much', async () => {
    const half = utf8(' '.repeat(limit / 2))
    await expect(readBody(streamed([half, half, utf8('1')]), [], limit)).rejects.toMatchObject({ statusCode: 413 })
    expect(await readBody(streamed([half, half.slice(1), utf8('1')]), [], limit)).toBe(1)
  })

  it('holds the length a request states to the limit', async () => {
    const stated = (length: number) =>
      readBody(sent('1', { 'content-type': json, 'content-length': `${length}` }), [], 9)
    expect(await stated(9)).toBe(1)
    await expect(stated(10)).rejects.toMatchObject({ statusCode: 413 })
  })
})

describe('types', () => {
  const charset = (name: string) => `Charset "${name}" is not allowed. Allowed charset: utf-8`
  it.each([
    ['\u00a0', expect.stringContaining('Content-Type is required.')],
    ['application/json; charset', charset('')],
    ['application/json; charset=latin1', charset('latin1')],
    ['application/json; charset="latin1"', charset('latin1')],
    ['application/json; charset=utf"-8', charset('utf"-8')],
    ['application/json; charset=utf-8; charset=utf-7', charset('utf-7')],
  ])('refuses %j', async (type, message) => {
    await expect(read('{}', type)).rejects.toMatchObject({
      statusCode: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE', message },
    })
  })

  it.each([
    'application/json; boundary=x',
    'application/json; charset=utf8',
    'application/json; charset = utf-8 ; boundary=x',
    'application/json; charset="utf-8"',
  ])('takes %j', async (type) => {
    expect(await read('{}', type)).toEqual({})
  })
})

describe('a body that does not end', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is waited for 30 seconds, then refused along with its connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { request, cancel } = unending('1')
    const refusal = readBody(request, [], limit).catch((error: APIError) => error)
    await vi.advanceTimersByTimeAsync(29_999)
    expect(cancel).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(cancel).toHaveBeenCalledOnce()
    expect(await refusal).toMatchObject({
      statusCode: 408,
      body: { code: 'REQUEST_TIMEOUT', message: 'The request body took too long to arrive' },
    })
    expect(((await refusal) as APIError).headers.get('connection')).toBe('close')
  })

  it('is read no further once the request is aborted', async () => {
    const controller = new AbortController()
    const { request, cancel } = unending('1', controller.signal)
    const refusal = expect(readBody(request, [], limit)).rejects.toMatchObject({ statusCode: 400 })
    controller.abort()
    await refusal
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('is not measured where the request was aborted before', async () => {
    const { request } = unending('1'.repeat(limit + 1), AbortSignal.abort())
    await expect(readBody(request, [], limit)).rejects.toMatchObject({ statusCode: 400 })
  })

  it('leaves nothing behind that waits for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const request = streamed([utf8('1')])
    const before = getEventListeners(request.signal, 'abort').length
    expect(await readBody(request, [], limit)).toBe(1)
    expect(getEventListeners(request.signal, 'abort')).toHaveLength(before)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('JSON', () => {
  it.each([
    ['{"constructor":"x"}', '{"constructor":"x"}'],
    ['{"constructor":null}', '{"constructor":null}'],
    ['{"constructor":{"prototype":{}},"a":1}', '{"a":1}'],
    ['{"__proto__":1,"a":{"\\u005f_proto__":{}}}', '{"a":{}}'],
  ])('%s is read as %s', async (text, same) => {
    expect(JSON.stringify(await read(text))).toBe(same)
  })

  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
  const list = (length: number) => `[${Array(length).fill(0)}]`
  const list100 = (item: string) => `[${Array(100).fill(item)}]`
  it.each([
    ['64 arrays in each other', nested('[', ']', 64)],
    ['64 objects in each other', `${'{"":'.repeat(64)}0${'}'.repeat(64)}`],
    ['100 arrays side by side', list100('[]')],
    ['100 objects side by side', list100('{}')],
    ['10,000 values', list(10_000)],
    ['a lot of blanks', `${' '.repeat(20_000)}1`],
  ])('takes %s', async (_what, text) => {
    expect(await read(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ['65 arrays in each other', nested('[', ']', 65)],
    ['65 objects in each other', `${'{"":'.repeat(65)}0${'}'.repeat(65)}`],
    ['10,001 values', list(10_001)],
  ])('refuses %s', async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ statusCode: 400, body: { code: 'BAD_REQUEST' } })
  })
})

describe('forms', () => {
  it('are values by name, the prototype among none of them', async () => {
    const values = await read('a=1&=2&__proto__=3', form)
    expect(JSON.stringify(values)).toBe('{"a":"1","":"2"}')
  })

  it('have 10,000 values at most', async () => {
    expect(await read(Array(10_000).fill('a=b').join('&'), form)).toEqual({ a: 'b' })
    await expect(read(Array(10_001).fill('a=b').join('&'), form)).rejects.toMatchObject({
      statusCode: 400,
      body: { code: 'BAD_REQUEST' },
    })
  })
})

describe('readQuery', () => {
  it.each([
    ['http://localhost/ok', undefined],
    ['http://localhost/ok#a?b=1', undefined],
    ['#?a=1', undefined],
    ['http://localhost/ok?', {}],
    ['http://localhost/ok?a=1#b=2?c=3', { a: '1' }],
    ['http://localhost/ok?a=1&b=2&a=3&a=4', { a: ['1', '3', '4'], b: '2' }],
    ['http://localhost/ok?a=1&__proto__=2', { a: '1' }],
  ])('of %s', (url, query) => {
    expect(readQuery(url)).toEqual(query)
  })
})
