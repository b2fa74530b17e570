import { apiError, endpoint } from '@keystile/core'
import * as v from 'valibot'
import { usernameCodes } from './codes.ts'
import { userNamed } from './owner.ts'
import type { Rules } from './rules.ts'

/** Tells whether a user name is free. */
export function isUsernameAvailable(rules: Rules) {
  return endpoint(
    {
      method: 'POST',
      path: '/is-username-available',
      access: 'public',
      summary: 'Tell whether a user name is free',
      body: v.object({ username: v.string() }),
      reply: v.object({ available: v.boolean() }),
      errors: [usernameCodes.INVALID_USERNAME, usernameCodes.USERNAME_TOO_SHORT, usernameCodes.USERNAME_TOO_LONG],
    },
    async ({ body, domain }) => {
      if (!body.username) throw apiError(usernameCodes.INVALID_USERNAME)
      await rules.check(body.username)
      return { available: (await userNamed(domain, rules.normal(body.username))) === null }
    },
  )
}
