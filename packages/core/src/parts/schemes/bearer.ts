import { NotAuthenticated, type Scheme } from '../../contract/scheme.ts'
import type { Domain } from '../../domain/domain.ts'
import type { CurrentSession, Exchange } from '../../domain/exchange.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { call, text } from '../../lib/kinds.ts'
import { bearerChallenge, credentialsOf } from '../credentials.ts'
import { noAuth } from '../no-auth.ts'

export interface BearerOptions<Name extends string = 'bearer'> {
  /** Its name in chains and in the OpenAPI document. Default `bearer`. */
  readonly name?: Name | undefined
  /** A last word on who counts, e.g. only members of the staff; `false` passes on to the next scheme. */
  readonly check?: ((current: CurrentSession, exchange: Exchange) => boolean | Promise<boolean>) | undefined
}

/**
 * The token of a session in `Authorization: Bearer` (RFC 6750), for clients without cookies. A token of three parts is
 * for `jwt()`, which comes after it in a list; any other that opens no session is refused, and the chain stops.
 */
export function bearer<const Name extends string = 'bearer'>(
  options: BearerOptions<Name> = {},
): Scheme<CurrentSession, NoInfer<Name>> {
  checkOptions<BearerOptions<string>>(options, { name: text, check: call }, 'bearer()')
  const { check } = options
  const name = (options.name ?? 'bearer') as Name

  const bound = ({ sessions }: Domain): Scheme<CurrentSession, Name> => ({
    ...scheme,
    async authenticate(context) {
      const { exchange } = context
      const token = credentialsOf(exchange.headers, 'authorization', 'Bearer')
      if (token === undefined) return context.pass('no Bearer token in Authorization')
      if (jwtForm.test(token)) return context.pass('the token is a JWT')
      const identity = await sessions.readToken(exchange, token)
      if (!identity) throw new NotAuthenticated('The token opens no session')
      if (check && !(await check(identity, exchange))) return context.pass('the check said no')
      return { identity }
    },
  })

  const scheme: Scheme<CurrentSession, Name> = {
    name,
    authenticate: () => {
      throw noAuth(`scheme "${name}"`)
    },
    securitySchemes: { [name]: { type: 'http', scheme: 'bearer', description: 'Token of a session' } },
    requirement: { [name]: [] },
    responses: { 401: 'No token of a live session' },
    varies: 'authorization',
    challenge: bearerChallenge,
    bind({ domain }) {
      if (!domain) throw noAuth(`scheme "${name}"`)
      return bound(domain)
    },
  }
  return scheme
}

const jwtForm = /^[\w-]+\.[\w-]*\.[\w-]*$/
