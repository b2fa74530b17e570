/** Real HTTP for the adapters' tests: a listener on a free port, and a client that shows what came over the wire. */
import { type Agent, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Echo } from './echo-auth.ts'

export interface Listening {
  readonly port: number
  send(path: string, options?: Send): Promise<Got>
  /** Bytes as they are, and all that comes back until the server closes. */
  raw(text: string): Promise<string>
  /** Settles when the server knows that the next connection made to it is closed. */
  connectionClosed(): Promise<void>
}

export interface Send {
  method?: string | undefined
  headers?: Record<string, string | string[]> | undefined
  body?: string | Uint8Array | undefined
  /** Instead of a body with its length. */
  chunks?: readonly string[] | undefined
  agent?: Agent | undefined
}

export interface Got {
  status: number
  statusText: string
  headers: Record<string, string | string[] | undefined>
  cookies: string[]
  bytes: Buffer
  text: string
  /** The body as the echo auth answers it. */
  echo(): Echo & { bytes: Buffer }
}

/** Listens until the test ends. */
export async function listening(server: Server): Promise<Listening> {
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    send: (path, options = {}) =>
      new Promise((resolve, reject) => {
        const { method = 'GET', headers = {}, body, chunks, agent } = options
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        const framing = chunks ? { 'transfer-encoding': 'chunked' } : length
        const req = request({ host: '127.0.0.1', port, path, method, headers: { ...framing, ...headers }, agent })
        req.on('error', reject)
        req.on('response', async (res) => {
          try {
            const parts: Buffer[] = []
            for await (const part of res) parts.push(part)
            const bytes = Buffer.concat(parts)
            const text = bytes.toString()
            resolve({
              status: res.statusCode ?? 0,
              statusText: res.statusMessage ?? '',
              headers: res.headers,
              cookies: res.headers['set-cookie'] ?? [],
              bytes,
              text,
              echo() {
                const seen = JSON.parse(text) as Echo
                return { ...seen, bytes: Buffer.from(seen.body, 'base64') }
              },
            })
          } catch (error) {
            reject(error)
          }
        })
        for (const part of chunks ?? []) req.write(part)
        req.end(body)
      }),
    connectionClosed: () =>
      new Promise((resolve) => server.once('connection', (socket) => socket.once('close', () => resolve()))),
    raw: (text) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
        let got = ''
        socket.setEncoding('latin1')
        socket.on('data', (part) => {
          got += part
        })
        socket.on('error', reject)
        socket.on('close', () => resolve(got))
      }),
  }
}
