/** Answers on Fastify's own reply, so that the host's hooks see them. */
import { joinVary, type Refusal } from '@keystile/core/adapter'
import type { Answer } from '@keystile/node'
import type { FastifyReply } from 'fastify'

export function write(reply: FastifyReply, { status, statusText, headers, content }: Answer): void {
  if (statusText && reply.request.raw.httpVersionMajor < 2) reply.raw.statusMessage = statusText
  for (const [name, value] of headers) setHeader(reply, name, value)
  reply.code(status).send(content ?? undefined)
}

/** Fastify appends cookies by itself. */
export function setHeader(reply: FastifyReply, name: string, value: string): void {
  reply.header(name, name === 'vary' ? joinVary(reply.getHeader(name)?.toString(), value) : value)
}

export const refuse = (reply: FastifyReply, { status, headers, body }: Refusal) =>
  reply.code(status).headers(headers).send(body)
