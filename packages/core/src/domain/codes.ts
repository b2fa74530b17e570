/** Every error code of the protocol's core, said once. */
import type { ErrorCode } from '../lib/errors.ts'

type Entries = { readonly [code: string]: readonly [status: number, message: string] }
export type ErrorCodes<T> = { readonly [K in keyof T & string]: ErrorCode<K> }

/** A table of error codes from `CODE: [status, message]`; each entry prints as its code. */
export function codes<const T extends Entries>(entries: T): ErrorCodes<T> {
  const table: Record<string, ErrorCode> = {}
  for (const [code, [status, message]] of Object.entries(entries)) {
    table[code] = { code, message, status, toString: () => code }
  }
  return table as ErrorCodes<T>
}

/** The codes a client may rely on: `auth.$ERROR_CODES`. */
export const baseCodes = codes({
  USER_NOT_FOUND: [400, 'User not found'],
  FAILED_TO_CREATE_USER: [400, 'Failed to create user'],
  FAILED_TO_CREATE_SESSION: [400, 'Failed to create session'],
  FAILED_TO_UPDATE_USER: [400, 'Failed to update user'],
  FAILED_TO_GET_SESSION: [401, 'Failed to get session'],
  INVALID_PASSWORD: [400, 'Invalid password'],
  INVALID_EMAIL: [400, 'Invalid email'],
  INVALID_EMAIL_OR_PASSWORD: [401, 'Invalid email or password'],
  INVALID_USER: [401, 'Invalid user'],
  SOCIAL_ACCOUNT_ALREADY_LINKED: [409, 'Social account already linked'],
  PROVIDER_NOT_FOUND: [404, 'Provider not found'],
  INVALID_TOKEN: [400, 'Invalid token'],
  TOKEN_EXPIRED: [401, 'Token expired'],
  ID_TOKEN_NOT_SUPPORTED: [404, 'id_token not supported'],
  FAILED_TO_GET_USER_INFO: [401, 'Failed to get user info'],
  USER_EMAIL_NOT_FOUND: [401, 'User email not found'],
  EMAIL_NOT_VERIFIED: [403, 'Email not verified'],
  PASSWORD_TOO_SHORT: [400, 'Password too short'],
  PASSWORD_TOO_LONG: [400, 'Password too long'],
  USER_ALREADY_EXISTS: [400, 'User already exists.'],
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: [422, 'User already exists. Use another email.'],
  EMAIL_CAN_NOT_BE_UPDATED: [400, 'Email can not be updated'],
  CHANGE_EMAIL_DISABLED: [400, 'Change email is disabled'],
  CREDENTIAL_ACCOUNT_NOT_FOUND: [400, 'Credential account not found'],
  SESSION_EXPIRED: [400, 'Session expired. Re-authenticate to perform this action.'],
  FAILED_TO_UNLINK_LAST_ACCOUNT: [400, "You can't unlink your last account"],
  ACCOUNT_NOT_FOUND: [400, 'Account not found'],
  USER_ALREADY_HAS_PASSWORD: [400, 'User already has a password. Provide that to delete the account.'],
  CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: [
    403,
    'Cross-site navigation login blocked. This request appears to be a CSRF attack.',
  ],
  VERIFICATION_EMAIL_NOT_ENABLED: [400, "Verification email isn't enabled"],
  EMAIL_ALREADY_VERIFIED: [400, 'Email is already verified'],
  EMAIL_MISMATCH: [400, 'Email mismatch'],
  SESSION_NOT_FRESH: [403, 'Session is not fresh'],
  LINKED_ACCOUNT_ALREADY_EXISTS: [400, 'Linked account already exists'],
  INVALID_ORIGIN: [403, 'Invalid origin'],
  INVALID_CALLBACK_URL: [403, 'Invalid callbackURL'],
  INVALID_REDIRECT_URL: [403, 'Invalid redirectURL'],
  INVALID_ERROR_CALLBACK_URL: [403, 'Invalid errorCallbackURL'],
  INVALID_NEW_USER_CALLBACK_URL: [403, 'Invalid newUserCallbackURL'],
  MISSING_OR_NULL_ORIGIN: [403, 'Missing or null Origin'],
  CALLBACK_URL_REQUIRED: [400, 'callbackURL is required'],
  FAILED_TO_CREATE_VERIFICATION: [500, 'Unable to create verification'],
  FIELD_NOT_ALLOWED: [400, 'Field not allowed to be set'],
  ASYNC_VALIDATION_NOT_SUPPORTED: [500, 'Async validation is not supported'],
  VALIDATION_ERROR: [400, 'Validation Error'],
  MISSING_FIELD: [400, 'Field is required'],
  METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED: [
    405,
    'POST method requires deferSessionRefresh to be enabled in session config',
  ],
  BODY_MUST_BE_AN_OBJECT: [400, 'Body must be an object'],
  PASSWORD_ALREADY_SET: [400, 'User already has a password set'],
})

/** Codes of the core that stand outside the public table. */
export const otherCodes = codes({
  UNAUTHORIZED: [401, 'Unauthorized'],
  EMAIL_PASSWORD_SIGN_UP_DISABLED: [400, 'Email and password sign up is not enabled'],
  EMAIL_PASSWORD_DISABLED: [400, 'Email and password is not enabled'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported media type'],
  BAD_REQUEST: [400, 'Invalid JSON in request body'],
  REQUEST_TIMEOUT: [408, 'The request body took too long to arrive'],
  PAYLOAD_TOO_LARGE: [413, 'Request body is larger than the limit'],
  SERVICE_UNAVAILABLE: [503, 'The database is not available, try again'],
  HOST_NOT_ALLOWED: [400, 'Host is not allowed'],
  TOO_MANY_REQUESTS: [429, 'Too many requests. Please try again later.'],
})
