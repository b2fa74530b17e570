/** Tells, once, that requests arrive at another address than the public one: a proxy in front that nobody trusts. */
import type { HeaderSource } from '../domain/exchange.ts'
import type { Logger } from '../lib/environment.ts'
import { forwardedOrigin } from '../lib/proxy.ts'
import { type BaseURL, schemeAndHost } from './base-url.ts'

const trust =
  "behind a proxy, have your framework trust it (Express: app.set('trust proxy', 1); Fastify: trustProxy: 1; " +
  'Koa: app.proxy = true; elsewhere advanced.trustedProxyHeaders: true and advanced.ipAddress.trustedProxies) ' +
  'and have the proxy pass X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-For'

/** `trustHeaders`: the proxy's headers count, by `advanced.trustedProxyHeaders`. */
export function arrivalWatch(
  { origin, ownOrigins }: BaseURL,
  trustHeaders: boolean,
  logger: Logger,
): (url: string, headers: HeaderSource) => void {
  // With allowed hosts every host is either one of them or refused.
  let done = origin === undefined && ownOrigins.length > 0
  const prefix = `${origin}/`
  return (url, headers) => {
    if (done || url.startsWith(prefix)) return
    const forwarded = origin === undefined || trustHeaders ? forwardedOrigin(headers) : null
    const arrived = trustHeaders && forwarded !== null ? forwarded : schemeAndHost(url)
    if (origin !== undefined && arrived !== origin) {
      done = true
      logger.warn(`baseURL is ${origin}, but a request arrived at ${arrived}: ${trust}; or correct baseURL`)
    } else if (origin === undefined && forwarded !== null && forwarded !== arrived) {
      done = true
      logger.warn(
        `a proxy forwards requests for ${forwarded}, which arrive at ${arrived}: set baseURL: '${forwarded}'; ${trust}`,
      )
    }
  }
}
