import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes } from '../../domain/codes.ts'
import { APIError, apiError } from '../../lib/errors.ts'
import { image, name, sessionCookies, status } from '../fields.ts'

/** Changes the caller's name, picture and additional fields. */
export const updateUser = endpoint(
  {
    method: 'POST',
    path: '/update-user',
    access: 'sensitive',
    summary: 'Change the profile of the caller',
    open: 'update',
    bodyIs: ['record'],
    body: v.object({ name: v.optional(name), image: v.nullish(image) }),
    reply: status,
    setsCookies: sessionCookies,
    errors: [baseCodes.EMAIL_CAN_NOT_BE_UPDATED],
  },
  async ({ body, session, exchange, domain }) => {
    if (Object.hasOwn(body, 'email') && body.email) throw apiError(baseCodes.EMAIL_CAN_NOT_BE_UPDATED)
    const patch: Record<string, unknown> = domain.input.user(body, 'update')
    if (body.name !== undefined) patch.name = body.name
    if (body.image !== undefined) patch.image = body.image
    if (Object.keys(patch).length === 0) throw new APIError(400, { message: 'No fields to update' })
    const { user } = domain.tables
    const changed = await domain
      .records(exchange)
      .update(user, { id: session.user.id }, { ...patch, updatedAt: new Date(domain.clock()) })
    if (!changed) throw apiError(baseCodes.FAILED_TO_UPDATE_USER)
    await domain.sessions.reissue(exchange, { ...session, user: changed })
    return { status: true }
  },
)
