import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes } from '../../domain/codes.ts'
import { checkNewPassword } from '../../domain/sign-in.ts'
import { apiError } from '../../lib/errors.ts'
import { password, tokenAndUser } from '../fields.ts'

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
    const { valid } = await domain.passwords.verify(body.currentPassword, account.password)
    if (!valid) throw apiError(baseCodes.INVALID_PASSWORD)
    const hash = await domain.passwords.hash(body.newPassword)
    const changed = await domain.records(exchange).update(
      domain.tables.account,
      // Of two changes at once the second one's current password is no longer right.
      { id: account.id, password: account.password },
      { password: hash, updatedAt: new Date(domain.clock()) },
    )
    if (!changed) throw apiError(baseCodes.INVALID_PASSWORD)
    if (body.revokeOtherSessions !== false) await domain.sessions.endOthers(exchange, session)
    const token =
      body.revokeOtherSessions === true ? (await domain.sessions.rotate(exchange, session)).session.token : null
    return { token, user: domain.output.user(session.user) }
  },
)
