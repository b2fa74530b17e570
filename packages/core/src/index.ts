/** The public names of `@keystile/core`. */
export { type Auth, createAuth } from './auth.ts'
export type { Api, Call, Carry, Mountable, RequestInfo, SessionRead } from './contract/auth.ts'
export {
  type Access,
  type Declaration,
  type Endpoint,
  type EndpointContext,
  type Endpoints,
  endpoint,
} from './contract/endpoint.ts'
export type { AfterContext, AppHooks, BeforeContext, CurrentOf, DomainOf, Hook } from './contract/hook.ts'
export {
  type AppRows,
  type BaseSession,
  type BaseUser,
  type FieldSchema,
  type HasModel,
  type Hole,
  type InputOf,
  type Model,
  type RowOf,
  type SessionPair,
  sessionOut,
  userOut,
} from './contract/model.ts'
export type { Options } from './contract/options.ts'
export type { AnyPlugin, Plugin, RateLimitRule } from './contract/plugin.ts'
export type { DatabaseHooks } from './contract/row-hooks.ts'
export { baseCodes, codes, type ErrorCodes } from './domain/codes.ts'
export type { Domain } from './domain/domain.ts'
export { type CurrentSession, Exchange, type HeaderSource } from './domain/exchange.ts'
export { challenge, type Gate, type GateInput, type GateOutcome, pass, refuse } from './domain/gates.ts'
export type { AccountRow, SessionRow, UserRow, VerificationRow } from './domain/model.ts'
export { checkedOptions, checkOptions } from './lib/check-options.ts'
export { APIError, apiError, ConfigError, type ErrorCode, headerUrl, type Problem, redirect } from './lib/errors.ts'
export * as kinds from './lib/kinds.ts'
export type { CoreEndpoints } from './parts/core-endpoints.ts'
export * as fields from './store/fields.ts'
export type { Store, Verbs, Where } from './store/store.ts'
export { StoreUnavailable, UniqueViolation } from './store/store.ts'
export { type Field, type Fields, type Table, table } from './store/table.ts'
