/** How cookies are named and marked, from the options. */
import type { Options } from '../contract/options.ts'
import type { CookieOptions } from '../domain/cookies.ts'
import type { BaseURL } from '../http/base-url.ts'
import type { Problem } from '../lib/errors.ts'

export function cookieSettings(
  { advanced = {}, preset }: Options,
  base: BaseURL,
  production: boolean,
  problems: Problem[],
): CookieOptions {
  const shared = advanced.crossSubDomainCookies
  const host = base.origin === undefined ? undefined : new URL(base.origin).hostname
  const domain = shared?.enabled ? (shared.domain ?? host) : undefined
  if (shared?.enabled && domain === undefined) {
    problems.push({
      code: 'COOKIE_DOMAIN_UNKNOWN',
      message: 'baseURL is required when crossSubdomainCookies are enabled.',
      fix: "set baseURL, or advanced.crossSubDomainCookies.domain, e.g. 'example.com'",
    })
  }
  return {
    prefix: advanced.cookiePrefix ?? 'better-auth',
    secure: advanced.useSecureCookies ?? base.secure ?? production,
    hostPrefix: preset === 'strict',
    domain,
    defaults: advanced.defaultCookieAttributes ?? {},
    overrides: advanced.cookies ?? {},
  }
}
