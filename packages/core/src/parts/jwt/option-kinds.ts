/** What each option of JWT schemes and endpoints holds: one object may serve all of them, so each knows the others' too. */
import {
  type AnyKind,
  anything,
  bytes,
  call,
  either,
  flag,
  group,
  having,
  list,
  number,
  oneOf,
  schema,
  text,
} from '../../lib/kinds.ts'
import { loginKinds } from '../password-login.ts'
import type { TokenCookieOptions } from './cookies.ts'

const algorithms: AnyKind = list(anything)
const getUser: AnyKind = either(call, oneOf(null))
const texts = either(text, list(text))

export const jwtKinds = {
  ...loginKinds,
  secret: either(text, bytes),
  secrets: list(either(text, bytes)),
  // Keys have checks of their own, which say what is wrong with one.
  key: anything,
  jwksUrl: text,
  signingKey: anything,
  algorithms,
  enforceMinimumKeyLength: flag,
  issuers: texts,
  audiences: texts,
  strictAudience: flag,
  leeway: number,
  allowLongLeeway: flag,
  requireClaims: list(text),
  typ: text,
  verifyExpiry: flag,
  verifyIssuedAt: flag,
  verifyNotBefore: flag,
  blocklist: having('blocklist', 'isBlocked'),
  requireJti: flag,
  userIdField: text,
  claimFromToken: call,
  getUser,
  name: text,
  tokenType: either(text, oneOf(null)),
  requireType: flag,
  header: text,
  scheme: text,
  cookie: text,
  expiration: number,
  refreshExpiration: number,
  rotateRefreshTokens: flag,
  responseSchema: schema,
  makeApiResponse: call,
  cookies: group<TokenCookieOptions>({ access: text, refresh: text, path: text }, 'path'),
}
