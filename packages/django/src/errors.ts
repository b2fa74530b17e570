/** What can go wrong here, by its code. */
export type DjangoErrorCode =
  | 'BAD_HASHER'
  | 'BAD_PAYLOAD'
  | 'BAD_SALT'
  | 'BAD_SIGNATURE'
  | 'NOT_JSON'
  | 'NO_SECRET_KEY'
  | 'PASSWORD_TOO_LONG'
  | 'SIGNATURE_EXPIRED'
  | 'UNENCODABLE_PASSWORD'
  | 'UNKNOWN_VERSION'
  | 'UNREADABLE_EXPIRY'
  | 'UNSAFE_COOKIE'
  | 'UNSAFE_SEPARATOR'
  | 'UNTRUSTWORTHY_ORIGIN'

/** Thrown by `@keystile/django`. The message never holds a secret or a signature. */
export class DjangoError extends Error {
  override readonly name = 'DjangoError'
  readonly code: DjangoErrorCode

  constructor(code: DjangoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
