/** The names that options can have, held to the types of the options, and the check for others. */
import type { AppListeners } from '../contract/events.ts'
import type {
  AdvancedOptions,
  DynamicBaseURL,
  EmailAndPasswordOptions,
  EmailVerificationOptions,
  Options,
  RateLimitOptions,
  SessionOptions,
  TableChange,
  VerificationOptions,
} from '../contract/options.ts'
import type { CookieAttributes } from '../lib/cookies.ts'
import type { Problem } from '../lib/errors.ts'
import { nearest } from '../lib/nearest.ts'
import { unknownOption } from '../lib/unknown-option.ts'

/** A name is true, or has names below it. */
interface Names {
  readonly [name: string]: true | Names
}
/** Exactly the names of an option's type: one too few or too many does not compile. */
type NamesOf<T> = { readonly [K in keyof T]-?: true | Names }

const table = { modelName: true, fields: true, additionalFields: true } satisfies NamesOf<TableChange>
const cookie = {
  maxAge: true,
  domain: true,
  path: true,
  expires: true,
  httpOnly: true,
  secure: true,
  sameSite: true,
  partitioned: true,
} satisfies NamesOf<CookieAttributes>

const names = {
  appName: true,
  database: true,
  secret: true,
  secrets: true,
  baseURL: { allowedHosts: true, fallback: true, protocol: true } satisfies NamesOf<DynamicBaseURL>,
  basePath: true,
  trustedOrigins: true,
  disabledPaths: true,
  emailAndPassword: {
    enabled: true,
    disableSignUp: true,
    requireEmailVerification: true,
    autoSignIn: true,
    minPasswordLength: true,
    maxPasswordLength: true,
    onExistingUserSignUp: true,
    customSyntheticUser: true,
    password: { hash: true, verify: true } satisfies NamesOf<NonNullable<EmailAndPasswordOptions['password']>>,
  } satisfies NamesOf<EmailAndPasswordOptions>,
  emailVerification: {
    sendVerificationEmail: true,
    sendOnSignUp: true,
    sendOnSignIn: true,
    expiresIn: true,
  } satisfies NamesOf<EmailVerificationOptions>,
  user: table,
  session: {
    ...table,
    expiresIn: true,
    updateAge: true,
    freshAge: true,
    absoluteExpiresIn: true,
    disableSessionRefresh: true,
    deferSessionRefresh: true,
    storeToken: true,
    cookieCache: {
      enabled: true,
      maxAge: true,
      strategy: true,
      version: true,
    } satisfies NamesOf<NonNullable<SessionOptions['cookieCache']>>,
  } satisfies NamesOf<SessionOptions>,
  account: table,
  verification: { ...table, disableCleanup: true } satisfies NamesOf<VerificationOptions>,
  rateLimit: {
    enabled: true,
    window: true,
    max: true,
    customRules: true,
    storage: true,
    customStorage: true,
    modelName: true,
    fields: true,
  } satisfies NamesOf<RateLimitOptions>,
  advanced: {
    ipAddress: {
      ipAddressHeaders: true,
      disableIpTracking: true,
      ipv6Subnet: true,
      trustedProxies: true,
    } satisfies NamesOf<NonNullable<AdvancedOptions['ipAddress']>>,
    useSecureCookies: true,
    cookiePrefix: true,
    cookies: true,
    defaultCookieAttributes: cookie,
    crossSubDomainCookies: { enabled: true, domain: true } satisfies NamesOf<
      NonNullable<AdvancedOptions['crossSubDomainCookies']>
    >,
    disableCSRFCheck: true,
    disableOriginCheck: true,
    trustedProxyHeaders: true,
    skipTrailingSlashes: true,
    maxBodySize: true,
    database: { generateId: true } satisfies NamesOf<NonNullable<AdvancedOptions['database']>>,
    backgroundTasks: { handler: true } satisfies NamesOf<NonNullable<AdvancedOptions['backgroundTasks']>>,
  } satisfies NamesOf<AdvancedOptions>,
  plugins: true,
  hooks: true,
  databaseHooks: true,
  events: {
    'user.created': true,
    'session.opened': true,
    'session.ended': true,
    'password.changed': true,
    'sign-in.failed': true,
  } satisfies NamesOf<AppListeners>,
  onAPIError: { throw: true, onError: true, errorURL: true } satisfies NamesOf<NonNullable<Options['onAPIError']>>,
  logger: { disabled: true, level: true, log: true } satisfies NamesOf<NonNullable<Options['logger']>>,
  preset: true,
  production: true,
  env: true,
  clock: true,
  fetch: true,
  random: true,
  telemetry: true,
} satisfies NamesOf<Options>

/** One problem for each option that is set and that nothing reads. */
export function checkNames(options: object, problems: Problem[]): void {
  check(options, names, '', problems)
}

function check(given: object, known: Names, path: string, problems: Problem[]): void {
  for (const [name, value] of Object.entries(given)) {
    // An own key of this name is one of parsed JSON: it says nothing and is never looked at.
    if (value === undefined || name === '__proto__') continue
    const below = Object.hasOwn(known, name) ? known[name] : undefined
    if (below === undefined) problems.push(unknown(path, name, known))
    else if (below !== true && typeof value === 'object' && value !== null)
      check(value, below, `${path}${name}.`, problems)
  }
}

function unknown(path: string, name: string, known: Names): Problem {
  const [place, another] = placesOf(name, names)
  const near = nearest(name, Object.keys(known))
  return unknownOption(path + name, place && !another ? place : near && path + near, Object.keys(known))
}

/** Where options of this name are: it may only stand in the wrong place. */
function placesOf(name: string, known: Names, path = ''): string[] {
  const here = Object.hasOwn(known, name) ? [path + name] : []
  const below = Object.entries(known).flatMap(([group, inner]) =>
    inner === true ? [] : placesOf(name, inner, `${path}${group}.`),
  )
  return [...here, ...below]
}
