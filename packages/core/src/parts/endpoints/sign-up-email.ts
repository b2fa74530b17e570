import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { baseCodes, otherCodes } from '../../domain/codes.ts'
import { canonicalEmail } from '../../domain/email.ts'
import { checkNewPassword } from '../../domain/sign-in.ts'
import { apiError } from '../../lib/errors.ts'
import { callbackURL, email, image, name, newPassword, rememberMe, sessionCookies, tokenAndUser } from '../fields.ts'

/** Makes a user with a password and signs them in. */
export const signUpEmail = endpoint(
  {
    method: 'POST',
    path: '/sign-up/email',
    access: 'public',
    summary: 'Sign up with an e-mail address and a password',
    media: ['application/x-www-form-urlencoded'],
    csrf: 'form',
    noStore: true,
    open: 'create',
    bodyIs: ['object', 'record'],
    body: v.object({
      name,
      email,
      password: newPassword,
      image: v.optional(image),
      callbackURL,
      rememberMe,
    }),
    reply: tokenAndUser,
    setsCookies: sessionCookies,
    errors: [
      otherCodes.EMAIL_PASSWORD_SIGN_UP_DISABLED,
      baseCodes.PASSWORD_TOO_SHORT,
      baseCodes.PASSWORD_TOO_LONG,
      baseCodes.MISSING_FIELD,
      baseCodes.FIELD_NOT_ALLOWED,
      baseCodes.USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL,
      baseCodes.FAILED_TO_CREATE_USER,
      baseCodes.FAILED_TO_CREATE_SESSION,
    ],
  },
  async ({ body, exchange, domain }) => {
    const { emailAndPassword: settings } = domain.settings
    if (!settings.enabled || settings.disableSignUp) throw apiError(otherCodes.EMAIL_PASSWORD_SIGN_UP_DISABLED)
    checkNewPassword(body.password, settings)
    const profile = {
      ...domain.input.user(body, 'create'),
      name: body.name,
      email: canonicalEmail(body.email),
      image: body.image ?? null,
    }
    const made = await domain.signUp({ exchange, profile, password: body.password, callbackURL: body.callbackURL })
    if ('shown' in made) return { token: null, user: made.shown }
    const needs = domain.accounts.unchanged(made.account)
    const opened = await domain.sessions.open(made.user, { method: 'pwd', exchange, remember: body.rememberMe, needs })
    if (!opened) throw apiError(baseCodes.FAILED_TO_CREATE_SESSION)
    return { token: opened.session.token, user: domain.output.user(opened.user) }
  },
)
