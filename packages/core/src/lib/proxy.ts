/** The origin that a reverse proxy says the client asked for. Look at it only where such a proxy is trusted. */

/** A host name or IPv4 address, or a bracketed IPv6 address without zone; then perhaps a port. */
const HOST = /^(?:[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Host names that read as a scheme once a port follows. */
const SCHEME = /^(?:javascript|file|data):/i

/** Whether a `Host` value names a host, and perhaps a port, and nothing else. */
export function isValidHost(host: string): boolean {
  return host.length <= 261 && HOST.test(host) && !SCHEME.test(host) && URL.canParse(`http://${host}`)
}

/**
 * The origin that `x-forwarded-proto` and `x-forwarded-host` give, in its canonical form: both must be there and be
 * single, valid values, else `null`.
 */
export function forwardedOrigin(headers: { get(name: string): string | null }): string | null {
  const protocol = headers.get('x-forwarded-proto')
  const host = headers.get('x-forwarded-host')
  if ((protocol !== 'http' && protocol !== 'https') || host === null || !isValidHost(host)) return null
  return new URL(`${protocol}://${host}`).origin
}
