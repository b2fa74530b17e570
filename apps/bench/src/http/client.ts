/** Asks a server over kept connections, one request in flight on each; nothing but sockets, so that it is no bottleneck. */
import { connect, type Socket } from 'node:net'

const connections = 4

export interface HttpClient {
  /** Asks for this long, and at least once on each connection; gives the count of answers. Rejects when one is not 200. */
  ask(request: string, milliseconds: number): Promise<number>
  /** How many requests are in flight. */
  readonly connections: number
  close(): void
}

export async function openClient(port: number): Promise<HttpClient> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  return {
    async ask(request, milliseconds) {
      const bytes = Buffer.from(request)
      const end = performance.now() + milliseconds
      const counts = await Promise.all(sockets.map((socket) => askAgain(socket, bytes, end)))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    connections,
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** One request after the other, without a promise in between. */
function askAgain(socket: Socket, request: Buffer, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0
    const stop = listen(socket, (status) => {
      if (status === 200) count++
      if (status === 200 && performance.now() < end) {
        socket.write(request)
        return
      }
      stop()
      if (status === 200) resolve(count)
      else reject(new Error(`it answered ${status}`))
    })
    socket.write(request)
  })
}

/** Tells the status of each whole answer; 0 for one whose length it cannot know, and for a connection that ended. */
function listen(socket: Socket, answered: (status: number) => void): () => void {
  let status = 0
  let missing = 0
  const read = (chunk: Buffer) => {
    if (missing === 0) {
      const text = chunk.toString('latin1')
      const head = text.indexOf('\r\n\r\n') + 4
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
      if (head < 4 || length === undefined) return answered(0)
      status = Number(text.slice(9, 12))
      missing = head + Number(length)
    }
    missing -= chunk.length
    if (missing === 0) answered(status)
  }
  const closed = () => answered(0)
  if (socket.destroyed) closed()
  socket.on('data', read).once('close', closed)
  return () => socket.off('data', read).off('close', closed)
}
