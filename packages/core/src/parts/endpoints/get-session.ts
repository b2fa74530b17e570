import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { sessionOut, userOut } from '../../contract/model.ts'
import { baseCodes } from '../../domain/codes.ts'
import { APIError, apiError } from '../../lib/errors.ts'
import { fault } from '../../lib/fault.ts'
import { StoreUnavailable } from '../../store/store.ts'
import { sessionCookies } from '../fields.ts'

/** Any text that is not empty counts as yes, `false` and `0` too. */
const yes = v.optional(v.union([v.string(), v.boolean()]))

const failed = { ...baseCodes.FAILED_TO_GET_SESSION, status: 500 }

/** The session and user of the caller, or `null`. */
export const getSession = endpoint(
  {
    method: ['GET', 'POST'],
    path: '/get-session',
    access: 'public',
    summary: 'Get the session and user of the caller',
    noStore: true,
    requireHeaders: true,
    query: v.optional(v.object({ disableCookieCache: yes, disableRefresh: yes })),
    reply: v.nullable(v.object({ session: sessionOut, user: userOut, needsRefresh: v.optional(v.boolean()) })),
    setsCookies: sessionCookies,
    errors: [baseCodes.METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED, baseCodes.FAILED_TO_GET_SESSION],
  },
  async ({ query, exchange, domain }) => {
    const { sessions, settings, output } = domain
    const posted = exchange.request?.method === 'POST'
    const { deferSessionRefresh } = settings.session
    if (posted && !deferSessionRefresh) throw apiError(baseCodes.METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED)
    const current = await sessions
      .read(exchange, { cache: !query?.disableCookieCache, refresh: !query?.disableRefresh, deferred: posted })
      .catch((error: unknown) => {
        if (error instanceof APIError || error instanceof StoreUnavailable) throw error
        throw fault(domain.logger, 'a session could not be read', error, failed)
      })
    if (!current) return null
    const pair = { session: output.session(current.session), user: output.user(current.user) }
    return deferSessionRefresh && !posted ? { ...pair, needsRefresh: current.needsRefresh } : pair
  },
)
