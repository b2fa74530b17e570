import { checkOptions, kinds } from '@keystile/core'
import { endpoint, only } from '@keystile/core/api'
import type { Django } from '../django.ts'
import { boundTo } from './no-django.ts'
import { answering } from './request-on.ts'
import { djangoSession } from './session-scheme.ts'

export interface DjangoLogoutOptions {
  /** What `django(…)` returned. */
  readonly django?: Django | undefined
}

/**
 * An endpoint that ends the session of Django's cookie, with all that it holds: POST, answered with 204. It needs the
 * CSRF token, as all changes do.
 *
 * @example controller('/logout', { endpoints: { logout: djangoLogout({ django }) } })
 */
export function djangoLogout(options: DjangoLogoutOptions = {}) {
  checkOptions(options, { django: kinds.object }, 'djangoLogout()')
  const { django } = options
  const { sessionCookie } = django?.names ?? {}
  const declared = endpoint(
    {
      method: 'POST',
      auth: only([djangoSession({ django })]),
      noStore: true,
      setsCookies: sessionCookie === undefined ? {} : { [sessionCookie]: 'Taken away' },
      summary: 'Sign out of Django',
    },
    async ({ auth }) => {
      await answering(auth.identity.request.logout())
      return undefined
    },
  )
  return boundTo(django, 'endpoint djangoLogout()', declared)
}
