/** The site that a request was sent to, and the hosts and origins that Django lets it come from. */

/** Headers by name, in any case, as `Headers` has them. */
export interface HeaderSource {
  get(name: string): string | null
}

/** Which hosts there are, and what a proxy in front says. */
export interface SiteOptions {
  /** `ALLOWED_HOSTS`: `host`, `.host` for its subdomains too, or `*`. */
  readonly allowedHosts: readonly string[]
  /** `USE_X_FORWARDED_HOST`: takes the host of `X-Forwarded-Host`. Only behind a proxy that sets it. Default `false`. */
  readonly useForwardedHost?: boolean | undefined
  /** `SECURE_PROXY_SSL_HEADER`: the header in which a proxy tells a secure request, and the value it then has. */
  readonly secureProxyHeader?: { readonly name: string; readonly value: string } | undefined
}

/** The site that a request was sent to. */
export interface Site {
  readonly secure: boolean
  /** As it was sent, with its port; `undefined` where it is none of the allowed hosts. */
  readonly host: string | undefined
}

/**
 * The site that a request was sent to.
 *
 * @param secure whether the connection itself is, to the server or to the proxy in front
 */
export function siteOf(headers: HeaderSource, secure: boolean, options: SiteOptions): Site {
  const { allowedHosts, useForwardedHost, secureProxyHeader } = options
  const told = secureProxyHeader && headers.get(secureProxyHeader.name)
  const host = (useForwardedHost ? headers.get('x-forwarded-host') : null) ?? headers.get('host') ?? ''
  const name = /^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(:[0-9]+)?$/.exec(host.toLowerCase())?.[1]?.replace(/\.$/, '')
  const allowed = name !== undefined && allowedHosts.some((pattern) => pattern === '*' || sameDomain(name, pattern))
  return {
    // Of several proxies each adds its word: the first spoke with the browser.
    secure: typeof told === 'string' ? told.split(',')[0]?.trim() === secureProxyHeader?.value : secure,
    host: allowed ? host : undefined,
  }
}

/** Whether a host is that of the pattern, or below it where the pattern starts with a dot. */
export function sameDomain(host: string, pattern: string): boolean {
  const wanted = pattern.toLowerCase()
  return wanted.startsWith('.') ? host.endsWith(wanted) || host === wanted.slice(1) : wanted !== '' && host === wanted
}

/** Scheme and authority of a URL, as Python splits it; `undefined` where it has not both. */
export function splitUrl(url: string): { scheme: string; authority: string } | undefined {
  const [, scheme, authority] = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#]+)/.exec(url) ?? []
  if (scheme === undefined || authority === undefined) return undefined
  return authority.includes('[') === authority.includes(']') ? { scheme: scheme.toLowerCase(), authority } : undefined
}
