/** Requests over real connections, through a framework, for cases that are written for the handler itself. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Mountable } from '@keystile/core'
import { type Host, portOf, serving } from '../client/servers.ts'

/** The auth's handler behind a host: every request has a connection of its own. */
export async function handlerOf(host: Host, auth: Mountable): Promise<Mountable['handler']> {
  /** What is to be seen of a connection, by the client's port: who is at its other end, and whether it is encrypted. */
  const peers = new Map<
    number | undefined,
    { readonly remoteAddress: string | undefined; readonly encrypted: boolean }
  >()
  const seen: Host = async (mounted) => {
    const answer = await host(mounted)
    return (req, res) => {
      for (const [name, value] of Object.entries(peers.get(req.socket.remotePort) ?? {})) {
        Object.defineProperty(req.socket, name, { value })
      }
      answer(req, res)
    }
  }
  // Cases send longer headers than Node takes by default.
  const port = portOf(await serving(seen, auth, { maxHeaderSize: 8 << 20 }))
  return async (request, info) => {
    const { href, host: name, protocol, origin } = new URL(request.url)
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    peers.set(socket.localPort, { remoteAddress: info?.remoteAddress, encrypted: protocol === 'https:' })
    try {
      const sent = httpRequest({
        createConnection: () => socket,
        method: request.method,
        path: href.slice(origin.length).replace(/#.*/, ''),
        headers: { host: name, ...framing(request), ...Object.fromEntries(request.headers) },
        maxHeaderSize: 8 << 20,
      })
      const answered = once(sent, 'response')
      sent.on('error', () => {})
      if (request.body) pipeline(Readable.fromWeb(request.body as never), sent).catch(() => {})
      else sent.end()
      return await toResponse((await answered)[0] as IncomingMessage)
    } finally {
      socket.destroy()
      peers.delete(socket.localPort)
    }
  }
}

/** A body that turns out empty is one all the same, as it is for the handler. */
const framing = ({ body, headers }: Request) =>
  body && !headers.has('content-length') ? { 'transfer-encoding': 'chunked' } : {}

async function toResponse(got: IncomingMessage): Promise<Response> {
  const parts: Uint8Array[] = []
  for await (const part of got) parts.push(part)
  const headers = Object.entries(got.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const status = got.statusCode ?? 0
  const empty = status === 204 || status === 304 || parts.length === 0
  return new Response(empty ? null : Buffer.concat(parts), { status, statusText: got.statusMessage ?? '', headers })
}

/** Sends bytes, one a character, and gives all that comes until the connection ends. */
export async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  socket.write(bytes, 'latin1')
  let text = ''
  for await (const part of socket) text += part
  return text
}
