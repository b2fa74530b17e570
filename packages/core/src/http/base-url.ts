/** The public origin of the service: configured once, or taken from each request for the hosts that are allowed. */
import type { DynamicBaseURL, Options } from '../contract/options.ts'
import { otherCodes } from '../domain/codes.ts'
import type { HeaderSource } from '../domain/exchange.ts'
import type { Env } from '../lib/environment.ts'
import { apiError, type Problem } from '../lib/errors.ts'
import { forwardedOrigin, isValidHost } from '../lib/proxy.ts'
import { wildcard } from '../lib/wildcard.ts'

export interface BaseURL {
  /** `/api/auth` unless set; empty at the root. No trailing slash. */
  readonly basePath: string
  /** The configured origin; `undefined` where each request tells its own. */
  readonly origin: string | undefined
  /** Whether cookies must be secure, as far as the configuration tells. */
  readonly secure: boolean | undefined
  /** Origins that are the service's own. */
  readonly ownOrigins: readonly string[]
  /**
   * The public origin of a call; `undefined` where nothing tells.
   * @throws APIError 400 for a host that is not allowed.
   */
  originOf(headers: HeaderSource, url: string | undefined): string | undefined
}

const names = [
  'KEYSTILE_URL',
  'BETTER_AUTH_URL',
  'NEXT_PUBLIC_BETTER_AUTH_URL',
  'PUBLIC_BETTER_AUTH_URL',
  'NUXT_PUBLIC_BETTER_AUTH_URL',
  'NUXT_PUBLIC_AUTH_URL',
  'BASE_URL',
]

export function resolveBaseURL(options: Options, env: Env, problems: Problem[]): BaseURL {
  const trustHeaders = options.advanced?.trustedProxyHeaders === true
  const given = options.baseURL ?? names.map((name) => env[name]).find((value) => value && value !== '/')
  if (typeof given === 'object')
    return dynamic(given, trimPath(options.basePath ?? '/api/auth'), trustHeaders, problems)
  const parsed = given === undefined ? null : parseBase(given, problems)
  const ownPath = parsed && parsed.pathname !== '/' ? trimPath(parsed.pathname) : undefined
  const origin = parsed?.origin
  return {
    basePath: ownPath ?? trimPath(options.basePath ?? '/api/auth'),
    origin,
    secure: parsed ? parsed.protocol === 'https:' : undefined,
    ownOrigins: origin === undefined ? [] : [origin],
    originOf: (headers, url) =>
      origin ??
      (trustHeaders ? forwardedOrigin(headers) : null) ??
      (url === undefined ? undefined : schemeAndHost(url)),
  }
}

function trimPath(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' || trimmed.startsWith('/') ? trimmed : `/${trimmed}`
}

function parseBase(given: string, problems: Problem[]): URL | null {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  problems.push({
    code: 'BASE_URL_INVALID',
    message: `Invalid base URL: ${given}. URL must include 'http://' or 'https://'`,
    seen: JSON.stringify(given),
    expected: 'an absolute URL of http or https',
    fix: "set baseURL to the public address, e.g. 'https://app.example.com'",
  })
  return null
}

/** `https://host:port` of an absolute URL, without parsing the rest. */
export function schemeAndHost(url: string): string | undefined {
  const host = url.indexOf('://') + 3
  const end = url.indexOf('/', host)
  return end < 0 ? undefined : url.slice(0, end)
}

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i

function dynamic(given: DynamicBaseURL, basePath: string, trustHeaders: boolean, problems: Problem[]): BaseURL {
  if (given.allowedHosts.length === 0) {
    problems.push({
      code: 'ALLOWED_HOSTS_EMPTY',
      message: 'baseURL.allowedHosts is empty',
      seen: '[]',
      expected: 'at least one host',
      fix: "list the hosts that serve the app, e.g. ['app.example.com', '*.preview.example.com']",
    })
  }
  const hosts = given.allowedHosts.map((host) =>
    host
      .toLowerCase()
      .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
      .replace(/\/.*$/, ''),
  )
  const tests = hosts.map((host) => wildcard(host))
  const protocol = given.protocol ?? 'auto'
  const fallback = given.fallback === undefined ? undefined : parseBase(given.fallback, problems)?.origin

  function schemeOf(headers: HeaderSource, url: string | undefined, host: string): string {
    if (protocol !== 'auto') return protocol
    const forwarded = trustHeaders ? headers.get('x-forwarded-proto') : null
    if (forwarded === 'http' || forwarded === 'https') return forwarded
    if (url !== undefined) return url.slice(0, url.indexOf(':'))
    return loopback.test(host) ? 'http' : 'https'
  }

  return {
    basePath,
    origin: undefined,
    secure: protocol === 'auto' ? undefined : protocol === 'https',
    ownOrigins: [
      ...hosts.flatMap((host) =>
        protocol !== 'https' || loopback.test(host) ? [`https://${host}`, `http://${host}`] : [`https://${host}`],
      ),
      ...(fallback ? [fallback] : []),
    ],
    originOf(headers, url) {
      const named = (trustHeaders ? headers.get('x-forwarded-host') : null) ?? headers.get('host')
      const host = (named ?? (url === undefined ? undefined : schemeAndHost(url)?.split('://')[1]))?.toLowerCase()
      if (host !== undefined && isValidHost(host) && tests.some((test) => test(host))) {
        return `${schemeOf(headers, url, host)}://${host}`
      }
      if (fallback) return fallback
      throw apiError(otherCodes.HOST_NOT_ALLOWED)
    },
  }
}
