/** The one bridge between node:http and Fetch: a handler of its own, and the pieces that the adapters share. */
export type { NodeRequest } from './node-request.ts'
export { headersOf, type RequestOrigin, rawUrl, toRequest } from './request.ts'
export { appendCookie, refuse, sendResponse } from './response.ts'
export { type NodeHandler, type NodeHandlerOptions, serve, toNodeHandler } from './serve.ts'
