/** What JWT schemes and the endpoints that hand out tokens are told: one object may serve all of them. */
import type { CryptoKey, JWK } from 'jose'
import type { Exchange } from '../../domain/exchange.ts'
import type { UserRow } from '../../domain/model.ts'
import type { JwtAlgorithm } from './algorithms.ts'
import type { Blocklist } from './blocklist.ts'
import type { JwtClaimOptions, JwtToken } from './claims.ts'

/** A JWK, a PEM text (SPKI, PKCS #8 or a certificate), or a key of Web Crypto. */
export type JwtKey = string | JWK | CryptoKey

/** By which keys tokens are known. At most one of `secret`, `secrets`, `key` and `jwksUrl`. */
export interface JwtKeyOptions {
  /** Of HMAC. Default: a key derived from the app's secret for this purpose alone. */
  readonly secret?: string | Uint8Array | undefined
  /** The first signs, all verify: for a change of secrets. */
  readonly secrets?: readonly (string | Uint8Array)[] | undefined
  /** Public keys. */
  readonly key?: JwtKey | readonly JwtKey[] | undefined
  /** Where the issuer publishes its public keys (RFC 7517). `https:`, or a host of this machine. */
  readonly jwksUrl?: string | undefined
  /** The private key of endpoints that hand out tokens, beside `key`. */
  readonly signingKey?: JwtKey | undefined
  /** Accepted ones; the first signs. Default HS256 with a secret, what a JWK says, the usual four of a JWKS URL. */
  readonly algorithms?: readonly JwtAlgorithm[] | undefined
  /** `false` lets a secret be shorter than the hash. Default `true`. */
  readonly enforceMinimumKeyLength?: boolean | undefined
}

export interface JwtOptions extends JwtKeyOptions, JwtClaimOptions {
  /** Tokens that were revoked. */
  readonly blocklist?: Blocklist | undefined
  /** A token without `jti` is refused. Default: where there is a blocklist, as nothing else could be blocked. */
  readonly requireJti?: boolean | undefined
}

/** A user with the app's own fields. */
export interface JwtUser extends UserRow {
  readonly [field: string]: unknown
}

/** Whose a token is. */
export interface JwtUserOptions<User = JwtUser> {
  /** The unique field of the auth's users that `sub` names. Default `id`. */
  readonly userIdField?: string | undefined
  /** What names the user, where it is not `sub`. */
  readonly claimFromToken?: ((token: JwtToken) => string | undefined) | undefined
  /** Whose a token is, instead of the auth's own users; `null` for nobody. `getUser: null` looks nobody up. */
  readonly getUser?: ((token: JwtToken, exchange: Exchange) => User | null | Promise<User | null>) | null | undefined
  /** A last word on who counts; `false` refuses the token. */
  readonly check?: ((user: User, token: JwtToken) => boolean | Promise<boolean>) | undefined
}

/** What a JWT scheme takes. */
export interface JwtSchemeOptions<User, Name extends string> extends JwtOptions, JwtUserOptions<User> {
  /** Its name in chains and in the OpenAPI document. Default `jwt`. */
  readonly name?: Name | undefined
  /** What `extras.type` must be, where a token has one; `null`: it is not looked at. Default `access`. */
  readonly tokenType?: string | null | undefined
  /** A token that does not say its type is refused. Default `false`. */
  readonly requireType?: boolean | undefined
}

export interface JwtIdentity<User = JwtUser> {
  /** `null` where nobody is looked up. */
  readonly user: User
  readonly token: JwtToken
}
