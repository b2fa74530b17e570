import type { IncomingMessage } from 'node:http'

/** A request of node:http or of node:http2's compatibility layer, with what frameworks leave on it. */
export type NodeRequest = IncomingMessage & {
  /** Path and query as the client sent them, where a framework shortens `url`. */
  readonly originalUrl?: string | undefined
  /** What a body parser made of the body. */
  readonly body?: unknown
  /** The bytes themselves, where a parser was told to keep them. */
  readonly rawBody?: unknown
  readonly authority?: string | undefined
  readonly stream?: { readonly endAfterHeaders: boolean } | undefined
}
