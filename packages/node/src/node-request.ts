import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

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

/** What the host has made of a request, by its own rules of trust. Left out: what the request itself says. */
export interface RequestView {
  readonly protocol?: string | undefined
  /** Host name and port. */
  readonly host?: string | undefined
  readonly remoteAddress?: string | undefined
  /** Answer preflights, and let `trustedOrigins` read the answer, unless the response says already who may. */
  readonly cors?: boolean | undefined
  /** Path and query as the client sent them. */
  readonly url?: string | undefined
  /** What a body parser made of the body. */
  readonly body?: unknown
  /** The bytes or the text themselves, where a parser kept them. */
  readonly rawBody?: unknown
  /** The body where the host has put another stream in front of it, e.g. one that inflates. */
  readonly payload?: Readable | undefined
}
