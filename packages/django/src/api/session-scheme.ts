import { checkOptions, kinds } from '@keystile/core'
import type { Scheme } from '@keystile/core/api'
import { isSafe } from '../csrf/check.ts'
import type { Django } from '../django.ts'
import type { DjangoRequest } from '../request.ts'
import type { DjangoSession } from '../sessions/session.ts'
import type { DjangoUser } from '../users/user.ts'
import { needDjango } from './no-django.ts'
import { answering, requestOn } from './request-on.ts'

/** Whom Django's session cookie tells. */
export interface DjangoIdentity {
  readonly user: DjangoUser
  readonly session: DjangoSession
  /** The call as Django sees it: `logout()`, `csrfToken()`, and what else is there. */
  readonly request: DjangoRequest<DjangoUser>
}

export interface DjangoSessionOptions<Name extends string = 'django_session'> {
  /** What `django(…)` returned. */
  readonly django?: Django | undefined
  /** Its name in chains and in the OpenAPI document. Default `django_session`. */
  readonly name?: Name | undefined
  /** A last word on who counts, e.g. only members of the staff; `false` passes on to the next scheme. */
  readonly check?: ((identity: DjangoIdentity) => boolean | Promise<boolean>) | undefined
}

const djangoSessionKinds: kinds.Members<DjangoSessionOptions<string>> = {
  django: kinds.object,
  name: kinds.text,
  check: kinds.call,
}

/**
 * Django's session cookie. Unsafe methods must carry Django's CSRF token, else 403: in the header, or in the field
 * `csrfmiddlewaretoken` of a form that the app hands to `request.checkCsrf` itself.
 */
export function djangoSession<const Name extends string = 'django_session'>(
  options: DjangoSessionOptions<Name> = {},
): Scheme<DjangoIdentity, NoInfer<Name>> {
  checkOptions<DjangoSessionOptions<string>>(options, djangoSessionKinds, 'djangoSession()')
  const { django, check } = options
  const name = (options.name ?? 'django_session') as Name
  const owner = `scheme "${name}"`
  const { sessionCookie, csrfCookie, csrfHeader } = django?.names ?? {}
  const cookie = (of: string, description: string) => ({ type: 'apiKey', in: 'cookie', name: of, description }) as const

  return {
    name,
    async authenticate(context) {
      const request = requestOn(needDjango(django, owner), context.exchange, context.method)
      const user = await answering(request.user())
      if (!user) return context.pass('no live session of Django')
      const identity = { user, session: await request.session(), request }
      if (check && !(await check(identity))) return context.pass('the check said no')
      if (!isSafe(context.method)) await answering(request.checkCsrf())
      return { identity }
    },
    securitySchemes: {
      ...(sessionCookie !== undefined && { [name]: cookie(sessionCookie, "Django's session cookie") }),
      ...(csrfCookie !== undefined && { csrf: cookie(csrfCookie, `CSRF protection: repeated in ${csrfHeader}`) }),
    },
    requirement: { [name]: [], ...(csrfCookie !== undefined && { csrf: [] }) },
    responses: { 400: 'The session was ended meanwhile', 401: 'No live session', 403: 'The CSRF check failed' },
    csrfHeader,
    varies: 'cookie',
    bind() {
      needDjango(django, owner)
      return this
    },
  }
}
