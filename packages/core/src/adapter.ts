/** What every adapter is made of, free of any framework and of the rest of the core: `@keystile/core/adapter`. */
export { checkAuth, checkMount, isUnder, nameTaken, pathOf, staticPrefix } from './adapter/mount.ts'
export {
  bodyAlreadyRead,
  type GuardOptions,
  guardArgs,
  internalError,
  methodNotAllowed,
  type Refusal,
  redirection,
  unauthorized,
} from './adapter/refusal.ts'
export {
  type GetSession,
  type GetUser,
  type Host,
  type RequestAuth,
  type Sessions,
  sessionsOf,
} from './adapter/sessions.ts'
export { joinVary } from './adapter/vary.ts'
export type { Mountable, RequestInfo, SessionRead } from './contract/auth.ts'
export type { HasModel, Model, SessionPair } from './contract/model.ts'
export type { HeaderSource } from './domain/exchange.ts'
