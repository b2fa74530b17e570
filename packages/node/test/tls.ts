/** Servers of node:https and node:http2, and clients of both, with one way to ask. */
import type { IncomingMessage, RequestListener } from 'node:http'
import { type ClientHttp2Session, connect as connect2, constants, createSecureServer } from 'node:http2'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { NodeHandler } from '../src/index.ts'
import { selfSigned } from './certificate.ts'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Opened {
  readonly status: number
  readonly cookies: readonly string[]
  readonly body: Readable
  /** Leaves, however much of the answer is still to come. */
  readonly leave: () => void
}

export interface Secure {
  readonly origin: string
  readonly open: (path: string, asked?: Asked) => Promise<Opened>
}

const { key, cert } = selfSigned()

/** How a client comes to a server over TLS. */
export const ways = {
  https: (handler: NodeHandler) => serve(createServer({ key, cert }, handler as RequestListener), overHttp1),
  'HTTP/2': (handler: NodeHandler) => serve(createSecureServer({ key, cert }, handler), overHttp2),
  'HTTP/2 of a server of both': (handler: NodeHandler) =>
    serve(createSecureServer({ key, cert, allowHTTP1: true }, handler), overHttp2),
  'HTTP/1 of a server of both': (handler: NodeHandler) =>
    serve(createSecureServer({ key, cert, allowHTTP1: true }, handler), overHttp1),
} satisfies Record<string, (handler: NodeHandler) => Promise<Secure>>

type SecureServer = ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>

async function serve(server: SecureServer, client: (port: number) => Secure['open']): Promise<Secure> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { origin: `https://localhost:${port}`, open: client(port) }
}

function overHttp1(port: number): Secure['open'] {
  return (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      // By its name and its certificate, as browsers know it.
      const to = { host: '127.0.0.1', servername: 'localhost', port, ca: cert, agent: false as const }
      const given = { host: `localhost:${port}`, ...headers }
      const answered = (res: IncomingMessage) =>
        resolve({
          status: res.statusCode ?? 0,
          cookies: res.headers['set-cookie'] ?? [],
          body: res,
          leave: () => res.destroy(),
        })
      request({ ...to, path, method, headers: given }, answered)
        .on('error', reject)
        .end(body)
    })
}

function overHttp2(port: number): Secure['open'] {
  let session: ClientHttp2Session | undefined
  onTestFinished(() => session?.destroy())
  return (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      session ??= connect2(`https://localhost:${port}`, { ca: cert, host: '127.0.0.1', servername: 'localhost' })
      const stream = session.request(
        { ':path': path, ':method': method, ...headers },
        { endStream: body === undefined },
      )
      stream.on('error', reject).on('response', (got) =>
        resolve({
          status: got[':status'] ?? 0,
          cookies: got['set-cookie'] ?? [],
          body: stream,
          leave: () => stream.close(constants.NGHTTP2_CANCEL),
        }),
      )
      if (body !== undefined) stream.end(body)
    })
}

export const textOf = async ({ body }: Opened): Promise<string> => (await buffer(body)).toString()
