/** The public names of `@keystile/core/api`: an app's own endpoints, and the schemes that guard them. */
export {
  type Controller,
  type Controllers,
  controller,
  type Group,
  group,
  type Members,
} from './contract/controller.ts'
export { type FoundBy, type Identified, type LevelAuth, type Only, only, type SchemeList } from './contract/levels.ts'
export type { HttpMethod } from './contract/method.ts'
export {
  endpoint,
  type OwnContext,
  type OwnDeclaration,
  type OwnEndpoint,
  type Throttle,
} from './contract/own-endpoint.ts'
export {
  NotAuthenticated,
  type Outcome,
  type Scheme,
  type SchemeApp,
  type SchemeContext,
  type SecurityScheme,
  schemeProblem,
} from './contract/scheme.ts'
export { type ApiHandler, type ApiOptions, createApi } from './create-api.ts'
export { type Described, type DescribedAuth, type DescribedEndpoint, described } from './described.ts'
export { disabledAuth } from './disabled-auth.ts'
export type { ErrorFormat, FormatError, FormattedError, Issue } from './http/error-format.ts'
export type { Operation, ResolvedEndpoint } from './http/operation.ts'
export { requestAuth } from './http/request-auth.ts'
export { type JwtToMake, makeJwt } from './make-jwt.ts'
export { basicAuth } from './parts/basic-auth.ts'
export type { JwtAlgorithm } from './parts/jwt/algorithms.ts'
export { type BlockedToken, type Blocklist, memoryBlocklist, TokenWithoutJti } from './parts/jwt/blocklist.ts'
export type { JwtToken } from './parts/jwt/claims.ts'
export type { TokenCookieOptions } from './parts/jwt/cookies.ts'
export type { JwtIdentity, JwtKey, JwtOptions, JwtUser } from './parts/jwt/options.ts'
export { type JwtBlocklist, jwtBlocklist } from './parts/jwt/stored-blocklist.ts'
export type { TokenOptions, TokenPair } from './parts/jwt/tokens.ts'
export { type JwtLoginOptions, jwtLogin } from './parts/logins/jwt-login.ts'
export { type JwtRefreshOptions, jwtRefresh } from './parts/logins/jwt-refresh.ts'
export { type JwtRevokeOptions, jwtRevoke } from './parts/logins/jwt-revoke.ts'
export { type JwtVerifyOptions, jwtVerify } from './parts/logins/jwt-verify.ts'
export { type SessionLoginOptions, sessionLogin } from './parts/logins/session-login.ts'
export { credentialsBody, type LoginCredentials, loginReply, notAuthenticated } from './parts/password-login.ts'
export { type ApiKeyOptions, apiKey } from './parts/schemes/api-key.ts'
export { type BasicOptions, basic } from './parts/schemes/basic.ts'
export { type BearerOptions, bearer } from './parts/schemes/bearer.ts'
export { type JwtHeaderOptions, jwt } from './parts/schemes/jwt.ts'
export { type JwtCookieOptions, jwtCookie } from './parts/schemes/jwt-cookie.ts'
export { type SessionOptions, session } from './parts/schemes/session.ts'
