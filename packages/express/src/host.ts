/** A request of Express, by the app's own rules of trust. */
import type { Host } from '@keystile/core/adapter'
import { headersOf, setHeader, urlOf } from '@keystile/node'
import type { Request } from 'express'

export const host: Host<Request> = {
  raw: (req) => req,
  // See `property.ts`. The state of a stream is its own from beginning to end, and has the shape of all others.
  keeper: (req: Request & { readonly _readableState?: object }) => req._readableState ?? req,
  method: (req) => req.method,
  url: (req) => urlOf(req, viewOf(req)),
  headers: headersOf,
  remoteAddress: (req) => req.ip,
  setHeader: (req, name, value) => req.res && setHeader(req.res, name, value),
}

export const viewOf = (req: Request) => ({ protocol: req.protocol, host: hostOf(req) })

/** Host and port, by the app's trust in proxies: `req.host` of Express 4 leaves the port out. */
function hostOf(req: Request): string | undefined {
  const trusts = req.app.get('trust proxy fn')(req.socket.remoteAddress, 0)
  const forwarded = trusts && req.get('x-forwarded-host')?.split(',')[0]?.trim()
  return forwarded || req.get('host')
}
