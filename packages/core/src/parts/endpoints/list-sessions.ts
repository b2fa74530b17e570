import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { sessionOut } from '../../contract/model.ts'

/** Every live session of the caller; `token` is a handle that opens nothing, save for the caller's own. */
export const listSessions = endpoint(
  {
    method: 'GET',
    path: '/list-sessions',
    access: 'fresh',
    summary: 'List the live sessions of the caller',
    noStore: true,
    requireHeaders: true,
    reply: v.array(sessionOut),
  },
  async ({ session, domain }) => {
    const rows = await domain.sessions.list(session.user.id, session)
    return rows.map(domain.output.session)
  },
)
