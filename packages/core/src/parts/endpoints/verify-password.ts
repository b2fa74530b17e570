import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes } from '../../domain/codes.ts'
import { knowsPassword } from '../../domain/sign-in.ts'
import { apiError } from '../../lib/errors.ts'
import { status, tooManyGuesses } from '../fields.ts'

/** Tells whether the caller knows their password. */
export const verifyPassword = endpoint(
  {
    method: 'POST',
    path: '/verify-password',
    access: 'sensitive',
    summary: 'Check the password of the caller',
    body: v.object({ password: v.string() }),
    reply: status,
    answers: tooManyGuesses,
    errors: [baseCodes.INVALID_PASSWORD],
  },
  async ({ body, session, exchange, domain }) => {
    const account = await domain.accounts.credentialOf(session.user.id)
    const right = await knowsPassword(domain, exchange, session.user.id, body.password, account?.password)
    if (!right) throw apiError(baseCodes.INVALID_PASSWORD)
    return { status: true }
  },
)
