import type { StandardSchemaV1 } from '@standard-schema/spec'
import { baseCodes } from '../../domain/codes.ts'
import type { CurrentSession, Exchange } from '../../domain/exchange.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { call, schema } from '../../lib/kinds.ts'
import { boundEndpoint } from '../bound-endpoint.ts'
import { tooManyGuesses } from '../fields.ts'
import {
  credentialsBody,
  type LoginOptions,
  loginKinds,
  loginReply,
  notAuthenticated,
  passwordLogin,
} from '../password-login.ts'

export interface SessionLoginOptions<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof loginReply,
> extends LoginOptions<B> {
  readonly responseSchema?: R | undefined
  /** The reply, of the session and its user. */
  readonly makeApiResponse?:
    | ((
        opened: CurrentSession,
        exchange: Exchange,
      ) => StandardSchemaV1.InferInput<R> | Promise<StandardSchemaV1.InferInput<R>>)
    | undefined
}

/**
 * An endpoint that opens a session: POST `{ username, password }`, answered with `{ user_id }` and the session's cookie.
 * A page of another origin cannot use it.
 *
 * @example controller('/login', { endpoints: { login: sessionLogin() } })
 */
export function sessionLogin<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof loginReply,
>(options: SessionLoginOptions<B, R> = {}) {
  checkOptions(options, { ...loginKinds, responseSchema: schema, makeApiResponse: call }, 'sessionLogin()')
  const { bodySchema = credentialsBody, responseSchema = loginReply, makeApiResponse } = options
  return boundEndpoint(
    'sessionLogin',
    {
      method: 'POST',
      status: 200,
      body: bodySchema,
      reply: responseSchema,
      csrf: 'form',
      noStore: true,
      errors: [notAuthenticated, baseCodes.EMAIL_NOT_VERIFIED],
      answers: tooManyGuesses,
      summary: 'Log in with a name and a password',
    },
    (app, owner) => {
      const { domain, login } = passwordLogin(owner, options, app)
      return {
        setsCookies: { [domain.makeCookie('session_token').name]: 'The session' },
        async handle({ body, exchange }) {
          const opened = await login(body, exchange, (user, needs, { remember }) =>
            domain.sessions.open(user, { method: 'pwd', exchange, remember, needs }),
          )
          return makeApiResponse ? makeApiResponse(opened, exchange) : { user_id: opened.user.id }
        },
      }
    },
  )
}
