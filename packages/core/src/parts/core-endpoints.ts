/** The endpoints of the core, under their names in `auth.api`. */
import { changePassword } from './endpoints/change-password.ts'
import { error } from './endpoints/error.ts'
import { getSession } from './endpoints/get-session.ts'
import { listSessions } from './endpoints/list-sessions.ts'
import { ok } from './endpoints/ok.ts'
import { revokeOtherSessions } from './endpoints/revoke-other-sessions.ts'
import { revokeSession } from './endpoints/revoke-session.ts'
import { revokeSessions } from './endpoints/revoke-sessions.ts'
import { signInEmail } from './endpoints/sign-in-email.ts'
import { signOut } from './endpoints/sign-out.ts'
import { signUpEmail } from './endpoints/sign-up-email.ts'
import { updateUser } from './endpoints/update-user.ts'
import { verifyPassword } from './endpoints/verify-password.ts'

export const coreEndpoints = {
  signUpEmail,
  signInEmail,
  signOut,
  getSession,
  listSessions,
  revokeSession,
  revokeSessions,
  revokeOtherSessions,
  updateUser,
  changePassword,
  verifyPassword,
  ok,
  error,
}

export interface CoreEndpoints extends Readonly<typeof coreEndpoints> {}
