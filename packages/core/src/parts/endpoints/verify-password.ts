import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes } from '../../domain/codes.ts'
import { apiError } from '../../lib/errors.ts'
import { status } from '../fields.ts'

/** Tells whether the caller knows their password. */
export const verifyPassword = endpoint(
  {
    method: 'POST',
    path: '/verify-password',
    access: 'sensitive',
    summary: 'Check the password of the caller',
    body: v.object({ password: v.string() }),
    reply: status,
    errors: [baseCodes.INVALID_PASSWORD],
  },
  async ({ body, session, domain }) => {
    const account = await domain.accounts.credentialOf(session.user.id)
    const { valid } = await domain.passwords.verify(body.password, account?.password)
    if (!valid) throw apiError(baseCodes.INVALID_PASSWORD)
    return { status: true }
  },
)
