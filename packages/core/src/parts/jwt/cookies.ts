/** A pair of tokens in cookies, out of reach of a page's scripts. */
import type { Domain } from '../../domain/domain.ts'
import type { AuthCookie, Exchange } from '../../domain/exchange.ts'
import type { TokenPair } from './tokens.ts'

export interface TokenCookieOptions {
  /** As `jwtCookie()` reads it. Default `access_token`. */
  readonly access?: string | undefined
  /** Default `refresh_token`. */
  readonly refresh?: string | undefined
  /** Where `jwtRefresh()` and `jwtRevoke()` lie: the refresh token is sent nowhere else. */
  readonly path: string
}

export interface TokenCookies {
  /** Names, with a word on each, for the document. */
  readonly described: { readonly [name: string]: string }
  set(exchange: Exchange, pair: TokenPair): void
  refreshToken(exchange: Exchange): string | undefined
  expire(exchange: Exchange): void
}

export function tokenCookies({ access, refresh, path }: TokenCookieOptions, domain: Domain): TokenCookies {
  const { secure } = domain.makeCookie('session_token').attributes
  const cookie = (name: string, path: string): AuthCookie => ({
    name,
    attributes: { path, secure, httpOnly: true, sameSite: 'lax' },
  })
  const [ofAccess, ofRefresh] = [cookie(access ?? 'access_token', '/'), cookie(refresh ?? 'refresh_token', path)]
  return {
    described: { [ofAccess.name]: 'The access token', [ofRefresh.name]: 'The refresh token' },
    set(exchange, { accessToken, refreshToken, expiresIn, refreshExpiresIn }) {
      exchange.setCookie(ofAccess, accessToken, { maxAge: expiresIn })
      exchange.setCookie(ofRefresh, refreshToken, { maxAge: refreshExpiresIn })
    },
    refreshToken: (exchange) => exchange.cookies(ofRefresh.name)[0],
    expire(exchange) {
      exchange.expireCookie(ofAccess)
      exchange.expireCookie(ofRefresh)
    },
  }
}
