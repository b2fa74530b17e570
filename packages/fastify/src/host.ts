/** A request of Fastify, by the app's own rules of trust. */
import type { Host } from '@keystile/core/adapter'
import { headersOf, urlOf } from '@keystile/node'
import type { FastifyRequest } from 'fastify'

export const host: Host<FastifyRequest> = {
  raw: (request) => request.raw,
  method: (request) => request.method,
  url: ({ raw, protocol, host, url }) => urlOf(raw, { protocol, host, url }),
  headers: (request) => headersOf(request.raw),
  remoteAddress: (request) => request.ip,
  // A request does not know its reply: the plugin's hook does.
  setHeader: () => {},
}
