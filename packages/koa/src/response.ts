/** Answers on Koa's own response, so that middleware around ours sees them, and may add to them. */
import { Readable } from 'node:stream'
import type { Refusal } from '@keystile/core/adapter'
import type { Answer } from '@keystile/node'
import type { Context } from 'koa'

export function write(ctx: Context, { status, statusText, headers, content }: Answer): void {
  ctx.body = content instanceof ReadableStream ? streamOf(ctx, content) : content
  ctx.status = status
  if (statusText && ctx.req.httpVersionMajor < 2) ctx.message = statusText
  // Koa guesses a type where there is none.
  ctx.remove('content-type')
  for (const [name, value] of headers) {
    if (name === 'set-cookie') ctx.append(name, value)
    else if (name === 'vary') ctx.vary(value)
    else ctx.set(name, value)
  }
}

function streamOf({ res }: Context, body: ReadableStream<Uint8Array>): Readable {
  const stream = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
  // Koa 2 would leave the client waiting for the rest.
  return stream.on('error', () => res.headersSent && res.destroy())
}

export function refuse(ctx: Context, { status, headers, body }: Refusal): void {
  ctx.status = status
  ctx.body = body
  ctx.remove('content-type')
  ctx.set(headers)
}
