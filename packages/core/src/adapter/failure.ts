/** What a host is told where a session or a caller could not be read: enough to answer with, and nothing of the cause. */
import type { Env } from '../lib/environment.ts'
import { APIError, ConfigError } from '../lib/errors.ts'
import { createLogger } from '../lib/logger.ts'
import { ownGuarding } from '../setup/guarding.ts'
import { StoreUnavailable } from '../store/store.ts'
import { internalError, type Refusal, unavailable } from './refusal.ts'

/**
 * An error that a host's own error handler may show: the handlers of some frameworks answer with the message, whatever
 * the environment. What happened is its `cause`, and in the log.
 */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure'
  readonly statusCode: number
  /** The same, where Koa and Express look first. */
  readonly status: number
  readonly expose = false
  /** What went wrong, outside production; in it the status alone. */
  readonly code: string
  readonly #refusal: Refusal

  constructor(refusal: Refusal, code: string | undefined, cause: unknown) {
    const told: { message: string; code: string } = JSON.parse(refusal.body)
    super(told.message, { cause })
    this.statusCode = refusal.status
    this.status = refusal.status
    this.code = code ?? told.code
    this.#refusal = refusal
  }

  /** The answer, for hosts that write it themselves. */
  get refusal(): Refusal {
    return this.#refusal
  }

  /** The same, for hosts that ask an error for one, as Hono does. */
  getResponse(): Response {
    const { status, headers, body } = this.#refusal
    return new Response(body, { status, headers })
  }
}

/** The answer to what failed: 503 where it was the store, else 500. */
export const refusalOf = (error: unknown): Refusal => (error instanceof ReadFailure ? error.refusal : internalError)

/** What to throw instead of `error`, which is logged here. A refusal stays what it is. */
export function readFailure(error: unknown, mounted: object | undefined): Error {
  if (error instanceof APIError || error instanceof ReadFailure) return error
  const { logger, production } = settingOf(mounted)
  logger.error('the session or the caller of a request could not be read', error)
  return failure(error, production)
}

/** The same for a mistake of mounting, which every request would repeat: each is logged once for what is mounted. */
export function mountFailure(mistake: ConfigError, mounted: object | undefined): Error {
  const { logger, production } = settingOf(mounted)
  const codes = told.get(mounted ?? anybody) ?? new Set()
  if (!codes.has(mistake.code)) {
    told.set(mounted ?? anybody, codes.add(mistake.code))
    logger.warn(mistake.message.replace(/\n */g, '; '))
  }
  return failure(mistake, production)
}

const told = new WeakMap<object, Set<string>>()
const anybody = {}

function failure(cause: unknown, production: boolean): ReadFailure {
  const refusal = cause instanceof StoreUnavailable ? unavailable : internalError
  return new ReadFailure(refusal, !production && cause instanceof ConfigError ? cause.code : undefined, cause)
}

function settingOf(mounted: object | undefined) {
  const own = mounted && ownGuarding(mounted)
  if (own) return own.app
  const env = (globalThis as { process?: { env?: Env } }).process?.env?.NODE_ENV
  return { logger: createLogger(), production: !(env === 'development' || env === 'test') }
}
