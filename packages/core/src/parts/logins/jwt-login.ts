import type { StandardSchemaV1 } from '@standard-schema/spec'
import { baseCodes } from '../../domain/codes.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { boundEndpoint } from '../bound-endpoint.ts'
import { tooManyGuesses } from '../fields.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import { type PairReplyOptions, pairDeclaration, type pairSchema, pairSender } from '../jwt/pair-reply.ts'
import { type TokenOptions, tokensOf } from '../jwt/tokens.ts'
import { credentialsBody, type LoginOptions, notAuthenticated, passwordLogin } from '../password-login.ts'

export interface JwtLoginOptions<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof pairSchema,
> extends LoginOptions<B>,
    TokenOptions,
    PairReplyOptions<R> {}

/**
 * An endpoint that hands out tokens: POST `{ username, password }`, answered with `{ access_token, refresh_token }`. No
 * session is opened, yet whatever stands before a session is asked.
 */
export function jwtLogin<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof pairSchema,
>(options: JwtLoginOptions<B, R> = {}) {
  checkOptions(options, jwtKinds, 'jwtLogin()')
  return boundEndpoint(
    'jwtLogin',
    {
      ...pairDeclaration(options),
      method: 'POST',
      body: options.bodySchema ?? credentialsBody,
      errors: [notAuthenticated, baseCodes.EMAIL_NOT_VERIFIED],
      answers: tooManyGuesses,
      summary: 'Get an access and a refresh token for a name and a password',
    },
    (app, owner) => {
      const { domain, login } = passwordLogin(owner, options, app)
      const tokens = tokensOf(owner, { ...options, check: undefined }, app)
      const { send, setsCookies } = pairSender(options, domain)
      return {
        setsCookies,
        async handle({ body, exchange }) {
          const pair = await login(body, exchange, async (user, needs) => {
            await domain.sessions.admit(user, { method: 'pwd', exchange })
            // Tokens rest on the password just checked, as a session would.
            return (await domain.store.find(needs.table, needs.where)) ? tokens.begin(user) : null
          })
          return send(pair, exchange)
        },
      }
    },
  )
}
