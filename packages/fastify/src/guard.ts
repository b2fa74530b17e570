/** Guards as Fastify has them: a hook, or around a route's handler. */
import {
  type GuardArgs,
  type GuardOptions,
  guardArgs,
  isKnown,
  type Read,
  refusalIn,
  type Verdict,
} from '@keystile/core/adapter'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { refuse } from './reply.ts'

/** A guard: an `onRequest` or `preHandler` hook, or around a route's handler, which then gets `Who` as its third argument. */
export interface FastifyGuard<Who> {
  (options?: GuardOptions | undefined): onRequestHookHandler
  <R extends FastifyRequest>(
    handler: (request: R, reply: FastifyReply, who: Who) => unknown,
    options?: GuardOptions | undefined,
  ): (request: R, reply: FastifyReply) => Promise<unknown>
}

export function guard<Who>(read: Read<FastifyRequest, Who>): FastifyGuard<Who> {
  type Handler = (request: FastifyRequest, reply: FastifyReply, who: Who) => unknown
  const make = (...args: GuardArgs<Handler>) => {
    const { handler, refusal } = guardArgs(args)
    const route = async function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
      const verdict = await read(request, refusal)
      if (!isKnown(verdict)) return refuse(reply, refusalIn(verdict, refusal))
      return handler?.call(this, request, reply, verdict.who)
    }
    // Refused, `done` is never called: no route is reached, however long the host's onSend hooks take.
    const hook: onRequestHookHandler = (request, reply, done) => {
      const decide = (verdict: Verdict<Who>) =>
        void (isKnown(verdict) ? done() : refuse(reply, refusalIn(verdict, refusal)))
      read(request, refusal).then(decide, done)
    }
    return handler ? route : hook
  }
  return make as FastifyGuard<Who>
}
