import { apiError, baseCodes, endpoint, headerUrl, userOut } from '@keystile/core'
import * as v from 'valibot'
import { usernameCodes } from './codes.ts'
import type { Rules } from './rules.ts'

/** Signs in with a user name and a password. */
export function signInUsername(rules: Rules) {
  return endpoint(
    {
      method: 'POST',
      path: '/sign-in/username',
      access: 'public',
      summary: 'Sign in with a user name and a password',
      noStore: true,
      body: v.object({
        username: v.string(),
        password: v.string(),
        rememberMe: v.optional(v.boolean()),
        callbackURL: v.optional(v.string()),
      }),
      reply: v.object({
        redirect: v.boolean(),
        token: v.string(),
        url: v.optional(v.string()),
        user: userOut,
      }),
      answers: { 429: 'Too many wrong passwords for this account' },
      setsCookies: ['session_token', 'session_data', 'dont_remember'],
      setsHeaders: { Location: 'callbackURL, where it was sent' },
      errors: [...Object.values(usernameCodes), baseCodes.FAILED_TO_CREATE_SESSION],
    },
    async ({ body, exchange, domain }) => {
      const { username, password, callbackURL } = body
      if (!username || !password) throw apiError(usernameCodes.INVALID_USERNAME_OR_PASSWORD)
      await rules.checkAtSignIn(username)
      const { session, user } = await domain.signIn({
        exchange,
        where: { username: rules.normal(username) },
        password,
        remember: body.rememberMe,
        callbackURL,
        refusal: usernameCodes.INVALID_USERNAME_OR_PASSWORD,
      })
      if (callbackURL) exchange.setHeader('location', headerUrl(callbackURL))
      return {
        redirect: Boolean(callbackURL),
        token: session.token,
        url: callbackURL,
        user: domain.output.user(user),
      }
    },
  )
}
