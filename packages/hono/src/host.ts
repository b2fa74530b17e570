/** A request of Hono; its peer as each runtime tells it. */
import type { Host } from '@keystile/core/adapter'
import type { Context } from 'hono'
import { setHeader } from './response.ts'

export const host: Host<Context> = {
  raw: (c) => c.req.raw,
  method: (c) => c.req.method,
  url: (c) => c.req.raw.url,
  headers: (c) => c.req.raw.headers,
  // Of node-server, of Bun, of Deno.
  remoteAddress: ({ env, req }) =>
    env?.incoming?.socket?.remoteAddress ?? env?.requestIP?.(req.raw)?.address ?? env?.remoteAddr?.hostname,
  setHeader,
}
