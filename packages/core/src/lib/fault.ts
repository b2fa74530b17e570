import type { Logger } from './environment.ts'
import { APIError, type ErrorCode } from './errors.ts'

/**
 * The answer to a failure that nobody foresaw: its cause goes to the log alone, under the id that the answer carries as
 * `x-request-id`. Without a code it is a 500 that says nothing.
 */
export function fault(logger: Logger, what: string, cause: unknown, code?: ErrorCode | undefined): APIError {
  const id = crypto.randomUUID()
  logger.error(`${what} (${id})`, cause)
  const body = code && { message: code.message, code: code.code }
  return new APIError(code?.status ?? 500, body, { 'x-request-id': id })
}
