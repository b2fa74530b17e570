/** From options to settings: every default in one place. */
import type { Options } from '../contract/options.ts'
import type { PasswordSettings, SessionSettings, Settings } from '../domain/settings.ts'

const day = 86400

export function resolveSettings(options: Options, basePath: string, production: boolean): Settings {
  return {
    appName: options.appName ?? 'Keystile',
    production,
    basePath,
    errorURL: options.onAPIError?.errorURL,
    session: sessionSettings(options),
    emailAndPassword: passwordSettings(options),
  }
}

function sessionSettings({ session = {}, preset }: Options): SessionSettings {
  const strict = preset === 'strict'
  const cache = session.cookieCache
  return {
    expiresIn: session.expiresIn ?? (strict ? day : 7 * day),
    updateAge: session.updateAge ?? (strict ? 3600 : day),
    freshAge: session.freshAge ?? (strict ? 3600 : day),
    absoluteExpiresIn: session.absoluteExpiresIn ?? (strict ? 30 : 90) * day,
    disableSessionRefresh: session.disableSessionRefresh ?? false,
    deferSessionRefresh: session.deferSessionRefresh ?? false,
    storeToken: session.storeToken ?? 'hashed',
    signCookieNames: strict,
    cookieCache: cache?.enabled ? { maxAge: cache.maxAge ?? 300, version: cache.version ?? '1' } : undefined,
  }
}

function passwordSettings({ emailAndPassword = {} }: Options): PasswordSettings {
  return {
    enabled: emailAndPassword.enabled ?? false,
    disableSignUp: emailAndPassword.disableSignUp ?? false,
    requireEmailVerification: emailAndPassword.requireEmailVerification ?? false,
    autoSignIn: emailAndPassword.autoSignIn ?? true,
    minPasswordLength: emailAndPassword.minPasswordLength ?? 8,
    maxPasswordLength: emailAndPassword.maxPasswordLength ?? 128,
    onExistingUserSignUp: emailAndPassword.onExistingUserSignUp,
    customSyntheticUser: emailAndPassword.customSyntheticUser,
  }
}
