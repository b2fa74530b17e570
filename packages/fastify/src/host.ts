/** A request of Fastify, by the app's own rules of trust. */
import { type Host, slotOf } from '@keystile/core/adapter'
import { headersOf, urlOf } from '@keystile/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setHeader } from './reply.ts'

/** A request does not know its reply: the plugin's hook does. */
export const replies = slotOf<FastifyRequest, FastifyReply>()

export const host: Host<FastifyRequest> = {
  raw: (request) => request.raw,
  method: (request) => request.method,
  url: ({ raw, protocol, host, url }) => urlOf(raw, { protocol, host, url }),
  headers: (request) => headersOf(request.raw),
  remoteAddress: (request) => request.ip,
  setHeader(request, name, value) {
    const reply = replies.get(request)
    if (reply) setHeader(reply, name, value)
  },
}
