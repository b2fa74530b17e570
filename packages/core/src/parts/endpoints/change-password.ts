import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes } from '../../domain/codes.ts'
import type { Records } from '../../domain/records.ts'
import { checkNewPassword, knowsPassword } from '../../domain/sign-in.ts'
import { apiError } from '../../lib/errors.ts'
import { password, sessionCookies, tokenAndUser, tooManyGuesses } from '../fields.ts'

/**
 * Changes the caller's password. The other sessions end unless `revokeOtherSessions` is `false`; `true` gives the
 * caller's own session a new token as well.
 */
export const changePassword = endpoint(
  {
    method: 'POST',
    path: '/change-password',
    access: 'sensitive',
    summary: 'Change the password of the caller',
    noStore: true,
    body: v.object({
      newPassword: password,
      currentPassword: v.string(),
      revokeOtherSessions: v.optional(v.boolean()),
    }),
    reply: tokenAndUser,
    answers: tooManyGuesses,
    setsCookies: sessionCookies,
    errors: [
      baseCodes.PASSWORD_TOO_SHORT,
      baseCodes.PASSWORD_TOO_LONG,
      baseCodes.CREDENTIAL_ACCOUNT_NOT_FOUND,
      baseCodes.INVALID_PASSWORD,
    ],
  },
  async ({ body, session, exchange, domain }) => {
    checkNewPassword(body.newPassword, domain.settings.emailAndPassword)
    const account = await domain.accounts.credentialOf(session.user.id)
    if (!account?.password) throw apiError(baseCodes.CREDENTIAL_ACCOUNT_NOT_FOUND)
    const { sessions, records, tables } = domain
    if (!(await knowsPassword(domain, exchange, session.user.id, body.currentPassword, account.password))) {
      throw apiError(baseCodes.INVALID_PASSWORD)
    }
    const password = await domain.passwords.hashNext(body.newPassword)
    const write = async (rows: Records) => {
      // Of two changes at once the second one's current password is no longer right.
      const where = { id: account.id, password: account.password }
      const changed = await rows.update(tables.account, where, { password, updatedAt: new Date(domain.clock()) })
      if (!changed) throw apiError(baseCodes.INVALID_PASSWORD)
      // After it, so that a sign-in by the old one has its session here by now, or finds that one gone.
      if (body.revokeOtherSessions !== false) await sessions.endOthers(rows, session)
    }
    let token: string | null = null
    if (body.revokeOtherSessions === true) {
      const rotated = await sessions.rotate(exchange, session, write)
      token = rotated?.session.token ?? null
    } else await records(exchange).transaction(write)
    const userId = session.user.id
    domain.tell(exchange, 'password.changed', { userId })
    if (body.revokeOtherSessions !== false) {
      domain.tell(exchange, 'session.ended', { userId, which: 'others', handle: undefined })
    }
    return { token, user: domain.output.user(session.user) }
  },
)
