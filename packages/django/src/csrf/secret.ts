import { type Random, systemRandom } from '../primitives/random.ts'
import { type CookieAttributes, setCookie } from '../primitives/set-cookie.ts'
import { type DjangoVersion, NEWEST_DJANGO, since } from '../version.ts'
import { csrfSecretOf, maskCsrfSecret, newCsrfSecret, tokenFault } from './token.ts'

/** Where the secret is kept in the session under `CSRF_USE_SESSIONS`. */
export const CSRF_SESSION_KEY = '_csrftoken'

/** Django's `CSRF_COOKIE_NAME`. */
export const CSRF_COOKIE = 'csrftoken'

/** How the secret is made and stored. */
export interface CsrfSecretOptions {
  readonly djangoVersion?: DjangoVersion | undefined
  readonly random?: Random | undefined
}

/** The CSRF secret during one request. */
export interface CsrfSecret {
  /** A token for the page: the secret under a new mask. From then on the secret is to be sent. */
  token(): string
  /** Takes a new secret, as a login does: tokens given out before are refused. */
  rotate(): void
  /**
   * What the cookie is to be set to, or the session under `CSRF_SESSION_KEY`; `undefined` where nothing is to be
   * sent. A response that sets the cookie varies by it.
   */
  toStore(): string | undefined
}

/**
 * The CSRF secret during one request.
 *
 * @param stored what the cookie or the session held, masked or plain
 */
export function csrfSecret(stored: string | undefined, options: CsrfSecretOptions = {}): CsrfSecret {
  const { djangoVersion = NEWEST_DJANGO, random = systemRandom } = options
  const malformed = stored !== undefined && tokenFault(stored) !== undefined
  let secret = stored === undefined || malformed ? undefined : csrfSecretOf(stored)
  let wanted = malformed

  const current = () => {
    secret ??= newCsrfSecret(random)
    return secret
  }

  return {
    token() {
      wanted = true
      return maskCsrfSecret(current(), random)
    },

    rotate() {
      wanted = true
      secret = newCsrfSecret(random)
    },

    toStore() {
      if (!wanted) return undefined
      return since(djangoVersion, '4.1') ? current() : maskCsrfSecret(current(), random)
    },
  }
}

/** `CSRF_COOKIE_…`, with Django's defaults. `maxAge: undefined` makes it last as long as the browser is open. */
export interface CsrfCookieOptions extends CookieAttributes {
  readonly name?: string | undefined
}

/**
 * The `Set-Cookie` header that carries the secret. Scripts read it to send the token, so it is not `HttpOnly`.
 *
 * @param now milliseconds since 1970
 */
export function csrfCookie(
  value: string,
  { name = CSRF_COOKIE, ...attributes }: CsrfCookieOptions,
  now: number,
): string {
  return setCookie(name, value, { maxAge: 31_449_600, sameSite: 'Lax', ...attributes }, now)
}
