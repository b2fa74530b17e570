/** What the two transports of JWT share: from the text of a token to the identity, or a refusal. */
import { NotAuthenticated, type SchemeApp, schemeProblem } from '../../contract/scheme.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { jwtKeys } from './keys-of.ts'
import type { JwtIdentity, JwtSchemeOptions } from './options.ts'
import { userFinder } from './users.ts'
import { tokenVerifier } from './verify.ts'

/** @throws NotAuthenticated, with the reason for a trace. */
export type Identify<User> = (token: string, exchange: Exchange) => Promise<{ readonly identity: JwtIdentity<User> }>

/** @throws ConfigError for what the options lack. */
export function jwtIdentifier<User>(
  name: string,
  options: Omit<JwtSchemeOptions<User, string>, 'name'>,
  app: SchemeApp,
): Identify<User> {
  const owner = `scheme "${name}"`
  const verify = tokenVerifier(owner, options, jwtKeys(owner, options, app), options, app)
  const findUser = userFinder(owner, options, app)
  return async (text, exchange) => {
    const token = await verify(text)
    if (typeof token === 'string') throw refused(token)
    const found = await findUser(token, exchange)
    if (typeof found === 'string') throw refused(found)
    return { identity: { user: found.user, token } }
  }
}

const refused = (why: string) => new NotAuthenticated(undefined, `the token does not hold: ${why}`)

/** What a scheme throws that was never made ready for an app. */
export const unbound = (name: string) =>
  schemeProblem(name, {
    code: 'SCHEME_UNBOUND',
    message: 'it is asked before an app has made it ready',
    seen: 'authenticate of the scheme itself',
    expected: 'the scheme in a list of createApi or a guard',
    fix: 'createApi({ schemes: [jwt()], … })',
  })
