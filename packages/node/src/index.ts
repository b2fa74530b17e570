/** The one bridge between node:http and Fetch: a gate and a handler of its own, and the pieces that the adapters share. */
export { ReadFailure } from '@keystile/core/adapter'
export {
  type GetSession,
  type GetUser,
  type GuardOptions,
  getSession,
  getUser,
  type KeystileNode,
  keystile,
  type NodeGuard,
  type NodeOptions,
  type RequestAuth,
  type RequestAuthOf,
} from './gate.ts'
export { holdHead } from './hold.ts'
export type { NodeRequest, RequestView } from './node-request.ts'
export { headersOf, rawUrl, toRequest, urlOf } from './request.ts'
export { type Answer, refuse, sendResponse, setHeader } from './response.ts'
export { ask, type NodeHandler, type NodeHandlerOptions, serve, toNodeHandler } from './serve.ts'
export { statusOf } from './status.ts'
