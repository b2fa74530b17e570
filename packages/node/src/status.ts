/** A request of our own making, to an app that does not listen yet. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/**
 * The status that a listener of node:http answers a GET with; undefined where it fails or hangs up. Nobody else can open the
 * connection, for there is no port. The signal ends it; until then all of the answer is taken in.
 */
export function statusOf(
  listener: (req: IncomingMessage, res: ServerResponse) => unknown,
  { protocol, host, pathname }: URL,
  signal: AbortSignal,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new Peer(protocol === 'https:', resolve)
    socket.once('close', () => resolve(undefined))
    signal.addEventListener('abort', () => socket.destroy())
    createServer(async (req, res) => {
      try {
        await listener(req, res)
      } catch {
        socket.destroy()
      }
    }).emit('connection', socket)
    socket.push(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  })
}

/** A socket that leads nowhere, with all that apps look at and set in one. */
class Peer extends Socket {
  /** A public https address arrives as on a connection that TLS was taken off. */
  readonly encrypted: boolean
  readonly #answered: (status: number) => void

  constructor(encrypted: boolean, answered: (status: number) => void) {
    super()
    Object.defineProperty(this, 'remoteAddress', { value: '127.0.0.1' })
    this.encrypted = encrypted
    this.#answered = answered
  }

  getPeerCertificate(): object {
    return {}
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, _encoding: unknown, done: () => void): void {
    // A hint of what is to come (103) is no answer.
    const status = /^HTTP\/1\.1 ([2-5]\d\d)/.exec(chunk.slice(0, 12).toString())?.[1]
    if (status) this.#answered(Number(status))
    done()
  }

  override _writev(chunks: readonly { readonly chunk: Buffer | string }[], done: () => void): void {
    for (const { chunk } of chunks) this._write(chunk, undefined, () => {})
    done()
  }

  override _final(done: () => void): void {
    done()
  }
}
