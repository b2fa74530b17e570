/** What each option of `django` and `djangoDatabase` holds. What `anything` stands for has a check of its own, which says more. */
import { kinds } from '@keystile/core'
import type { CsrfCookieOptions } from './csrf/secret.ts'
import type { DjangoDatabaseOptions } from './database/options.ts'
import type { CsrfOptions, DjangoOptions } from './options.ts'
import type { SessionCookieOptions } from './sessions/cookie.ts'

const { anything, call, flag, group, having, list, number, numberFrom, object, oneOf, text } = kinds
type Of<T> = NonNullable<T>

// Which there are, Django's release says.
const hashers: kinds.AnyKind = list(anything)
const cookie = { name: text, domain: text, path: text, secure: flag, httpOnly: flag }

const passwords = { queue: object, kdf: call, maxPasswordLength: numberFrom(1) }
const upgrade = oneOf('stronger', 'always', 'never')

/** What several factories are told of one project. */
const projectKinds = {
  secretKey: anything,
  secretKeyFallbacks: list(text),
  usersTable: text,
  usernameField: text,
  pkField: text,
  driver: anything,
  djangoVersion: anything,
  sessionTable: text,
  sessionSalt: text,
  acceptLegacySessions: flag,
  acceptSha1SessionHash: flag,
  backends: list(text),
  backendPath: text,
  databaseTimeZone: text,
  clock: call,
  random: call,
}

const sessionCookieKinds: kinds.Members<SessionCookieOptions> = {
  ...cookie,
  sameSite: oneOf<'Lax' | 'Strict' | 'None' | false>('Lax', 'Strict', 'None', false),
  age: number,
  expireAtBrowserClose: flag,
  saveEveryRequest: flag,
}

export const djangoKinds: kinds.Members<DjangoOptions> = {
  ...projectKinds,
  passwordHashers: hashers,
  passwordUpgrade: upgrade,
  hashing: group<Of<DjangoOptions['hashing']>>(passwords),
  sessions: anything,
  cookies: group<Of<DjangoOptions['cookies']>>({
    session: group<SessionCookieOptions>(sessionCookieKinds),
    csrf: group<CsrfCookieOptions>({ ...cookie, sameSite: oneOf('Lax', 'Strict', 'None'), maxAge: number }),
  }),
  csrf: group<CsrfOptions>({
    trustedOrigins: list(text),
    headerName: text,
    useSessions: flag,
    allowedHosts: list(text),
    useForwardedHost: flag,
    secureProxyHeader: group<Of<CsrfOptions['secureProxyHeader']>>({ name: text, value: text }, 'name', 'value'),
  }),
  logger: having('warn'),
}

export const databaseKinds: kinds.Members<DjangoDatabaseOptions> = {
  ...projectKinds,
  prefix: text,
  userDefaults: object,
  hashing: group<Of<DjangoDatabaseOptions['hashing']>>({
    ...passwords,
    hashers,
    upgrade,
    random: call,
    logger: having('warn'),
  }),
}
