import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { userOut } from '../../contract/model.ts'
import { baseCodes, otherCodes } from '../../domain/codes.ts'
import { canonicalEmail, isEmail } from '../../domain/email.ts'
import { apiError, headerUrl } from '../../lib/errors.ts'
import { callbackURL, rememberMe, sessionCookies, tooManyGuesses } from '../fields.ts'

/** Signs in with an address and a password. */
export const signInEmail = endpoint(
  {
    method: 'POST',
    path: '/sign-in/email',
    access: 'public',
    summary: 'Sign in with an e-mail address and a password',
    media: ['application/x-www-form-urlencoded'],
    csrf: 'form',
    noStore: true,
    body: v.object({ email: v.string(), password: v.string(), callbackURL, rememberMe }),
    reply: v.object({
      redirect: v.boolean(),
      token: v.string(),
      url: v.optional(v.string()),
      user: userOut,
    }),
    answers: tooManyGuesses,
    setsCookies: sessionCookies,
    setsHeaders: { Location: 'callbackURL, where it was sent' },
    errors: [
      otherCodes.EMAIL_PASSWORD_DISABLED,
      baseCodes.INVALID_EMAIL,
      baseCodes.INVALID_EMAIL_OR_PASSWORD,
      baseCodes.EMAIL_NOT_VERIFIED,
      baseCodes.FAILED_TO_CREATE_SESSION,
    ],
  },
  async ({ body, exchange, domain }) => {
    if (!domain.settings.emailAndPassword.enabled) throw apiError(otherCodes.EMAIL_PASSWORD_DISABLED)
    if (!isEmail(body.email)) throw apiError(baseCodes.INVALID_EMAIL)
    const { session, user } = await domain.signIn({
      exchange,
      where: { email: canonicalEmail(body.email) },
      password: body.password,
      remember: body.rememberMe,
      callbackURL: body.callbackURL,
      refusal: baseCodes.INVALID_EMAIL_OR_PASSWORD,
    })
    if (body.callbackURL) exchange.setHeader('location', headerUrl(body.callbackURL))
    return {
      redirect: Boolean(body.callbackURL),
      token: session.token,
      url: body.callbackURL,
      user: domain.output.user(user),
    }
  },
)
