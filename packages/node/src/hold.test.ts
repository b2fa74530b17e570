import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { holdHead } from './hold.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Site {
  readonly origin: string
  /** Statuses that the head was asked with. */
  readonly asked: number[]
  readonly failures: unknown[]
}

/** A server whose answers are held until their head is known. */
async function site(
  answer: (res: ServerResponse, req: IncomingMessage) => unknown,
  head: (status: number) => Promise<[string, string][]> = async () => [
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['Vary', 'Cookie'],
  ],
): Promise<Site> {
  const asked: number[] = []
  const failures: unknown[] = []
  const server = createServer((req, res) => {
    const ask = (status: number) => {
      asked.push(status)
      return head(status)
    }
    holdHead(res, ask, (error) => {
      failures.push(error)
      res.statusCode = 400
      res.end('refused')
    })
    return answer(res, req)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, failures }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

const bothCookies = ['a=1', 'b=2']

describe('a held answer', () => {
  it.each<[string, (res: ServerResponse) => unknown, string]>([
    ['in one', (res) => res.end('all'), 'all'],
    ['in parts', (res) => [res.write('a'), res.write(Buffer.from('l')), res.end('l')], 'all'],
    ['in another encoding', (res) => [res.write('616c', 'hex'), res.end('6c', 'hex')], 'all'],
    ['with its head written', (res) => res.writeHead(200, 'Fine', { 'x-own': '1' }).end('all'), 'all'],
    ['with its head as a list', (res) => res.writeHead(200, ['X-Own', '1', 'Set-Cookie', 'c=3']).end('all'), 'all'],
    ['with its head sent ahead', (res) => [res.flushHeaders(), res.end('all')], 'all'],
    ['that is empty', (res) => res.end(), ''],
  ])('goes out whole: %s', async (_name, answer, text) => {
    const { origin, asked } = await site(answer)
    const response = await fetch(origin)
    expect(await response.text()).toBe(text)
    expect(response.headers.getSetCookie()).toEqual(expect.arrayContaining(bothCookies))
    expect(response.headers.get('vary')).toBe('Cookie')
    expect(asked).toEqual([200])
  })

  it('keeps the headers, cookies and words of the host', async () => {
    const { origin } = await site((res) => {
      res.setHeader('Vary', 'Accept')
      res.writeHead(201, 'Made', { 'Set-Cookie': 'own=0', 'x-own': '1' })
      res.end()
    })
    const { status, statusText, headers } = await fetch(origin)
    expect({ status, statusText, own: headers.get('x-own') }).toEqual({ status: 201, statusText: 'Made', own: '1' })
    expect(headers.getSetCookie()).toEqual(['own=0', ...bothCookies])
    expect(headers.get('vary')).toBe('Accept, Cookie')
  })

  it('is asked for with its status, once', async () => {
    const { origin, asked } = await site((res, { url }) => {
      res.statusCode = Number(url?.slice(1))
      if (res.statusCode === 503) res.writeHead(503)
      res.end()
    })
    for (const status of [204, 304, 404, 503]) expect((await fetch(`${origin}/${status}`)).status).toBe(status)
    expect(asked).toEqual([204, 304, 404, 503])
  })

  it('keeps to the pace of the client', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    let written = 0
    const { origin } = await site(async (res) => {
      const source = Readable.from(
        (function* () {
          for (let i = 0; i < 512; i++) {
            written++
            yield chunk
          }
        })(),
      )
      await pipeline(source, res)
    })
    const { promise, resolve } = deferred<IncomingMessage>()
    request(origin, resolve).end()
    const response = await promise
    response.pause()
    // As much as fits into the buffers of both ends, and no more.
    const stalled = async () => {
      let before = -1
      while (before !== written) {
        before = written
        for (let i = 0; i < 50; i++) await new Promise((turn) => setImmediate(turn))
      }
      return written
    }
    expect(await stalled()).toBeLessThan(512)
    let bytes = 0
    for await (const part of response) bytes += part.length
    expect(bytes).toBe(512 * chunk.length)
  })

  it('tells those who wait for room', async () => {
    const { origin } = await site((res) => {
      if (!res.write('first')) res.once('drain', () => res.end(' then'))
    })
    expect(await (await fetch(origin)).text()).toBe('first then')
  })

  it('is made anew where its head cannot be had', async () => {
    const error = new Error('ended meanwhile')
    const { origin, failures } = await site(
      (res) => {
        res.setHeader('x-own', '1')
        res.setHeader('content-length', 3)
        res.write('all')
        res.end()
      },
      async () => {
        throw error
      },
    )
    const response = await fetch(origin)
    expect(response.status).toBe(400)
    expect(await response.text()).toBe('refused')
    expect(response.headers.get('x-own')).toBeNull()
    expect(failures).toEqual([error])
  })

  it('is not mixed with a second one', async () => {
    const found: unknown[] = []
    const { origin, asked } = await site((res) => {
      res.setHeader('content-length', 5)
      res.end('first')
      found.push(res.headersSent, res.writableEnded)
      for (const change of [() => res.setHeader('content-length', 2), () => res.appendHeader('x-own', '1')]) {
        try {
          change()
        } catch (error) {
          found.push((error as { code?: unknown }).code)
        }
      }
      res.statusCode = 500
      res.writeHead(500, { 'x-own': '1' })
      res.write('other')
      res.end('other')
    })
    const response = await fetch(origin)
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: 'first' })
    expect(response.headers.get('x-own')).toBeNull()
    expect(response.headers.getSetCookie()).toEqual(bothCookies)
    expect(found).toEqual([true, true, 'ERR_HTTP_HEADERS_SENT', 'ERR_HTTP_HEADERS_SENT'])
    expect(asked).toEqual([200])
  })

  it('may be asked for its head with each part', async () => {
    const { origin } = await site((res) => {
      for (const part of ['a', 'll']) res.writeHead(200).write(part)
      res.end()
    })
    expect(await (await fetch(origin)).text()).toBe('all')
  })

  it('is dropped where the client left', async () => {
    const { promise: left, resolve: leave } = deferred<void>()
    const { promise: begun, resolve: begin } = deferred<void>()
    const { promise: ended, resolve: end } = deferred<void>()
    const { origin, failures } = await site(
      (res) => {
        res.on('close', leave)
        res.end('all')
        begin()
      },
      async () => {
        await left
        setImmediate(end)
        return []
      },
    )
    const client = request(origin)
    client.on('error', () => {})
    client.end()
    await begun
    client.destroy()
    await ended
    expect(failures).toEqual([])
  })
})
