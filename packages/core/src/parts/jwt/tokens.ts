/** Pairs of an access and a refresh token: handed out, renewed, revoked. */

import { NotAuthenticated, type SchemeApp, startProblem } from '../../contract/scheme.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { toHex } from '../../lib/bytes.ts'
import { noAuth } from '../no-auth.ts'
import { type Blocklist, familyNamed, familyOf } from './blocklist.ts'
import type { JwtToken } from './claims.ts'
import { jwtKeys } from './keys-of.ts'
import type { JwtOptions, JwtUser, JwtUserOptions } from './options.ts'
import { tokenSigner } from './sign.ts'
import { userFinder } from './users.ts'
import { tokenVerifier } from './verify.ts'

/** What `jwtLogin`, `jwtRefresh`, `jwtVerify` and `jwtRevoke` have in common, and share with `jwt()`. */
export interface TokenOptions extends JwtOptions, Pick<JwtUserOptions, 'userIdField'> {
  /** A last word on who counts; `false` refuses. */
  readonly check?: ((user: JwtUser) => boolean | Promise<boolean>) | undefined
  /** Life of an access token in seconds. Default a day. */
  readonly expiration?: number | undefined
  /** Life of a refresh token in seconds. Default ten days. */
  readonly refreshExpiration?: number | undefined
  /** A refresh token is good once; a second use revokes all that its login began. Default: with a `blocklist`. */
  readonly rotateRefreshTokens?: boolean | undefined
}

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
  readonly refreshExpiresIn: number
}

export interface Tokens {
  /** A pair that begins a family of its own. */
  begin(user: JwtUser): Promise<TokenPair>
  /**
   * A new pair, once the gates have been asked as at a login.
   * @throws APIError 401 for a refresh token that does not hold, was used before, or is older than the password; what a
   * gate refuses with; ChallengeDue where one asks for more.
   */
  renew(refreshToken: string, exchange: Exchange): Promise<TokenPair>
  /** @throws APIError 401 for an access token that does not hold. */
  verify(accessToken: string, exchange: Exchange): Promise<void>
  /** Ends the family of a refresh token; one that does not hold has none. */
  revoke(refreshToken: string): Promise<void>
}

const day = 86_400

/** @throws ConfigError for what the options lack. */
export function tokensOf(
  owner: string,
  options: TokenOptions,
  app: SchemeApp,
  { revokes = false }: { readonly revokes?: boolean } = {},
): Tokens {
  if (!app.domain) throw noAuth(owner)
  const { accounts, sessions } = app.domain
  const { expiration = day, refreshExpiration = 10 * day, userIdField = 'id' } = options
  for (const [field, value] of Object.entries({ expiration, refreshExpiration })) {
    if (!Number.isInteger(value) || value <= 0) throw noLifetime(owner, field, value)
  }
  const keys = jwtKeys(owner, options, app)
  const sign = tokenSigner(owner, options, keys, app)
  const access = tokenVerifier(owner, options, keys, { tokenType: 'access', requireType: true }, app)
  // What is to be used up, or revoked, must be told apart.
  const named = { ...options, requireJti: options.requireJti || options.blocklist !== undefined }
  const refresh = tokenVerifier(owner, named, keys, { tokenType: 'refresh', requireType: true }, app)
  const findUser = userFinder(owner, options, app)
  const blocklist = options.blocklist?.bind?.(app) ?? options.blocklist
  const rotate = options.rotateRefreshTokens ?? blocklist !== undefined
  if ((rotate || revokes) && !blocklist) throw noBlocklist(owner)

  async function pair(user: JwtUser, family: string | undefined): Promise<TokenPair> {
    const sub = String(user[userIdField])
    const token = { sub, family }
    return {
      accessToken: await sign({ ...token, type: 'access', lifetime: expiration }),
      refreshToken: await sign({ ...token, type: 'refresh', lifetime: refreshExpiration }),
      expiresIn: expiration,
      refreshExpiresIn: refreshExpiration,
    }
  }

  /** No token of the family that is there now outlives the entry. */
  async function blockFamily(list: Blocklist, token: JwtToken, userId?: string): Promise<void> {
    const exp = Math.max(token.exp, Math.ceil(app.clock() / 1000) + Math.max(expiration, refreshExpiration))
    await list.blocklist({ jti: familyOf(token), exp }, userId)
  }

  /** Whoever changes their password does not want to be followed by what an older one opened. */
  async function restsOnOldPassword({ iat }: JwtToken, { id }: JwtUser): Promise<boolean> {
    const account = await accounts.credentialOf(id)
    return account !== null && Math.floor(account.updatedAt.getTime() / 1000) > iat
  }

  async function use(list: Blocklist, token: JwtToken, userId: string): Promise<void> {
    if ((await list.blocklist(token, userId)).created) return
    await blockFamily(list, token, userId)
    app.logger.warn(`a refresh token of user ${userId} was used twice: all tokens of its login are revoked`)
    throw refused()
  }

  return {
    begin: (user) => pair(user, blocklist && toHex(app.random(16))),

    async renew(text, exchange) {
      // Whether it was used is told by blocking it, so that of two at once one finds out.
      const token = await refresh(text, { blocked: !rotate })
      if (typeof token === 'string') throw refused()
      const found = await findUser(token, exchange)
      if (typeof found === 'string') throw refused()
      if (await restsOnOldPassword(token, found.user)) throw refused()
      if (await blocklist?.isBlocked(familyOf(token) ?? '')) throw refused()
      // Before the token is used up: who is let in again tomorrow still has it.
      await sessions.admit(found.user, { method: 'refresh', exchange })
      if (blocklist && rotate) await use(blocklist, token, found.user.id)
      return pair(found.user, blocklist && familyNamed(token))
    },

    async verify(text, exchange) {
      const token = await access(text)
      if (typeof token === 'string' || typeof (await findUser(token, exchange)) === 'string') throw refused()
    },

    async revoke(text) {
      const token = await refresh(text, { blocked: false })
      if (blocklist && typeof token !== 'string') await blockFamily(blocklist, token)
    },
  }
}

/** The one answer to tokens that do not hold, whatever is wrong with them. */
const refused = () => new NotAuthenticated()

const noLifetime = (owner: string, field: string, value: unknown) =>
  startProblem(owner, {
    code: 'JWT_LIFETIME',
    message: `${field} is no number of seconds`,
    seen: String(value),
    expected: 'a whole number above 0',
    fix: `${field}: 900`,
  })

const noBlocklist = (owner: string) =>
  startProblem(owner, {
    code: 'JWT_WITHOUT_BLOCKLIST',
    message: 'there is no blocklist: nothing else remembers what was used or revoked',
    seen: 'no blocklist',
    expected: 'blocklist: jwtBlocklist()',
    fix: 'const revoked = jwtBlocklist(); createAuth({ plugins: [revoked], … }), then blocklist: revoked',
  })
