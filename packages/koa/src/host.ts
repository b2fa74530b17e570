/** A request of Koa, by the app's own rules of trust. */
import type { Host } from '@keystile/core/adapter'
import { headersOf, setHeader, urlOf } from '@keystile/node'
import type { Context } from 'koa'

export const host: Host<Context> = {
  raw: (ctx) => ctx.req,
  method: (ctx) => ctx.method,
  url: (ctx) => urlOf(ctx.req, viewOf(ctx)),
  headers: (ctx) => headersOf(ctx.req),
  remoteAddress: (ctx) => ctx.ip,
  setHeader: (ctx, name, value) => setHeader(ctx.res, name, value),
}

export const viewOf = ({ protocol, host, originalUrl: url }: Context) => ({ protocol, host, url })
