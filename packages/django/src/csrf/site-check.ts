import { DjangoError } from '../errors.ts'
import type { DjangoOptions } from '../options.ts'
import { type CsrfDecision, type CsrfRequest, csrfCheck } from './check.ts'

/**
 * The check by the options of `django`. Where they name neither hosts nor origins, no page of a browser could ever pass:
 * that is said as it is.
 *
 * @throws {DjangoError} at once as `csrfCheck`; of a request `NO_ALLOWED_HOSTS`
 */
export function siteCheck({ csrf = {}, cookies = {} }: DjangoOptions): (request: CsrfRequest) => CsrfDecision {
  const { allowedHosts, trustedOrigins, useSessions } = csrf
  const cookieDomain = (useSessions ? cookies.session : cookies.csrf)?.domain
  const check = csrfCheck({ ...csrf, allowedHosts: allowedHosts ?? [], cookieDomain })
  if (allowedHosts || trustedOrigins) return check

  return (request) => {
    const decision = check(request)
    if (!decision.accepted && /^(Origin|Referer) /.test(decision.reason)) {
      throw new DjangoError(
        'NO_ALLOWED_HOSTS',
        'name the hosts of the site as csrf.allowedHosts: the project has them as ALLOWED_HOSTS',
      )
    }
    return decision
  }
}
