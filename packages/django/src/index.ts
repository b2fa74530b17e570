/** The public names of `@keystile/django`. */

export type { AuthRow, SessionAuth, SessionAuthOptions } from './auth/login.ts'
export { type ResetTokenOptions, type ResetTokens, type ResetTokenUser, resetTokens } from './auth/reset-token.ts'
export { type SessionHashes, type SessionHashOptions, sessionHashes } from './auth/session-hash.ts'
export { decodeUid, encodeUid } from './auth/uid.ts'
export { type CsrfCheckOptions, type CsrfDecision, type CsrfRequest, csrfCheck } from './csrf/check.ts'
export {
  CSRF_SESSION_KEY,
  type CsrfCookieOptions,
  type CsrfSecret,
  type CsrfSecretOptions,
  csrfCookie,
  csrfSecret,
} from './csrf/secret.ts'
export type { HeaderSource, SiteOptions } from './csrf/site.ts'
export type { SessionCookiePlugin } from './database/cookie-plugin.ts'
export {
  type DjangoDatabase,
  type DjangoPasswordPair,
  djangoDatabase,
  passwordPair,
} from './database/database.ts'
export type { DjangoDatabaseOptions } from './database/options.ts'
export { type Django, type DjangoNames, django } from './django.ts'
export { DjangoError, type DjangoErrorCode } from './errors.ts'
export { type Inspection, type InspectOptions, inspectDjango } from './inspect/inspect.ts'
export { reportOf } from './inspect/report.ts'
export type { CsrfOptions, DjangoOptions } from './options.ts'
export type { Argon2Parameters } from './passwords/argon2.ts'
export type { BcryptParameters } from './passwords/bcrypt.ts'
export type { Algorithm } from './passwords/hasher.ts'
export type { HasherSettings } from './passwords/hashers.ts'
export {
  type DjangoPasswords,
  type DjangoPasswordsOptions,
  djangoPasswords,
  type PasswordUpgrade,
  type PasswordVerdict,
} from './passwords/passwords.ts'
export type { Pbkdf2Parameters } from './passwords/pbkdf2.ts'
export type { ScryptParameters } from './passwords/scrypt.ts'
export type { Clock } from './primitives/clock.ts'
export { quoteCookie, unquoteCookie } from './primitives/cookie-text.ts'
export type { SecretKeys } from './primitives/keys.ts'
export type { Random } from './primitives/random.ts'
export type { CookieAttributes } from './primitives/set-cookie.ts'
export type { DjangoRequest, DjangoRequestSource, RequestUser } from './request.ts'
export { type CacheOptions, type CacheSerializer, cacheSessions } from './sessions/cache.ts'
export { cachedDatabaseSessions } from './sessions/cached-db.ts'
export {
  type CookieCodecOptions,
  cookieCodec,
  type RowCodecOptions,
  rowCodec,
  type SessionCodec,
} from './sessions/codec.ts'
export type { SessionCookieOptions } from './sessions/cookie.ts'
export { databaseSessions } from './sessions/db.ts'
export type { EngineMaker, EngineParts, SessionEngine } from './sessions/engine.ts'
export { type Expiry, type ExpiryOptions, expiryOf, setExpiry } from './sessions/expiry.ts'
export { type JsonObject, type JsonValue, parsePythonJson, pythonJson } from './sessions/json.ts'
export { isSessionKey, newSessionKey } from './sessions/key.ts'
export type { RedisClient } from './sessions/redis.ts'
export type { DjangoSession } from './sessions/session.ts'
export { signedCookieSessions } from './sessions/signed-cookie.ts'
export { dumps, loads, type PayloadOptions } from './signing/payload.ts'
export { type SignedCookieOptions, type SignedCookies, signedCookies } from './signing/signed-cookies.ts'
export {
  type Signer,
  type SignerOptions,
  type SigningOptions,
  signer,
  type TimestampSigner,
  type TimestampSignerOptions,
  timestampSigner,
} from './signing/signer.ts'
export { readDate } from './sql/dates.ts'
export type { Dialect, SqlDriver, SqlOutcome, SqlParameter, SqlRow, SqlVerbs } from './sql/driver.ts'
export { type MysqlPool, mysqlDriver } from './sql/mysql.ts'
export { type PostgresqlPool, postgresqlDriver } from './sql/postgresql.ts'
export { type SqliteDriverOptions, sqliteDriver } from './sql/sqlite.ts'
export type { SqliteDatabase } from './sql/sqlite-line.ts'
export type { FieldInput, FieldValue } from './sql/values.ts'
export type { AuthenticateOptions } from './users/authenticate.ts'
export type { UsersOptions } from './users/context.ts'
export type { UserModel, UserModelOptions } from './users/model.ts'
export { normaliseEmail, normaliseUsername } from './users/normalise.ts'
export { UsernameTakenError, type UserRow } from './users/rows.ts'
export type { DjangoUser } from './users/user.ts'
export { djangoUsers, type NewUser, type Users } from './users/users.ts'
export {
  type PasswordProblem,
  type PasswordRules,
  passwordProblems,
  type UsernameProblem,
  usernameProblem,
} from './users/validators.ts'
export type { DjangoVersion } from './version.ts'
