/** How a pair of tokens goes out: in the body, or in cookies. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import type { OwnDeclaration } from '../../contract/own-endpoint.ts'
import type { Domain } from '../../domain/domain.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { type TokenCookieOptions, tokenCookies } from './cookies.ts'
import type { TokenPair } from './tokens.ts'

export const pairSchema = v.object({ access_token: v.string(), refresh_token: v.string() })

export interface PairReplyOptions<R extends StandardSchemaV1> {
  readonly responseSchema?: R | undefined
  /** The reply, of the tokens. */
  readonly makeApiResponse?:
    | ((
        pair: TokenPair,
        exchange: Exchange,
      ) => StandardSchemaV1.InferInput<R> | Promise<StandardSchemaV1.InferInput<R>>)
    | undefined
  /** Sends the tokens in cookies instead, where no script of a page reads them. Then a page must be of a trusted origin. */
  readonly cookies?: TokenCookieOptions | undefined
}

/** What an endpoint that answers with tokens declares. */
export function pairDeclaration<R extends StandardSchemaV1>(options: PairReplyOptions<R>): Partial<OwnDeclaration> {
  const { cookies, responseSchema, makeApiResponse } = options
  const shown = !cookies || makeApiResponse
  return {
    status: shown ? 200 : 204,
    ...(shown ? { reply: responseSchema ?? pairSchema } : {}),
    ...(cookies ? { csrf: 'form' } : {}),
    noStore: true,
  }
}

/** What such an endpoint does once its app is known. */
export function pairSender<R extends StandardSchemaV1>(options: PairReplyOptions<R>, domain: Domain) {
  const { cookies, makeApiResponse } = options
  const jar = cookies && tokenCookies(cookies, domain)
  return {
    setsCookies: jar?.described,
    /** The refresh token that a request carries beside its body. */
    refreshToken: (exchange: Exchange) => jar?.refreshToken(exchange),
    send(pair: TokenPair, exchange: Exchange): unknown {
      jar?.set(exchange, pair)
      if (makeApiResponse) return makeApiResponse(pair, exchange)
      return jar ? undefined : { access_token: pair.accessToken, refresh_token: pair.refreshToken }
    },
  }
}
