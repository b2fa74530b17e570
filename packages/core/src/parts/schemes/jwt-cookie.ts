import type { Scheme } from '../../contract/scheme.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { checkPlace } from '../credentials.ts'
import { jwtIdentifier, unbound } from '../jwt/identify.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import type { JwtIdentity, JwtSchemeOptions, JwtUser } from '../jwt/options.ts'

export interface JwtCookieOptions<User = JwtUser, Name extends string = 'jwt'> extends JwtSchemeOptions<User, Name> {
  /** The cookie that carries the token. Default `access_token`. */
  readonly cookie?: string | undefined
}

/**
 * A signed token (RFC 7519) in a cookie. Unsafe methods must come from a trusted origin, else 403; a token that does
 * not hold stops the chain as well. Beside `jwt()` in one document one of them needs another `name`.
 */
export function jwtCookie<const Name extends string = 'jwt'>(
  options: JwtCookieOptions<null, Name> & { readonly getUser: null },
): Scheme<JwtIdentity<null>, NoInfer<Name>>
export function jwtCookie<User = JwtUser, const Name extends string = 'jwt'>(
  options?: JwtCookieOptions<User, Name>,
): Scheme<JwtIdentity<User>, NoInfer<Name>>
export function jwtCookie<User = JwtUser, const Name extends string = 'jwt'>(
  options: JwtCookieOptions<User, Name> = {},
): Scheme<JwtIdentity<User>, NoInfer<Name>> {
  checkOptions<JwtCookieOptions<User, string>>(options, jwtKinds, 'jwtCookie()')
  const { cookie = 'access_token' } = options
  const name = (options.name ?? 'jwt') as Name

  const scheme: Scheme<JwtIdentity<User>, Name> = {
    name,
    authenticate: () => {
      throw unbound(name)
    },
    securitySchemes: {
      [name]: { type: 'apiKey', in: 'cookie', name: cookie, description: 'Signed token in a cookie' },
    },
    requirement: { [name]: [] },
    responses: {
      401: 'No token that holds',
      403: 'The request comes from an origin that is not trusted',
      ...(options.jwksUrl ? { 503: "The issuer's keys are not available" } : {}),
    },
    varies: 'cookie',
    bind(app) {
      checkPlace(name, { cookie })
      const identify = jwtIdentifier(name, options, app)
      return {
        ...scheme,
        async authenticate(context) {
          const { exchange } = context
          const [token] = exchange.cookies(cookie)
          if (!token) return context.pass(`no token in the cookie ${cookie}`)
          await context.checkOrigin()
          return identify(token, exchange)
        },
      }
    },
  }
  return scheme
}
