/** Tells that requests arrive at another address than the public one: a proxy in front that nobody trusts. */
import type { HeaderSource } from '../domain/exchange.ts'
import type { Logger } from '../lib/environment.ts'
import { forwardedOrigin } from '../lib/proxy.ts'
import { type BaseURL, schemeAndHost } from './base-url.ts'

const trust =
  "behind a proxy, have your framework trust it (Express: app.set('trust proxy', 1); Koa: app.proxy = true; " +
  "Fastify: trustProxy: '10.0.0.0/8', of whatever addresses it has; elsewhere advanced.trustedProxyHeaders: true and " +
  'advanced.ipAddress.trustedProxies) ' +
  'and have the proxy pass X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-For'

/** So many addresses are told, each once: anybody may name any host. */
const mostTold = 5

/** `trustHeaders`: the proxy's headers count, by `advanced.trustedProxyHeaders`. */
export function arrivalWatch(
  { origin, ownOrigins }: BaseURL,
  trustHeaders: boolean,
  logger: Logger,
): (url: string, headers: HeaderSource) => void {
  // With allowed hosts every host is either one of them or refused.
  const silent = origin === undefined && ownOrigins.length > 0
  const told = new Set<string>()
  const tell = (arrived: string, message: string) => {
    if (told.has(arrived)) return
    told.add(arrived)
    logger.warn(message)
  }
  const prefix = `${origin}/`
  return (url, headers) => {
    if (silent || told.size === mostTold || url.startsWith(prefix)) return
    const forwarded = origin === undefined || trustHeaders ? forwardedOrigin(headers) : null
    const arrived = trustHeaders && forwarded !== null ? forwarded : schemeAndHost(url)
    if (arrived === undefined) return
    if (origin !== undefined && arrived !== origin) {
      const fix = isLocal(origin) && isLocal(arrived) ? openOther(origin, arrived) : `${trust}; or correct baseURL`
      tell(arrived, `baseURL is ${origin}, but a request arrived at ${arrived}: ${fix}`)
    } else if (origin === undefined && forwarded !== null && forwarded !== arrived) {
      tell(
        forwarded,
        `a proxy forwards requests for ${forwarded}, which arrive at ${arrived}: set baseURL: '${forwarded}'; ${trust}`,
      )
    }
  }
}

/** The names of the machine itself: no proxy is between them. */
const isLocal = (origin: string) => /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(origin)

const openOther = (origin: string, arrived: string) =>
  `open ${origin}, or add it to baseURL: { allowedHosts: ['${new URL(origin).host}', '${new URL(arrived).host}'] }`
