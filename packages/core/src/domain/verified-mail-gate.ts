import { apiError } from '../lib/errors.ts'
import { baseCodes } from './codes.ts'
import { type Gate, pass, refuse } from './gates.ts'
import type { Mail } from './mail.ts'
import type { PasswordSettings } from './settings.ts'

/** Users with a password wait for their mailbox to be proved, where the app asks for it. */
export function verifiedMailGate({ requireEmailVerification }: PasswordSettings, mail: Mail): Gate {
  return {
    name: 'verified-mail',
    check({ user, method, exchange, callbackURL }) {
      if (!requireEmailVerification || method !== 'pwd' || user.emailVerified) return pass
      mail.verification(exchange, user, 'sign-in', callbackURL)
      return refuse(apiError(baseCodes.EMAIL_NOT_VERIFIED))
    },
  }
}
