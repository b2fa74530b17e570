import { Agent, createServer, request } from 'node:http'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunksOffered, echoAuth, twelveCookies } from '../test/echo-auth.ts'
import { listening } from '../test/http.ts'
import { sendResponse, toNodeHandler } from './index.ts'

const serving = async (auth = echoAuth()) => {
  const errors: unknown[] = []
  const server = createServer(toNodeHandler(auth, { onError: (error) => errors.push(error) }))
  return { auth, errors, host: await listening(server) }
}

describe('a request', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s reaches the handler', async (method) => {
    const { host } = await serving()
    expect((await host.send('/api/auth/x', { method })).echo().method).toBe(method)
  })

  it('HEAD reaches the handler, and its answer has no body', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/x', { method: 'HEAD' })
    expect([got.headers['x-seen'], got.bytes.length]).toEqual(['HEAD', 0])
  })

  it.each(['GET', 'HEAD'])('%s with a body is answered without it', async (method) => {
    const { host } = await serving()
    expect((await host.send('/api/auth/x', { method, body: 'x' })).status).toBe(200)
  })

  it('keeps path, query and body bytes', async () => {
    const { host } = await serving()
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const got = await host.send('//api/auth/a%2Fb/%C3%A9/?foo=bar&foo=%20', { method: 'POST', body: bytes })
    expect(got.echo().url).toBe(`http://127.0.0.1:${host.port}//api/auth/a%2Fb/%C3%A9/?foo=bar&foo=%20`)
    expect(got.echo().bytes).toEqual(Buffer.from(bytes))
  })

  it('keeps repeated headers, and the address of the socket', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/x', { headers: { 'x-a': ['1', '2'], 'x-forwarded-for': '6.6.6.6' } })
    expect(got.echo().headers['x-a']).toBe('1, 2')
    expect(got.echo().remoteAddress).toBe('127.0.0.1')
  })

  it.each([
    ['user:pw@evil.example', 'http://invalid/x'],
    ['evil.example\tx', 'http://invalid/x'],
    ['[fe80::1%25eth0]', 'http://invalid/x'],
    ['a.example:99999', 'http://invalid/x'],
    ['a/b', 'http://invalid/x'],
    ['', 'http://invalid/x'],
    ['[::1]:3000', 'http://[::1]:3000/x'],
    ['App.Example:8080', 'http://app.example:8080/x'],
  ])('with Host "%s" has the URL %s', async (name, url) => {
    const { host } = await serving()
    expect(await host.raw(`GET /x HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)).toContain(`"url":"${url}"`)
  })

  it('of HTTP/1.0 needs no Host', async () => {
    const { host } = await serving()
    expect(await host.raw('GET /x HTTP/1.0\r\n\r\n')).toContain('"url":"http://invalid/x"')
  })

  it('in absolute form is taken by its path', async () => {
    const { host } = await serving()
    const got = await host.raw('GET http://b.example/x?y HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n')
    expect(got).toContain('"url":"http://a.example/x?y"')
  })

  it.each(['/api/auth\\x', '*', '/x#y'])('for %s is answered', async (target) => {
    const { host } = await serving()
    const got = await host.raw(`OPTIONS ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(got).toMatch(/^HTTP\/1.1 200/)
  })

  it('TRACE is refused', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/x', { method: 'TRACE' })
    expect([got.status, got.text]).toEqual([405, '{"message":"Method not allowed","code":"METHOD_NOT_ALLOWED"}'])
  })

  it('whose body is not read to the end leaves the connection usable', async () => {
    const { host } = await serving()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const body = new Uint8Array(4_000_000)
    const sent = { method: 'POST', body, agent }
    expect((await host.send('/api/auth/too-large', sent)).status).toBe(413)
    expect((await host.send('/api/auth/unread', sent)).text).toBe('{"read":false}')
    expect((await host.send('/api/auth/x', { agent })).status).toBe(200)
  })

  it('cut off in its body ends quietly', async () => {
    const { auth, errors, host } = await serving()
    const req = request({ port: host.port, host: '127.0.0.1', path: '/api/auth/cut', method: 'POST' })
    req.on('error', () => {})
    req.setHeader('content-length', '1000')
    req.write('ten bytes.')
    req.on('socket', (socket) => socket.once('connect', () => setImmediate(() => req.destroy())))
    expect(await auth.cut).toBeInstanceOf(Error)
    expect((await host.send('/api/auth/x')).status).toBe(200)
    expect(errors).toEqual([])
  })
})

