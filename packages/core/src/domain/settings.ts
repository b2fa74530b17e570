/** The options after defaults, environment and checks: plain values that the rules read. Times are seconds. */
import type { UserRow } from './model.ts'

export interface SessionSettings {
  readonly expiresIn: number
  readonly updateAge: number
  /** 0: every session is fresh. */
  readonly freshAge: number
  /** From creation; `false`: a used session lives for ever. */
  readonly absoluteExpiresIn: number | false
  readonly disableSessionRefresh: boolean
  readonly deferSessionRefresh: boolean
  readonly storeToken: 'hashed' | 'plain'
  /** A cookie's signature covers its name too. */
  readonly signCookieNames: boolean
  readonly cookieCache: CookieCacheSettings | undefined
}

export interface CookieCacheSettings {
  readonly maxAge: number
  readonly version: string | ((session: object, user: object) => string | Promise<string>)
}

export interface MailUser {
  readonly user: UserRow
  readonly url: string
  readonly token: string
}

export interface PasswordSettings {
  readonly enabled: boolean
  readonly disableSignUp: boolean
  readonly requireEmailVerification: boolean
  readonly autoSignIn: boolean
  readonly minPasswordLength: number
  readonly maxPasswordLength: number
  readonly onExistingUserSignUp:
    | ((data: { readonly user: UserRow }, request: Request | undefined) => unknown)
    | undefined
  readonly customSyntheticUser:
    | ((data: {
        readonly coreFields: Readonly<Record<string, unknown>>
        readonly additionalFields: Readonly<Record<string, unknown>>
        readonly id: string
      }) => Record<string, unknown>)
    | undefined
}

export interface Settings {
  readonly appName: string
  readonly production: boolean
  readonly basePath: string
  /** The app's own error page. */
  readonly errorURL: string | undefined
  readonly session: SessionSettings
  readonly emailAndPassword: PasswordSettings
}
