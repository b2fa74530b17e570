import type { Scheme } from '../../contract/scheme.ts'
import type { CurrentSession } from '../../domain/exchange.ts'

export interface SessionSchemeOptions {
  readonly name?: string | undefined
  /** Ask the store even where a cached copy would do; default `false`. */
  readonly stored?: boolean | undefined
}

/** The session cookie: whoever holds a live session is its user. */
export function sessionScheme(options: SessionSchemeOptions = {}): Scheme<CurrentSession> {
  const { name = 'session', stored = false } = options
  return {
    name,
    async authenticate({ exchange, domain }) {
      const identity = await domain.sessions.read(exchange, { cache: !stored })
      return identity && { identity }
    },
    securitySchemes: (domain) => ({
      [name]: { type: 'apiKey', in: 'cookie', name: domain.makeCookie('session_token').name },
    }),
    requirement: { [name]: [] },
    responses: { 401: 'No live session' },
  }
}
