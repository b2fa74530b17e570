import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { status } from '../fields.ts'

/** Ends one session of the caller, by token or handle. Says the same when there is none. */
export const revokeSession = endpoint(
  {
    method: 'POST',
    path: '/revoke-session',
    access: 'sensitive',
    summary: 'End one session of the caller',
    requireHeaders: true,
    body: v.object({ token: v.string() }),
    reply: status,
  },
  async ({ body, session, exchange, domain }) => {
    await domain.sessions.end(exchange, session, body.token)
    return { status: true }
  },
)
