import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Random } from '../primitives/random.ts'
import type { DjangoSession } from '../sessions/session.ts'
import type { DjangoVersion } from '../version.ts'
import type { CsrfDecision, CsrfRequest } from './check.ts'
import { CSRF_SESSION_KEY, type CsrfCookieOptions, type CsrfSecret, csrfCookie, csrfSecret } from './secret.ts'
import { sameCsrfSecret, tokenFault } from './token.ts'

/** What the CSRF protection of a request is made with. */
export interface RequestCsrfOptions {
  readonly check: (request: CsrfRequest) => CsrfDecision
  readonly cookie: CsrfCookieOptions
  /** `CSRF_USE_SESSIONS`. */
  readonly useSessions: boolean
  readonly djangoVersion?: DjangoVersion | undefined
  readonly clock: Clock
  readonly random: Random
}

/** What is looked at of the request. */
export interface RequestCsrfSource extends Pick<CsrfRequest, 'method' | 'secure' | 'headers'> {
  /** The cookie's value. */
  readonly cookie: () => string | undefined
  /** Asked where the secret is in the session. */
  readonly session: () => Promise<DjangoSession>
}

/** Django's CSRF protection during one request. Nothing is read before it is asked. */
export interface RequestCsrf {
  token(): Promise<string>
  rotate(): Promise<void>
  /** @throws {DjangoError} `CSRF_FAILED` (403) with Django's reason */
  check(formToken: string | undefined): Promise<void>
  /** The `Set-Cookie` header to send, if any. Where the secret is kept in the session it is put there instead. */
  finish(): Promise<string | undefined>
}

export function requestCsrf(source: RequestCsrfSource, options: RequestCsrfOptions): RequestCsrf {
  const { useSessions, cookie, clock } = options
  let secret: CsrfSecret | undefined

  async function stored(): Promise<string | undefined> {
    if (!useSessions) return source.cookie()
    const value = (await source.session()).get(CSRF_SESSION_KEY)
    return typeof value === 'string' ? value : undefined
  }

  async function current(): Promise<CsrfSecret> {
    const from = secret ? undefined : await stored()
    secret ??= csrfSecret(from, options)
    return secret
  }

  return {
    token: async () => (await current()).token(),
    rotate: async () => (await current()).rotate(),

    async check(formToken) {
      const { method, secure, headers } = source
      const decision = options.check({ method, secure, headers, secret: await stored(), formToken })
      // A cookie that is malformed is replaced, whatever comes of the request.
      await current()
      if (!decision.accepted) throw new DjangoError('CSRF_FAILED', decision.reason)
    },

    async finish() {
      const value = secret?.toStore()
      if (value === undefined) return undefined
      if (!useSessions) return csrfCookie(value, cookie, clock())
      const before = await stored()
      // Older releases mask it anew each time: that is no change.
      const known = before !== undefined && !tokenFault(before) && sameCsrfSecret(before, value)
      if (!known) (await source.session()).set(CSRF_SESSION_KEY, value)
      return undefined
    },
  }
}
