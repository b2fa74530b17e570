import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { sessionCookies } from '../fields.ts'

/** Ends the session behind the cookie, if there is one. */
export const signOut = endpoint(
  {
    method: 'POST',
    path: '/sign-out',
    access: 'public',
    summary: 'End the session of the caller',
    requireHeaders: true,
    body: v.optional(
      v.object({
        callbackURL: v.optional(v.string()),
        disableRedirect: v.optional(v.boolean()),
        state: v.optional(v.string()),
      }),
    ),
    reply: v.object({ success: v.boolean() }),
    setsCookies: sessionCookies,
  },
  async ({ exchange, domain }) => {
    await domain.sessions.signOut(exchange)
    return { success: true }
  },
)
