import { endpoint } from '../../contract/endpoint.ts'
import { status } from '../fields.ts'

/** Ends every session of the caller, this one too. */
export const revokeSessions = endpoint(
  {
    method: 'POST',
    path: '/revoke-sessions',
    access: 'sensitive',
    summary: 'End every session of the caller',
    requireHeaders: true,
    reply: status,
  },
  async ({ session, exchange, domain }) => {
    await domain.sessions.endAll(exchange, session.user.id)
    return { status: true }
  },
)
