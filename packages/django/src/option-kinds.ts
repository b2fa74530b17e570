/** What each option of `django` holds. What has a check of its own, which says more, is `anything` here. */
import { kinds } from '@keystile/core'
import type { CsrfCookieOptions } from './csrf/secret.ts'
import type { CsrfOptions, DjangoOptions } from './options.ts'
import type { SessionCookieOptions } from './sessions/cookie.ts'

const { anything, call, flag, group, having, object, oneOf, text } = kinds
type Of<T> = NonNullable<T>

const cookie = { name: anything, domain: anything, path: anything, secure: flag, httpOnly: flag, sameSite: anything }

export const djangoKinds: kinds.Members<DjangoOptions> = {
  secretKey: anything,
  secretKeyFallbacks: anything,
  usersTable: text,
  usernameField: text,
  pkField: text,
  driver: anything,
  djangoVersion: anything,
  passwordHashers: anything,
  passwordUpgrade: oneOf('stronger', 'always', 'never'),
  hashing: group<Of<DjangoOptions['hashing']>>({ queue: object, kdf: object, maxPasswordLength: anything }),
  sessions: anything,
  sessionTable: anything,
  sessionSalt: text,
  acceptLegacySessions: flag,
  acceptSha1SessionHash: flag,
  backends: anything,
  backendPath: anything,
  cookies: group<Of<DjangoOptions['cookies']>>({
    session: group<SessionCookieOptions>({
      ...cookie,
      age: anything,
      expireAtBrowserClose: flag,
      saveEveryRequest: flag,
    }),
    csrf: group<CsrfCookieOptions>({ ...cookie, maxAge: anything }),
  }),
  csrf: group<CsrfOptions>({
    trustedOrigins: anything,
    headerName: text,
    useSessions: flag,
    allowedHosts: anything,
    useForwardedHost: flag,
    secureProxyHeader: group<Of<CsrfOptions['secureProxyHeader']>>({ name: text, value: text }),
  }),
  databaseTimeZone: anything,
  clock: call,
  random: call,
  logger: having('warn'),
}
