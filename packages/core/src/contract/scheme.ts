/** A scheme tells who is calling. It is a value that requests share: it holds nothing of any one of them. */
import type { Domain } from '../domain/domain.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Clock, Logger } from '../lib/environment.ts'
import { APIError, ConfigError, type Problem } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'

/** One request as a scheme sees it. */
export interface SchemeContext {
  /** Headers and cookies that came, and cookies to go out. */
  readonly exchange: Exchange
  /** In capitals. */
  readonly method: string
  /** `null`, with the reason that a trace shows while developing. Never put a credential into it. */
  pass(this: SchemeContext, reason: string): null
  /**
   * For schemes whose credential a browser sends by itself: an unsafe request must come from an origin of ours.
   * @throws APIError 403 where it does not.
   */
  checkOrigin(this: SchemeContext): void | Promise<void>
}

/** Who is calling; `null` where this scheme's credential is absent or does not count: the next scheme is asked. */
export type Outcome<Identity> = { readonly identity: Identity } | null

/** One OpenAPI security scheme object. */
export interface SecurityScheme {
  readonly type: 'apiKey' | 'http' | 'mutualTLS' | 'oauth2' | 'openIdConnect'
  readonly [key: string]: unknown
}

/** What a scheme may need of the app it serves; known once, at start. */
export interface SchemeApp {
  /** The rules of the auth instance; undefined where an API runs without one. */
  readonly domain: Domain | undefined
  /**
   * 32 bytes for one purpose (HKDF) under each secret of the app: the first signs, all verify. Undefined without an auth
   * instance.
   */
  readonly deriveKeys: ((purpose: string) => readonly Uint8Array[]) | undefined
  readonly clock: Clock
  readonly random: Random
  readonly fetch: typeof fetch
  readonly logger: Logger
  readonly production: boolean
}

export interface Scheme<Identity = unknown, Name extends string = string> {
  readonly name: Name
  /**
   * @throws NotAuthenticated to stop the chain with 401.
   * @throws APIError to stop it with another status, which `responses` must name. All else is a 500.
   */
  authenticate(context: SchemeContext): Outcome<Identity> | Promise<Outcome<Identity>>
  /** OpenAPI: what is to be sent, by name. */
  readonly securitySchemes: { readonly [name: string]: SecurityScheme }
  /** OpenAPI: one security requirement; all of its entries together. */
  readonly requirement: { readonly [name: string]: readonly string[] }
  /** Statuses this scheme may answer with, and when. */
  readonly responses: { readonly [status: number]: string }
  /** The header that must repeat the token of a cookie on unsafe methods. */
  readonly csrfHeader?: string | undefined
  /** The request header that decides (`Vary`). */
  readonly varies?: 'cookie' | 'authorization' | (string & {}) | undefined
  /** The challenge of a 401 (RFC 9110, 11.6.1); `refused`: a credential of this scheme came and does not hold. */
  readonly challenge?: ((refused: boolean) => string) | undefined
  /**
   * The scheme as it serves one app: keys and cookie names resolved.
   * @throws ConfigError for what it lacks.
   */
  bind?(app: SchemeApp): Scheme<Identity, Name>
}

/** Stops a chain of schemes: 401, with the message given. */
export class NotAuthenticated extends APIError {
  /** What a trace shows while developing. */
  readonly reason: string
  constructor(message = 'Not authenticated', reason: string = message) {
    super(401, { message, code: 'UNAUTHORIZED' })
    this.reason = reason
  }
}

/** What is said at start of something that `owner` lacks: `scheme "jwt"`, `endpoint jwtLogin()`. */
export function startProblem(owner: string, problem: Problem): ConfigError {
  return new ConfigError([{ ...problem, message: `${owner}: ${problem.message}` }])
}

/** What a scheme says at start of something that it lacks. */
export const schemeProblem = (name: string, problem: Problem): ConfigError => startProblem(`scheme "${name}"`, problem)
