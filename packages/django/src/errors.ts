/** What can go wrong here, by its code. */
export type DjangoErrorCode =
  | 'BAD_HASHER'
  | 'BAD_MODEL'
  | 'BAD_NAME'
  | 'BAD_PAYLOAD'
  | 'BAD_SALT'
  | 'BAD_SIGNATURE'
  | 'BAD_VALUE'
  | 'CSRF_FAILED'
  | 'DATABASE_BUSY'
  | 'DATABASE_CLOSED'
  | 'NOT_JSON'
  | 'NOT_SIGNED_IN'
  | 'NOT_UNIQUE'
  | 'NO_ALLOWED_HOSTS'
  | 'NO_DATABASE'
  | 'NO_REDIS'
  | 'NO_SECRET_KEY'
  | 'PASSWORD_TOO_LONG'
  | 'SESSION_INTERRUPTED'
  | 'SESSION_KEY_TAKEN'
  | 'SESSION_TOO_LARGE'
  | 'SIGNATURE_EXPIRED'
  | 'UNENCODABLE_PASSWORD'
  | 'UNKNOWN_FIELD'
  | 'UNKNOWN_VERSION'
  | 'UNREADABLE_EXPIRY'
  | 'UNSAFE_COOKIE'
  | 'UNSAFE_SEPARATOR'
  | 'UNTRUSTWORTHY_ORIGIN'
  | 'USER_GONE'
  | 'USERNAME_TAKEN'

/** Thrown by `@keystile/django`. The message never holds a secret or a signature. */
export class DjangoError extends Error {
  override readonly name = 'DjangoError'
  readonly code: DjangoErrorCode
  /** What the request is answered with, where it is the request that is at fault; frameworks look here. */
  readonly status: 400 | 403 | undefined

  constructor(code: DjangoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    // A property of its own, for Koa writes to it.
    this.status = code === 'SESSION_INTERRUPTED' ? 400 : code === 'CSRF_FAILED' ? 403 : undefined
  }

  /** The answer, for hosts that ask an error for one, as Hono does. */
  getResponse(): Response {
    const { status, code, message } = this
    if (status === undefined) return new Response('Internal Server Error', { status: 500 })
    return Response.json({ message, code }, { status })
  }
}
