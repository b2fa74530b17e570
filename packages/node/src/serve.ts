import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import {
  checkOptions,
  internalError,
  kinds,
  type Mountable,
  type Refusal,
  type RequestInfo,
  speaksOfCors,
} from '@keystile/core/adapter'
import type { NodeRequest, RequestView } from './node-request.ts'
import { toRequest } from './request.ts'
import { type Answer, answerOf, isGone, refuse, writeAnswer } from './response.ts'

/** Answers a request with the auth's handler. Rejects when the handler or the answer's body fails; not when the client left. */
export async function serve(
  auth: Pick<Mountable, 'handler'>,
  req: NodeRequest,
  res: ServerResponse,
  from: RequestView,
): Promise<void> {
  const answer = await ask(auth, req, res, from)
  if (answer) await writeAnswer(res, answer)
}

/**
 * The answer of the auth's handler, for a host that writes it itself; undefined where there is nobody to write it to.
 * Rejects when the handler fails.
 */
export async function ask(
  auth: Pick<Mountable, 'handler'>,
  req: NodeRequest,
  res: ServerResponse,
  from: RequestView,
): Promise<Answer | undefined> {
  const request = toRequest(req, from)
  const cors = speaksOfCors(from.cors, req.method, req.headers.origin, res.getHeader('access-control-allow-origin'))
  try {
    const answer = await answerOf(res, await responseTo(auth, request, { remoteAddress: from.remoteAddress, cors }))
    if (answer?.status === 413 && endless(req)) res.setHeader('connection', 'close')
    return answer
  } catch (error) {
    if (res.headersSent || !isGone(res)) throw error
    return undefined
  }
}

/** Whether too much of a body may be still to come to read it for the sake of the connection. HTTP/2 resets a stream. */
const endless = ({ httpVersionMajor, headers }: NodeRequest) =>
  httpVersionMajor < 2 && Number(headers['content-length'] ?? 0) > mostThrownAway
const mostThrownAway = 16 << 20

function responseTo(auth: Pick<Mountable, 'handler'>, request: Request | Refusal, info: RequestInfo) {
  if (request instanceof Request) return auth.handler(request, info)
  return new Response(request.body, { status: request.status, headers: request.headers })
}

export interface NodeHandlerOptions {
  /** Answer preflights, and let `trustedOrigins` read the answers, with credentials. Default `false`. */
  readonly cors?: boolean | undefined
  /** Told of what the handler or the answer's stream threw. Default: `console.error`. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** What listeners of node:http, node:https and node:http2 are called with. */
export type Incoming = IncomingMessage | Http2ServerRequest
export type Outgoing = ServerResponse | Http2ServerResponse

/** A listener of node:http, node:https or node:http2. */
export type NodeHandler = (req: Incoming, res: Outgoing) => Promise<void>

/**
 * The auth's handler as a listener: `http.createServer(toNodeHandler(auth))`. Never rejects: what fails is answered
 * with 500, or by closing the connection once the headers are out. The peer's address is the socket's.
 */
export function toNodeHandler(auth: Pick<Mountable, 'handler'>, options: NodeHandlerOptions = {}): NodeHandler {
  checkOptions<NodeHandlerOptions>(options, { cors: kinds.flag, onError: kinds.call }, 'toNodeHandler()')
  // biome-ignore lint/suspicious/noConsole: a bare node:http server has no other place to tell
  const { onError = console.error } = options
  return async (request, response) => {
    // The compatibility layer of HTTP/2 has all that is used of HTTP/1.
    const req = request as IncomingMessage
    const res = response as ServerResponse
    try {
      await serve(auth, req, res, { remoteAddress: req.socket.remoteAddress, cors: options.cors })
    } catch (error) {
      onError(error)
      refuse(res, internalError)
    }
  }
}
