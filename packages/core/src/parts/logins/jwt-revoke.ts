import { checkOptions } from '../../lib/check-options.ts'
import { boundEndpoint } from '../bound-endpoint.ts'
import { type TokenCookieOptions, tokenCookies } from '../jwt/cookies.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import { refreshBody } from '../jwt/refresh-body.ts'
import { type TokenOptions, tokensOf } from '../jwt/tokens.ts'

export interface JwtRevokeOptions extends TokenOptions {
  /** As `jwtLogin` was told: the cookies are expired. */
  readonly cookies?: TokenCookieOptions | undefined
}

/**
 * An endpoint that ends all that a login began: POST `{ refresh_token }`, answered with 204, also where there is
 * nothing to end. Needs a `blocklist`.
 */
export function jwtRevoke(options: JwtRevokeOptions = {}) {
  checkOptions(options, jwtKinds, 'jwtRevoke()')
  const { cookies } = options
  return boundEndpoint(
    'jwtRevoke',
    {
      method: 'POST',
      status: 204,
      body: refreshBody.schema(cookies !== undefined),
      ...(cookies ? { csrf: 'form' } : {}),
      summary: 'Revoke the tokens of a login',
    },
    (app, owner) => {
      const { revoke } = tokensOf(owner, options, app, { revokes: true })
      const jar = cookies && app.domain && tokenCookies(cookies, app.domain)
      return {
        ...(jar ? { setsCookies: jar.described } : {}),
        async handle({ body, exchange }) {
          await revoke(refreshBody.token(body) ?? jar?.refreshToken(exchange) ?? '')
          jar?.expire(exchange)
        },
      }
    },
  )
}
