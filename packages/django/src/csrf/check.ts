import { DjangoError } from '../errors.ts'
import { type HeaderSource, type SiteOptions, sameDomain, siteOf, splitUrl } from './site.ts'
import { sameCsrfSecret, tokenFault } from './token.ts'

/** What is needed to judge where requests come from. */
export interface CsrfCheckOptions extends SiteOptions {
  /** `CSRF_TRUSTED_ORIGINS`: `scheme://host`, or `scheme://*.host` for its subdomains too. */
  readonly trustedOrigins?: readonly string[] | undefined
  /** `CSRF_COOKIE_DOMAIN`, or `SESSION_COOKIE_DOMAIN` where the secret is in the session: requests may come from it. */
  readonly cookieDomain?: string | undefined
  /** `CSRF_HEADER_NAME` as a header is named. Default `X-CSRFToken`. */
  readonly headerName?: string | undefined
}

/** What is looked at of a request. */
export interface CsrfRequest {
  readonly method: string
  /** Whether the connection itself is secure. */
  readonly secure: boolean
  readonly headers: HeaderSource
  /** The secret from the cookie, or from the session where it is kept there; `undefined` where there is none. */
  readonly secret: string | undefined
  /** The field `csrfmiddlewaretoken` of a body that is a form. Looked at for `POST` alone, as Django does. */
  readonly formToken?: string | undefined
}

/** The decision; of a refusal (403) the reason in Django's words. */
export type CsrfDecision = { readonly accepted: true } | { readonly accepted: false; readonly reason: string }

/** Django's `CSRF_HEADER_NAME`. */
export const CSRF_HEADER = 'X-CSRFToken'

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/** Of a method that changes nothing no token is asked. */
export const isSafe = (method: string): boolean => SAFE.includes(method.toUpperCase())

/**
 * Decides as Django 4.0 and later do whether a request was sent on purpose: by its `Origin` or, where the request is
 * secure and has none, by its `Referer`; then by its token.
 *
 * @throws {DjangoError} at once, `UNTRUSTWORTHY_ORIGIN` for a trusted origin without a scheme
 */
export function csrfCheck(options: CsrfCheckOptions): (request: CsrfRequest) => CsrfDecision {
  const { trustedOrigins = [], cookieDomain, headerName = CSRF_HEADER } = options
  const trusted = trustedOrigins.map((origin) => {
    const url = splitUrl(origin)
    if (!url) throw new DjangoError('UNTRUSTWORTHY_ORIGIN', `a trusted origin needs a scheme and a host: ${origin}`)
    return { origin, scheme: url.scheme, pattern: url.authority.replace(/^\*+/, ''), wildcard: origin.includes('*') }
  })
  const header = headerName.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())

  function goodOrigin(origin: string, secure: boolean, host: string | undefined): boolean {
    if (host !== undefined && origin === `${secure ? 'https' : 'http'}://${host}`) return true
    const url = splitUrl(origin)
    return trusted.some((entry) =>
      entry.wildcard
        ? url?.scheme === entry.scheme && sameDomain(url.authority, entry.pattern)
        : entry.origin === origin,
    )
  }

  /** What is wrong with the `Referer` of a secure request. */
  function refererFault(referer: string | null, host: string | undefined): string | undefined {
    if (referer === null) return 'no Referer.'
    const url = splitUrl(referer)
    if (!url) return 'Referer is malformed.'
    if (url.scheme !== 'https') return 'Referer is insecure while host is secure.'
    const port = /:(\d+)$/.exec(host ?? '')?.[1] ?? '443'
    const own = cookieDomain === undefined || port === '443' || port === '80' ? cookieDomain : `${cookieDomain}:${port}`
    const good = [...trusted.map((entry) => entry.pattern), own ?? host ?? '']
    if (good.some((pattern) => sameDomain(url.authority, pattern))) return undefined
    return `${referer} does not match any trusted origins.`
  }

  /** What is wrong with the token. */
  function tokenProblem({ method, headers, secret, formToken }: CsrfRequest): string | undefined {
    if (secret === undefined) return 'CSRF cookie not set.'
    const cookieFault = tokenFault(secret)
    if (cookieFault) return `CSRF cookie ${cookieFault}.`
    const inForm = method.toUpperCase() === 'POST' && formToken ? formToken : undefined
    const token = inForm ?? headers.get(headerName)
    if (token === null) return 'CSRF token missing.'
    const source = inForm === undefined ? `the '${header}' HTTP header` : 'POST'
    const fault = tokenFault(token) ?? (sameCsrfSecret(token, secret) ? undefined : 'incorrect')
    return fault && `CSRF token from ${source} ${fault}.`
  }

  function problem(request: CsrfRequest): string | undefined {
    // A server of Python gives Django every method in capitals.
    if (isSafe(request.method)) return undefined
    const { secure, host } = siteOf(request.headers, request.secure, options)
    const origin = request.headers.get('origin')
    if (origin !== null && !goodOrigin(origin, secure, host)) {
      return `Origin checking failed - ${origin} does not match any trusted origins.`
    }
    const fault = origin === null && secure ? refererFault(request.headers.get('referer'), host) : undefined
    return fault ? `Referer checking failed - ${fault}` : tokenProblem(request)
  }

  return (request) => {
    const reason = problem(request)
    return reason === undefined ? { accepted: true } : { accepted: false, reason }
  }
}
