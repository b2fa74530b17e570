import { endpoint } from '../../contract/endpoint.ts'
import { status } from '../fields.ts'

/** Ends every session of the caller but this one. */
export const revokeOtherSessions = endpoint(
  {
    method: 'POST',
    path: '/revoke-other-sessions',
    access: 'sensitive',
    summary: 'End the other sessions of the caller',
    requireHeaders: true,
    reply: status,
  },
  async ({ session, exchange, domain }) => {
    await domain.sessions.endOthers(domain.records(exchange), session)
    domain.tell(exchange, 'session.ended', { userId: session.user.id, which: 'others', handle: undefined })
    return { status: true }
  },
)
