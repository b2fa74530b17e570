/** Answers that adapters give by themselves, as plain values that any framework can write. */

/** A whole answer. Made once, written many times. */
export class Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string

  constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/** 401, in the protocol's words. */
export const unauthorized = refusal(401, 'UNAUTHORIZED', 'Unauthorized')

/** 400: the host read the body before us and kept nothing of it. */
export const bodyAlreadyRead = refusal(
  400,
  'BODY_ALREADY_READ',
  'The request body was read before it reached the auth handler, and nothing of it was kept',
)

/** Whether no Fetch `Request` can have the method, however it is written: HTTP/2 lets any through. */
export const isForbidden = (method: string): boolean => /^(?:connect|trace|track)$/i.test(method)

/** 405, for those. */
export const methodNotAllowed = refusal(405, 'METHOD_NOT_ALLOWED', 'Method not allowed')

/** 500, with nothing of the cause in it. */
export const internalError = refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error')

/** 503: the store did not answer. */
export const unavailable = refusal(503, 'SERVICE_UNAVAILABLE', 'Service Unavailable')

/** 302 to `location`. */
export const redirection = (location: string) => new Refusal(302, { location, 'cache-control': 'no-store' }, '')

function refusal(status: number, code: string, message: string): Refusal {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Refusal(status, headers, JSON.stringify({ message, code }))
}
