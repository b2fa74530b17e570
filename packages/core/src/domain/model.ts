/** The tables of the protocol, and the few columns of ours beside them. */
import { flag, instant, optionalInstant, optionalText, ref, text } from '../store/fields.ts'
import { type Table, table } from '../store/table.ts'

const hidden = <const F extends object>(f: F) => ({ ...f, returned: false as const })
const extra = <const F extends object>(f: F) => ({
  ...f,
  extra: true as const,
  input: false as const,
  returned: false as const,
})

export const userTable = table('user', {
  name: text(),
  /** Lower-cased on every write and look-up. */
  email: { ...text(), unique: true },
  emailVerified: flag(false),
  image: optionalText(),
  createdAt: instant(),
  updatedAt: instant(),
})

export const sessionTable = table('session', {
  expiresAt: instant(),
  /** `h1.` + base64url(SHA-256) of the token, or the token itself with `storeToken: 'plain'`. */
  token: { ...text(), unique: true },
  createdAt: instant(),
  updatedAt: instant(),
  ipAddress: optionalText(),
  userAgent: optionalText(),
  userId: ref('user'),
  /** How the user proved who they are (RFC 8176), space separated. */
  amr: extra(optionalText()),
  /** How strong that proof was: `aal1`, `aal2` (NIST SP 800-63B). */
  aal: extra(optionalText()),
  /** The end that no refresh passes. */
  absoluteExpiresAt: extra(optionalInstant()),
})

export const accountTable = table(
  'account',
  {
    accountId: text(),
    providerId: text(),
    userId: ref('user'),
    accessToken: hidden(optionalText()),
    refreshToken: hidden(optionalText()),
    idToken: hidden(optionalText()),
    accessTokenExpiresAt: hidden(optionalInstant()),
    refreshTokenExpiresAt: hidden(optionalInstant()),
    scope: optionalText(),
    password: hidden(optionalText()),
    createdAt: instant(),
    updatedAt: instant(),
  },
  { indexes: [{ fields: ['providerId', 'accountId'], unique: true }] },
)

export const verificationTable = table('verification', {
  identifier: { ...text(), index: true },
  value: text(),
  expiresAt: { ...instant(), index: true },
  createdAt: instant(),
  updatedAt: instant(),
})

export const rateLimitTable = table('rateLimit', {
  key: { ...text(), unique: true },
  /** Rises with every write, so that a conditional write tells who came first. */
  count: { type: 'number', required: true },
  /** Milliseconds since the epoch. */
  lastRequest: { type: 'number', required: true, bigint: true },
  /** The moments admitted within the window, as JSON: what makes any window hold the limit. */
  recent: extra(optionalText()),
})

type Row<T> = T extends { '~row'?: infer R } ? NonNullable<R> : never

export interface UserRow extends Row<typeof userTable> {}
export interface SessionRow extends Row<typeof sessionTable> {}
export interface AccountRow extends Row<typeof accountTable> {}
export interface VerificationRow extends Row<typeof verificationTable> {}
export interface RateLimitRow extends Row<typeof rateLimitTable> {}

/** The tables of an app, after its changes and its plugins'. */
export interface Tables {
  readonly user: Table<UserRow>
  readonly session: Table<SessionRow>
  readonly account: Table<AccountRow>
  readonly verification: Table<VerificationRow>
  readonly rateLimit: Table<RateLimitRow>
  /** Tables of plugins, by logical name. */
  readonly [name: string]: Table
}
