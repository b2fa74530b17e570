/** Answers that adapters give by themselves, as plain values that any framework can write. */

/** A whole answer. Made once, written many times. */
export interface Refusal {
  readonly status: 302 | 400 | 401 | 405 | 500
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface GuardOptions {
  /** For pages: where a visitor without a session is sent (302), instead of the 401. */
  readonly redirectTo?: string | undefined
}

/** 401, in the protocol's words. */
export const unauthorized: Refusal = refusal(401, 'UNAUTHORIZED', 'Unauthorized')

/** 400: the host read the body before us and kept nothing of it. */
export const bodyAlreadyRead: Refusal = refusal(
  400,
  'BODY_ALREADY_READ',
  'The request body was read before it reached the auth handler, and nothing of it was kept',
)

/** 405: a method that no Fetch `Request` can have (TRACE). */
export const methodNotAllowed: Refusal = refusal(405, 'METHOD_NOT_ALLOWED', 'Method not allowed')

/** 500, with nothing of the cause in it. */
export const internalError: Refusal = refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error')

/** 302 to `location`. */
export function redirection(location: string): Refusal {
  return { status: 302, headers: { location, 'cache-control': 'no-store' }, body: '' }
}

/** A guard's arguments, told apart: the handler it is around, if any, and how it refuses. */
export function guardArgs<Handler extends (...args: never[]) => unknown>(
  first: Handler | GuardOptions | undefined,
  second: GuardOptions | undefined,
): { handler: Handler | undefined; refusal: Refusal } {
  const [handler, options] = typeof first === 'function' ? [first, second] : [undefined, first]
  return { handler, refusal: options?.redirectTo ? redirection(options.redirectTo) : unauthorized }
}

function refusal(status: Refusal['status'], code: string, message: string): Refusal {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ message, code }),
  }
}
