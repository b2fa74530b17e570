import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { internalError, type Mountable } from '@keystile/core/adapter'
import type { NodeRequest } from './node-request.ts'
import { type RequestOrigin, toRequest } from './request.ts'
import { isGone, refuse, sendResponse } from './response.ts'

/** Answers a request with the auth's handler. Rejects when the handler or the answer's body fails; not when the client left. */
export async function serve(
  auth: Pick<Mountable, 'handler'>,
  req: NodeRequest,
  res: ServerResponse,
  from: RequestOrigin,
): Promise<void> {
  const request = toRequest(req, from)
  if (!(request instanceof Request)) return refuse(res, request)
  try {
    await sendResponse(res, await auth.handler(request, { remoteAddress: from.remoteAddress }))
  } catch (error) {
    if (res.headersSent || !isGone(res)) throw error
  }
}

export interface NodeHandlerOptions {
  /** Told of what the handler or the answer's stream threw. Default: `console.error`. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A listener of node:http, node:https or node:http2. */
export type NodeHandler = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
) => Promise<void>

/**
 * The auth's handler as a listener: `http.createServer(toNodeHandler(auth))`. Never rejects: what fails is answered
 * with 500, or by closing the connection once the headers are out. The peer's address is the socket's.
 */
export function toNodeHandler(auth: Pick<Mountable, 'handler'>, options: NodeHandlerOptions = {}): NodeHandler {
  // biome-ignore lint/suspicious/noConsole: a bare node:http server has no other place to tell
  const { onError = console.error } = options
  return async (request, response) => {
    // The compatibility layer of HTTP/2 has all that is used of HTTP/1.
    const req = request as IncomingMessage
    const res = response as ServerResponse
    try {
      await serve(auth, req, res, { remoteAddress: req.socket.remoteAddress })
    } catch (error) {
      onError(error)
      refuse(res, internalError)
    }
  }
}