describe('a response', () => {
  it('keeps status, reason and bytes', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/418')
    expect([got.status, got.statusText, got.text]).toEqual([418, 'Teapot', 'short and stout'])
    const { bytes } = await host.send('/api/auth/binary')
    expect(bytes).toEqual(Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)))
  })

  it('of JSON has its length', async () => {
    const { host } = await serving()
    const got = await host.send('/api/auth/x')
    expect(got.headers['content-length']).toBe(String(got.bytes.length))
  })

  it.each([204, 304])('%i has no body', async (status) => {
    const { host } = await serving()
    const got = await host.raw(`GET /api/auth/${status} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(got.split('\r\n')[0]).toContain(String(status))
    expect(got.split('\r\n\r\n')[1]).toBe('')
    expect(got.toLowerCase()).not.toContain('transfer-encoding')
  })

  it('is streamed at the pace of the client, and cancelled when it leaves', async () => {
    const { auth, errors, host } = await serving()
    const socket = connect(host.port, '127.0.0.1')
    socket.write('GET /api/auth/stream HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => socket.once('readable', resolve))
    socket.destroy()
    await auth.cancelled
    expect(auth.pulled).toBeLessThan(chunksOffered)
    expect(errors).toEqual([])
  })

  it('that comes after the client left is cancelled', async () => {
    let pulls = 0
    const cancelled = new Promise((resolve) => {
      const body = new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array([pulls++])), cancel: resolve })
      const server = createServer((_req, res) => void res.on('close', () => sendResponse(res, new Response(body))))
      listening(server).then(({ port }) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
        server.once('request', () => socket.destroy())
      })
    })
    await cancelled
    expect(pulls).toBeLessThan(2)
  })

  it('whose stream breaks closes the connection, and the server lives', async () => {
    const { errors, host } = await serving()
    await expect(host.send('/api/auth/broken-stream')).rejects.toThrow('aborted')
    expect(errors).toMatchObject([{ message: 'stream broke' }])
    expect((await host.send('/api/auth/x')).status).toBe(200)
  })

  it('is 500 when the handler throws, with nothing of the cause', async () => {
    const { errors, host } = await serving()
    const got = await host.send('/api/auth/throw')
    expect(got.status).toBe(500)
    expect(got.text).toBe('{"message":"Internal Server Error","code":"INTERNAL_SERVER_ERROR"}')
    expect(errors).toMatchObject([{ message: 'handler broke' }])
  })
})

describe('HTTP/2', () => {
  const session = async () => {
    const server = createServer2(toNodeHandler(echoAuth(), { onError: () => {} }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = connect2(`http://127.0.0.1:${port}`)
    onTestFinished(() => {
      client.destroy()
      server.close()
    })
    const send = (headers: Record<string, string>, body?: string) =>
      new Promise<{ status: unknown; cookies: unknown; text: string }>((resolve, reject) => {
        const stream = client.request(headers, { endStream: body === undefined })
        const got = { status: undefined as unknown, cookies: undefined as unknown, text: '' }
        stream.setEncoding('utf8')
        stream.on('response', (h) => Object.assign(got, { status: h[':status'], cookies: h['set-cookie'] }))
        stream.on('data', (part) => {
          got.text += part
        })
        stream.on('end', () => resolve(got))
        stream.on('error', reject)
        if (body !== undefined) stream.end(body)
      })
    return { send, port }
  }

  it('carries requests and responses without pseudo headers', async () => {
    const { send, port } = await session()
    const got = JSON.parse((await send({ ':path': '/api/auth/x?y', ':method': 'POST', 'x-a': '1' }, 'abc')).text)
    expect(got).toMatchObject({ method: 'POST', url: `http://127.0.0.1:${port}/api/auth/x?y`, body: btoa('abc') })
    expect(Object.keys(got.headers).filter((name) => name.startsWith(':'))).toEqual([])
    expect((await send({ ':path': '/api/auth/cookies' })).cookies).toEqual(twelveCookies)
    expect((await send({ ':path': '/api/auth/418' })).status).toBe(418)
    expect((await send({ ':path': '/api/auth/204' })).status).toBe(204)
    expect(JSON.parse((await send({ ':path': '/x', ':method': 'POST' })).text).body).toBe('')
  })

  it.each(['TRACE', 'TRACK', 'track'])('refuses %s', async (method) => {
    const { send } = await session()
    expect((await send({ ':path': '/api/auth/x', ':method': method })).status).toBe(405)
  })

  it('resets the stream when the body breaks', async () => {
    const { send } = await session()
    await expect(send({ ':path': '/api/auth/broken-stream' })).rejects.toThrow()
    expect((await send({ ':path': '/x' })).status).toBe(200)
  })
})
