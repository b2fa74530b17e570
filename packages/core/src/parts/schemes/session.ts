import type { Scheme } from '../../contract/scheme.ts'
import type { Domain } from '../../domain/domain.ts'
import type { CurrentSession, Exchange } from '../../domain/exchange.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { call, flag, text } from '../../lib/kinds.ts'
import { noAuth } from '../no-auth.ts'

export interface SessionOptions<Name extends string = 'session'> {
  /** Its name in chains and in the OpenAPI document. Default `session`. */
  readonly name?: Name | undefined
  /** Ask the store even where a cached copy would do. Default `false`. */
  readonly stored?: boolean | undefined
  /** A last word on who counts, e.g. only members of the staff; `false` passes on to the next scheme. */
  readonly check?: ((current: CurrentSession, exchange: Exchange) => boolean | Promise<boolean>) | undefined
}

/** The session cookie of the auth instance. Unsafe methods must come from a trusted origin, else 403. */
export function session<const Name extends string = 'session'>(
  options: SessionOptions<Name> = {},
): Scheme<CurrentSession, NoInfer<Name>> {
  checkOptions<SessionOptions<string>>(options, { name: text, stored: flag, check: call }, 'session()')
  const { stored = false, check } = options
  const name = (options.name ?? 'session') as Name

  function bound(domain: Domain): Scheme<CurrentSession, Name> {
    const cookie = domain.makeCookie('session_token').name
    return {
      ...scheme,
      securitySchemes: { [name]: { type: 'apiKey', in: 'cookie', name: cookie, description: 'Session cookie' } },
      async authenticate(context) {
        const { exchange } = context
        const identity = await domain.sessions.read(exchange, { cache: !stored })
        if (!identity) return context.pass('no live session')
        if (check && !(await check(identity, exchange))) return context.pass('the check said no')
        await context.checkOrigin()
        return { identity }
      },
    }
  }

  const scheme: Scheme<CurrentSession, Name> = {
    name,
    authenticate: () => {
      throw noAuth(`scheme "${name}"`)
    },
    securitySchemes: {},
    requirement: { [name]: [] },
    responses: { 401: 'No live session', 403: 'The request comes from an origin that is not trusted' },
    varies: 'cookie',
    bind({ domain }) {
      if (!domain) throw noAuth(`scheme "${name}"`)
      return bound(domain)
    },
  }
  return scheme
}
