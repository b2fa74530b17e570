/** What each option of `createAuth` holds. What has a check of its own, which says more, is `anything` here. */
import type { AppListeners } from '../contract/events.ts'
import type { AppRows } from '../contract/model.ts'
import type {
  AdvancedOptions,
  DynamicBaseURL,
  EmailAndPasswordOptions,
  EmailVerificationOptions,
  Options,
  RateLimitOptions,
  Secret,
  SessionOptions,
  VerificationOptions,
} from '../contract/options.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import type { DatabaseHooks } from '../contract/row-hooks.ts'
import type { CookieAttributes } from '../lib/cookies.ts'
import { anything, byName, call, either, flag, group, having, list, number, object, oneOf, text } from '../lib/kinds.ts'
import type { Field } from '../store/table.ts'

type Of<T> = NonNullable<T>

const columns = byName(text)
const plugin = {
  holds: (value: unknown) => typeof (value as Partial<AnyPlugin> | null)?.id === 'string',
  expected: 'a plugin',
  fix: 'give what the function of a plugin returns: plugins: [username()]',
}

const fieldKind = group<Field>({
  type: either(oneOf('string', 'number', 'boolean', 'date', 'json', 'string[]', 'number[]'), list(text)),
  required: flag,
  unique: flag,
  index: flag,
  returned: flag,
  input: flag,
  defaultValue: anything,
  onUpdate: call,
  references: group<Of<Field['references']>>({
    model: text,
    field: text,
    onDelete: oneOf('cascade', 'set null', 'restrict', 'no action'),
  }),
  bigint: flag,
  sortable: flag,
  fieldName: text,
  transform: group<Of<Field['transform']>>({ input: call, output: call }),
  validator: group<Of<Field['validator']>>({ input: anything, output: anything }),
  extra: flag,
})
const field = {
  ...fieldKind,
  holds: (value: unknown) => (value as Partial<Field> | null)?.type !== undefined,
  expected: 'an object with a type',
  fix: "write { type: 'string' }, or another of the types a field may have",
}
const change = { modelName: text, fields: columns, additionalFields: byName(field) }

const cookie = group<CookieAttributes>({
  maxAge: number,
  domain: text,
  path: text,
  expires: anything,
  httpOnly: flag,
  secure: flag,
  sameSite: anything,
  partitioned: flag,
})

// biome-ignore lint/suspicious/noExplicitAny: the types of hooks are those of the app's rows
type Hooks = any
const around = group<Hooks>({ before: call, after: call })
const writes = group<Hooks>({ create: around, update: around, delete: around })

export const loggerKind = group<Of<Options['logger']>>({
  disabled: flag,
  level: oneOf('debug', 'info', 'warn', 'error'),
  log: call,
})

export const optionKinds = group<Options>({
  appName: text,
  database: anything,
  secret: text,
  secrets: list(group<Secret>({ version: anything, value: anything })),
  baseURL: either(
    text,
    group<DynamicBaseURL>({
      allowedHosts: list(text),
      fallback: text,
      protocol: oneOf('http', 'https', 'auto'),
    }),
  ),
  basePath: text,
  trustedOrigins: either(list(either(text, oneOf(null, undefined, false))), call),
  disabledPaths: list(text),
  emailAndPassword: group<EmailAndPasswordOptions>({
    enabled: flag,
    disableSignUp: flag,
    requireEmailVerification: flag,
    autoSignIn: flag,
    minPasswordLength: number,
    maxPasswordLength: number,
    onExistingUserSignUp: call,
    customSyntheticUser: call,
    password: group<Of<EmailAndPasswordOptions['password']>>({ hash: call, verify: call }),
  }),
  emailVerification: group<EmailVerificationOptions>({
    sendVerificationEmail: call,
    sendOnSignUp: flag,
    sendOnSignIn: flag,
    expiresIn: number,
  }),
  user: group<Of<Options['user']>>(change),
  session: group<SessionOptions>({
    ...change,
    expiresIn: anything,
    updateAge: anything,
    freshAge: anything,
    absoluteExpiresIn: anything,
    disableSessionRefresh: flag,
    deferSessionRefresh: flag,
    storeToken: oneOf('hashed', 'plain'),
    cookieCache: group<Of<SessionOptions['cookieCache']>>({
      enabled: flag,
      maxAge: anything,
      strategy: oneOf('compact'),
      version: either(text, call),
    }),
  }),
  account: group<Of<Options['account']>>(change),
  verification: group<VerificationOptions>({ ...change, disableCleanup: flag }),
  rateLimit: group<RateLimitOptions>({
    enabled: flag,
    window: anything,
    max: anything,
    customRules: byName(either(oneOf(false), either(call, group({ window: anything, max: anything })))),
    storage: oneOf('memory', 'database'),
    customStorage: having('consume'),
    modelName: text,
    fields: columns,
  }),
  advanced: group<AdvancedOptions>({
    ipAddress: group<Of<AdvancedOptions['ipAddress']>>({
      ipAddressHeaders: list(text),
      disableIpTracking: flag,
      ipv6Subnet: anything,
      trustedProxies: list(text),
    }),
    useSecureCookies: flag,
    cookiePrefix: text,
    cookies: byName(group({ name: text, attributes: cookie })),
    defaultCookieAttributes: cookie,
    crossSubDomainCookies: group<Of<AdvancedOptions['crossSubDomainCookies']>>({ enabled: flag, domain: text }),
    disableCSRFCheck: flag,
    disableOriginCheck: either(flag, list(text)),
    trustedProxyHeaders: flag,
    skipTrailingSlashes: flag,
    maxBodySize: number,
    database: group<Of<AdvancedOptions['database']>>({
      generateId: either(oneOf<'uuid' | 'serial' | false>('uuid', 'serial', false), call),
    }),
    backgroundTasks: group<Of<AdvancedOptions['backgroundTasks']>>({ handler: call }),
  }),
  plugins: list(plugin),
  hooks: around,
  databaseHooks: group<DatabaseHooks<AppRows>>({
    user: writes,
    session: writes,
    account: writes,
    verification: writes,
  }),
  events: group<AppListeners>({
    'user.created': call,
    'session.opened': call,
    'session.ended': call,
    'password.changed': call,
    'sign-in.failed': call,
  }),
  onAPIError: group<Of<Options['onAPIError']>>({ throw: flag, onError: call, errorURL: text }),
  logger: loggerKind,
  preset: oneOf('strict'),
  production: flag,
  env: object,
  clock: call,
  fetch: call,
  random: call,
  telemetry: anything,
})
