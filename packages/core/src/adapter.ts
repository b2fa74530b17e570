/** What every adapter is made of, free of any framework: `@keystile/core/adapter`. */

export { speaksOfCors } from './adapter/cors.ts'
export { mountFailure, ReadFailure, refusalOf } from './adapter/failure.ts'
export {
  type ForeignGate,
  type ForeignRequest,
  type ForeignRequests,
  type ForeignSource,
  type ForeignSystem,
  foreignGate,
  foreignRequests,
  type SessionOf,
  type UserOf,
} from './adapter/foreign.ts'
export { type Gate, type GateOptions, gateOf } from './adapter/gate.ts'
export {
  type Guard,
  type GuardArgs,
  type GuardOptions,
  guardArgs,
  isKnown,
  type Read,
  refusalIn,
  type Verdict,
} from './adapter/guard.ts'
export { keptOn } from './adapter/kept.ts'
export {
  checkMount,
  checkReached,
  hang,
  isOwn,
  isUnder,
  lazyProperty,
  nameTaken,
  pathOf,
  registeredTwice,
  staticPrefix,
} from './adapter/mount.ts'
export { gateKinds } from './adapter/options.ts'
export type { Sends } from './adapter/ready.ts'
export { bodyAlreadyRead, internalError, isForbidden, methodNotAllowed, Refusal } from './adapter/refusal.ts'
export {
  type GetSession,
  type GetUser,
  type Host,
  type RequestAuth,
  type RequestAuthOf,
  type Sessions,
  sessionsOf,
} from './adapter/sessions.ts'
export { joinVary } from './adapter/vary.ts'
export type { Mountable, RequestInfo, SessionRead } from './contract/auth.ts'
export type { FoundBy, SchemeList } from './contract/levels.ts'
export type { HasModel, Model, SessionPair } from './contract/model.ts'
export type { HeaderSource } from './domain/exchange.ts'
export { unreadText } from './http/reply.ts'
export { checkOptions } from './lib/check-options.ts'
export * as kinds from './lib/kinds.ts'
export { type Slot, slotOf } from './lib/slot.ts'
