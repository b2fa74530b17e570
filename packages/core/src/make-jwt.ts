import type { Mountable } from './contract/auth.ts'
import { jwtKeys } from './parts/jwt/keys-of.ts'
import type { JwtOptions } from './parts/jwt/options.ts'
import { tokenSigner } from './parts/jwt/sign.ts'
import { guardingOf, withoutAuth } from './setup/guarding.ts'

export interface JwtToMake {
  /** Whose it is. */
  readonly sub: string
  /** Goes to `extras.type`. Default `access`. */
  readonly type?: string | undefined
  /** Seconds. Default a day. */
  readonly expiration?: number | undefined
}

/**
 * A token as `jwtLogin` makes them with the same options: for services that call this one, and for tests.
 *
 * @param auth what `createAuth` returned, where the key is derived from its secret.
 * @throws ConfigError where there is no key to sign with, TypeError for a token of nobody or without a life.
 */
export async function makeJwt(
  { sub, type = 'access', expiration = 86_400 }: JwtToMake,
  options: JwtOptions = {},
  auth?: Mountable | undefined,
): Promise<string> {
  if (!Number.isInteger(expiration) || expiration <= 0) throw new TypeError('a token lives for whole seconds above 0')
  const owner = 'makeJwt()'
  const { app } = auth ? guardingOf(auth) : withoutAuth()
  return tokenSigner(owner, options, jwtKeys(owner, options, app), app)({ sub, type, lifetime: expiration })
}
