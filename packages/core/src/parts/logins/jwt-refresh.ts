import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Exchange } from '../../domain/exchange.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { boundEndpoint } from '../bound-endpoint.ts'
import { jwtKinds } from '../jwt/option-kinds.ts'
import { type PairReplyOptions, pairDeclaration, type pairSchema, pairSender } from '../jwt/pair-reply.ts'
import { type RefreshBody, refreshBody } from '../jwt/refresh-body.ts'
import { type TokenOptions, tokensOf } from '../jwt/tokens.ts'
import { noAuth } from '../no-auth.ts'
import { notAuthenticated } from '../password-login.ts'

export interface JwtRefreshOptions<
  B extends StandardSchemaV1 = RefreshBody,
  R extends StandardSchemaV1 = typeof pairSchema,
> extends TokenOptions,
    PairReplyOptions<R> {
  /** Default `{ refresh_token }`; with `cookies` it may be left out. */
  readonly bodySchema?: B | undefined
  /** The refresh token from the body. */
  readonly convertAuthPayload?:
    | ((body: StandardSchemaV1.InferOutput<B>, exchange: Exchange) => string | undefined)
    | undefined
}

/**
 * An endpoint that renews tokens: POST `{ refresh_token }`, answered with a new pair. With a blocklist the token is good
 * once; when it comes again, all that its login began is revoked.
 */
export function jwtRefresh<B extends StandardSchemaV1 = RefreshBody, R extends StandardSchemaV1 = typeof pairSchema>(
  options: JwtRefreshOptions<B, R> = {},
) {
  checkOptions(options, jwtKinds, 'jwtRefresh()')
  const convert = options.convertAuthPayload ?? refreshBody.token
  return boundEndpoint(
    'jwtRefresh',
    {
      ...pairDeclaration(options),
      method: 'POST',
      body: options.bodySchema ?? refreshBody.schema(options.cookies !== undefined),
      errors: [notAuthenticated],
      answers: { 403: 'A gate refuses this user' },
      summary: 'Renew an access and a refresh token',
    },
    (app, owner) => {
      const tokens = tokensOf(owner, options, app)
      if (!app.domain) throw noAuth(owner)
      const { send, setsCookies, refreshToken } = pairSender(options, app.domain)
      return {
        setsCookies,
        handle: async ({ body, exchange }) =>
          send(
            await tokens.renew(convert(body as never, exchange) ?? refreshToken(exchange) ?? '', exchange),
            exchange,
          ),
      }
    },
  )
}
