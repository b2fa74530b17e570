/** A scheme tells who is calling. */
import type { Domain } from '../domain/domain.ts'
import type { Exchange } from '../domain/exchange.ts'
import { APIError } from '../lib/errors.ts'

export interface SchemeContext {
  readonly exchange: Exchange
  readonly domain: Domain
}

/** One OpenAPI security scheme object. */
export interface SecurityScheme {
  readonly type: 'apiKey' | 'http'
  readonly [key: string]: unknown
}

/**
 * `authenticate` answers `null` where its credential is absent or does not count (the next scheme is asked), an
 * identity where it holds, and throws `NotAuthenticated` to stop the chain.
 */
export interface Scheme<Identity = unknown> {
  readonly name: string
  authenticate(context: SchemeContext): Promise<{ readonly identity: Identity } | null>
  readonly securitySchemes: (domain: Domain) => { readonly [name: string]: SecurityScheme }
  /** One OpenAPI security requirement: all of its entries together. */
  readonly requirement: { readonly [name: string]: readonly string[] }
  /** Statuses this scheme may answer with, and when. */
  readonly responses: { readonly [status: number]: string }
}

/** Stops a chain of schemes: 401 with the protocol's body, or the message given. */
export class NotAuthenticated extends APIError {
  constructor(message = 'Unauthorized') {
    super(401, { message, code: 'UNAUTHORIZED' })
  }
}
