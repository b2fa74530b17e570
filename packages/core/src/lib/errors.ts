/**
 * Errors are values. A request that is refused throws an `APIError` made from an entry of a table of codes; a
 * configuration that cannot work throws one `ConfigError` that names every problem found.
 */

const statusNames: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'FOUND',
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  402: 'PAYMENT_REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
  410: 'GONE',
  411: 'LENGTH_REQUIRED',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  417: 'EXPECTATION_FAILED',
  418: "I'M_A_TEAPOT",
  421: 'MISDIRECTED_REQUEST',
  422: 'UNPROCESSABLE_ENTITY',
  423: 'LOCKED',
  424: 'FAILED_DEPENDENCY',
  425: 'TOO_EARLY',
  426: 'UPGRADE_REQUIRED',
  428: 'PRECONDITION_REQUIRED',
  429: 'TOO_MANY_REQUESTS',
  431: 'REQUEST_HEADER_FIELDS_TOO_LARGE',
  451: 'UNAVAILABLE_FOR_LEGAL_REASONS',
  500: 'INTERNAL_SERVER_ERROR',
  501: 'NOT_IMPLEMENTED',
  502: 'BAD_GATEWAY',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
}

const statusCodes = new Map(Object.entries(statusNames).map(([code, name]) => [name, Number(code)]))

/** The JSON body of an error: always a message, a code wherever the protocol has one. */
export interface ErrorBody {
  readonly message?: string | undefined
  readonly code?: string | undefined
  readonly [key: string]: unknown
}

/** One entry of a table of error codes. `toString()` gives the code. */
export interface ErrorCode<Code extends string = string> {
  readonly code: Code
  readonly message: string
  readonly status: number
  toString(): string
}

/**
 * A refusal that becomes the answer: HTTP status, JSON body and headers.
 *
 * @example throw new APIError('FORBIDDEN', { code: 'NOT_YOURS', message: 'Not yours' })
 */
export class APIError extends Error {
  override readonly name = 'APIError'
  /** Upper-snake name of the status, or the number where it has none. */
  readonly status: string | number
  readonly statusCode: number
  /** `undefined` answers with an empty body. */
  readonly body: ErrorBody | undefined
  readonly headers: Headers

  constructor(status: string | number, body?: ErrorBody | undefined, headers?: HeadersInit | undefined) {
    super(body?.message ?? String(status))
    this.statusCode = typeof status === 'number' ? status : (statusCodes.get(status) ?? 500)
    this.status = typeof status === 'number' ? (statusNames[status] ?? status) : status
    this.body = body
    this.headers = new Headers(headers)
  }

  /** The code of the body, where it has one. */
  get code(): string | undefined {
    return this.body?.code
  }
}

/** The `APIError` of a table entry; `status` where one code goes out under several. */
export function apiError(entry: ErrorCode, status: number = entry.status): APIError {
  return new APIError(status, { message: entry.message, code: entry.code })
}

/** A URL as a header may carry it: what is not ASCII is percent-encoded, the rest stays byte for byte. */
export function headerUrl(url: string): string {
  return url.toWellFormed().replace(/[^\x20-\x7e]+/g, encodeURIComponent)
}

/** A redirect, as the protocol answers it: 302 and no body. */
export function redirect(location: string): APIError {
  return new APIError(302, undefined, { location: headerUrl(location) })
}

/** The reason phrase of a status code, as the protocol names it. */
export function statusName(status: number): string {
  return statusNames[status] ?? String(status)
}

/** One thing that is wrong with a configuration, and what to do about it. */
export interface Problem {
  readonly code: string
  /** What is wrong, in one sentence. */
  readonly message: string
  /** What was found; never a secret. */
  readonly seen: string
  /** What would have been right. */
  readonly expected: string
  /** What to write instead. */
  readonly fix: string
}

/** Thrown at start: every problem found, each with its code and its fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: string
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(textOf).join('\n'))
    this.code = problems[0]?.code ?? 'CONFIG'
    this.problems = problems
  }
}

function textOf({ code, message, seen, expected, fix }: Problem): string {
  return `${message}\n  seen: ${seen}\n  expected: ${expected}\n  fix: ${fix} (${code})`
}
