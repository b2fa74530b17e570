import type { Scheme } from '../../contract/scheme.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { bearerChallenge, checkPlace, credentialsOf } from '../credentials.ts'
import { jwtIdentifier, unbound } from '../jwt/identify.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import type { JwtIdentity, JwtSchemeOptions, JwtUser } from '../jwt/options.ts'

export interface JwtHeaderOptions<User = JwtUser, Name extends string = 'jwt'> extends JwtSchemeOptions<User, Name> {
  /** The header that carries the token. Default `Authorization`. */
  readonly header?: string | undefined
  /** The word before the token. Default `Bearer`. */
  readonly scheme?: string | undefined
}

/**
 * A signed token (RFC 7519) in `Authorization: Bearer`. Without options: HS256 under a key of the app's secret, and the
 * auth's user whose id is in `sub`. A token that does not hold stops the chain.
 */
export function jwt<const Name extends string = 'jwt'>(
  options: JwtHeaderOptions<null, Name> & { readonly getUser: null },
): Scheme<JwtIdentity<null>, NoInfer<Name>>
export function jwt<User = JwtUser, const Name extends string = 'jwt'>(
  options?: JwtHeaderOptions<User, Name>,
): Scheme<JwtIdentity<User>, NoInfer<Name>>
export function jwt<User = JwtUser, const Name extends string = 'jwt'>(
  options: JwtHeaderOptions<User, Name> = {},
): Scheme<JwtIdentity<User>, NoInfer<Name>> {
  checkOptions<JwtHeaderOptions<User, string>>(options, jwtKinds, 'jwt()')
  const { header = 'Authorization', scheme: word = 'Bearer' } = options
  const name = (options.name ?? 'jwt') as Name
  const standard = header.toLowerCase() === 'authorization'
  const bearer = standard && word.toLowerCase() === 'bearer'

  const scheme: Scheme<JwtIdentity<User>, Name> = {
    name,
    authenticate: () => {
      throw unbound(name)
    },
    securitySchemes: {
      [name]: bearer
        ? { type: 'http', scheme: word, bearerFormat: 'JWT', description: 'Signed token' }
        : { type: 'apiKey', in: 'header', name: header, description: `Signed token, as ${word} <token>` },
    },
    requirement: { [name]: [] },
    responses: {
      401: 'No token that holds',
      ...(options.jwksUrl ? { 503: "The issuer's keys are not available" } : {}),
    },
    varies: header.toLowerCase(),
    ...(bearer ? { challenge: bearerChallenge } : {}),
    bind(app) {
      checkPlace(name, { header, scheme: word })
      const identify = jwtIdentifier(name, options, app)
      return {
        ...scheme,
        authenticate(context) {
          const { exchange } = context
          const token = credentialsOf(exchange.headers, header, word)
          return token === undefined ? context.pass(`no ${word} token in ${header}`) : identify(token, exchange)
        },
      }
    },
  }
  return scheme
}
