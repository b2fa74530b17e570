import * as v from 'valibot'
import { checkOptions } from '../../lib/check-options.ts'
import { boundEndpoint } from '../bound-endpoint.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import { type TokenOptions, tokensOf } from '../jwt/tokens.ts'
import { notAuthenticated } from '../password-login.ts'

export interface JwtVerifyOptions extends TokenOptions {}

const schema = v.object({ access_token: v.string() })

/** An endpoint that tells whether an access token holds: POST `{ access_token }`, answered with 204 or 401. */
export function jwtVerify(options: JwtVerifyOptions = {}) {
  checkOptions(options, jwtKinds, 'jwtVerify()')
  return boundEndpoint(
    'jwtVerify',
    {
      method: 'POST',
      status: 204,
      body: schema,
      noStore: true,
      errors: [notAuthenticated],
      summary: 'Check an access token',
    },
    (app, owner) => {
      const tokens = tokensOf(owner, options, app)
      return {
        handle: ({ body, exchange }) => tokens.verify((body as v.InferOutput<typeof schema>).access_token, exchange),
      }
    },
  )
}
