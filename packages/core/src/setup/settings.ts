/** From options to settings: every default in one place. */
import type { Options } from '../contract/options.ts'
import type { PasswordSettings, SessionSettings, Settings } from '../domain/settings.ts'
import type { Problem } from '../lib/errors.ts'

const day = 86400
/** What browsers keep a cookie for at most (RFC 6265bis). */
const longestCookie = 400 * day

export function resolveSettings(
  options: Options,
  basePath: string,
  production: boolean,
  problems: Problem[],
): Settings {
  const session = sessionSettings(options)
  checkTimes(session, problems)
  const emailAndPassword = passwordSettings(options)
  checkLengths(emailAndPassword, problems)
  return {
    appName: options.appName ?? 'Keystile',
    production,
    basePath,
    errorURL: options.onAPIError?.errorURL,
    session,
    emailAndPassword,
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

function checkTimes(session: SessionSettings, problems: Problem[]): void {
  const { expiresIn, updateAge, freshAge, absoluteExpiresIn, cookieCache } = session
  const times = {
    expiresIn: [expiresIn, 1, longestCookie],
    updateAge: [updateAge, 0, Number.MAX_SAFE_INTEGER],
    freshAge: [freshAge, 0, Number.MAX_SAFE_INTEGER],
    absoluteExpiresIn: [absoluteExpiresIn === false ? 1 : absoluteExpiresIn, 1, Number.MAX_SAFE_INTEGER],
    'cookieCache.maxAge': [cookieCache?.maxAge ?? 1, 1, longestCookie],
  } as const
  for (const [name, [seconds, least, most]] of Object.entries(times)) {
    if (seconds >= least && seconds <= most) continue
    problems.push({
      code: 'SESSION_TIME_INVALID',
      message: `session.${name} is ${seconds}, not between ${least} and ${most}`,
      seen: String(seconds),
      expected: `${least} to ${most}`,
      fix: 'give it in seconds, e.g. 60 * 60 * 24 * 7 for a week',
    })
  }
}

function checkLengths({ minPasswordLength, maxPasswordLength }: PasswordSettings, problems: Problem[]): void {
  if (minPasswordLength <= maxPasswordLength) return
  problems.push({
    code: 'PASSWORD_LENGTH_INVALID',
    message: 'emailAndPassword.minPasswordLength is above maxPasswordLength: no password would do',
    seen: `from ${minPasswordLength} to ${maxPasswordLength}`,
    expected: `at most ${maxPasswordLength}, or a greater maxPasswordLength`,
    fix: 'write minPasswordLength: 8, maxPasswordLength: 128',
  })
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
