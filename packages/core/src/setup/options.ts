/** What each option of `createAuth` holds. */
import type { AppListeners } from '../contract/events.ts'
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
import type { AnyPlugin, RateLimitRule } from '../contract/plugin.ts'
import type { CookieAttributes } from '../lib/cookies.ts'
import {
  type AnyKind,
  anything,
  byName,
  call,
  date,
  either,
  flag,
  group,
  having,
  type Kind,
  list,
  number,
  numberFrom,
  object,
  oneOf,
  openGroup,
  schema,
  text,
} from '../lib/kinds.ts'
import type { Field } from '../store/table.ts'

type Of<T> = NonNullable<T>

const columns = byName(text)

const field = group<Field>(
  {
    type: either(oneOf('string', 'number', 'boolean', 'date', 'json', 'string[]', 'number[]'), list(text)),
    required: flag,
    unique: flag,
    index: flag,
    returned: flag,
    input: flag,
    defaultValue: anything,
    onUpdate: call,
    references: group<Of<Field['references']>>(
      { model: text, field: text, onDelete: oneOf('cascade', 'set null', 'restrict', 'no action') },
      'model',
      'field',
    ),
    bigint: flag,
    sortable: flag,
    fieldName: text,
    transform: group<Of<Field['transform']>>({ input: call, output: call }),
    validator: group<Of<Field['validator']>>({ input: schema, output: schema }),
    extra: flag,
  },
  'type',
)
const change = { modelName: text, fields: columns, additionalFields: byName(field) }

const cookie = group<CookieAttributes>({
  maxAge: number,
  domain: text,
  path: text,
  expires: date,
  httpOnly: flag,
  secure: flag,
  sameSite: oneOf('strict', 'lax', 'none', 'Strict', 'Lax', 'None'),
  partitioned: flag,
})

// Their types are those of the app's rows.
const around: AnyKind = group({ before: call, after: call })
const writes: AnyKind = group({ create: around, update: around, delete: around })

const plugin: Kind<AnyPlugin> = {
  ...openGroup<AnyPlugin>(
    {
      id: text,
      endpoints: object,
      '~endpoints': anything,
      replaces: object,
      tables: list(object),
      fields: group<Of<AnyPlugin['fields']>>({ user: byName(field), session: byName(field) }),
      schema: anything,
      gates: list(object),
      hooks: list(object),
      databaseHooks: byName(writes),
      events: object,
      rateLimits: list(object),
      errorCodes: object,
      init: call,
      onRequest: call,
    },
    'id',
  ),
  expected: 'a plugin',
  fix: 'give what the function of a plugin returns: plugins: [username()]',
}

export const loggerKind = group<Of<Options['logger']>>({
  disabled: flag,
  level: oneOf('debug', 'info', 'warn', 'error'),
  log: call,
})

export const optionKinds = group<Options>({
  appName: text,
  database: anything,
  secret: text,
  secrets: list(openGroup<Secret>({ version: number, value: text }, 'version', 'value')),
  baseURL: either(
    text,
    group<DynamicBaseURL>(
      { allowedHosts: list(text), fallback: text, protocol: oneOf('http', 'https', 'auto') },
      'allowedHosts',
    ),
  ),
  basePath: text,
  trustedOrigins: either(list(either(text, oneOf(null, undefined, false))), call),
  disabledPaths: list(text),
  emailAndPassword: group<EmailAndPasswordOptions>({
    enabled: flag,
    disableSignUp: flag,
    requireEmailVerification: flag,
    autoSignIn: flag,
    minPasswordLength: numberFrom(1),
    maxPasswordLength: numberFrom(1),
    onExistingUserSignUp: call,
    customSyntheticUser: call,
    password: group<Of<EmailAndPasswordOptions['password']>>({ hash: call, verify: call }),
  }),
  emailVerification: group<EmailVerificationOptions>({
    sendVerificationEmail: call,
    sendOnSignUp: flag,
    sendOnSignIn: flag,
    expiresIn: numberFrom(1),
  }),
  user: group<Of<Options['user']>>(change),
  session: group<SessionOptions>({
    ...change,
    expiresIn: number,
    updateAge: number,
    freshAge: number,
    absoluteExpiresIn: either(number, oneOf(false)),
    disableSessionRefresh: flag,
    deferSessionRefresh: flag,
    storeToken: oneOf('hashed', 'plain'),
    cookieCache: group<Of<SessionOptions['cookieCache']>>({
      enabled: flag,
      maxAge: number,
      strategy: oneOf('compact'),
      version: either(text, call),
    }),
  }),
  account: group<Of<Options['account']>>(change),
  verification: group<VerificationOptions>({ ...change, disableCleanup: flag }),
  rateLimit: group<RateLimitOptions>({
    enabled: flag,
    window: number,
    max: number,
    customRules: byName(
      either(oneOf(false), either(call, openGroup<RateLimitRule>({ window: number, max: number }, 'window', 'max'))),
    ),
    storage: oneOf('memory', 'database'),
    customStorage: having('consume'),
    modelName: text,
    fields: columns,
  }),
  advanced: group<AdvancedOptions>({
    ipAddress: group<Of<AdvancedOptions['ipAddress']>>({
      ipAddressHeaders: list(text),
      disableIpTracking: flag,
      ipv6Subnet: number,
      trustedProxies: list(text),
    }),
    useSecureCookies: flag,
    cookiePrefix: text,
    cookies: byName(group({ name: text, attributes: cookie })),
    defaultCookieAttributes: cookie,
    crossSubDomainCookies: group<Of<AdvancedOptions['crossSubDomainCookies']>>(
      { enabled: flag, domain: text },
      'enabled',
    ),
    disableCSRFCheck: flag,
    disableOriginCheck: either(flag, list(text)),
    trustedProxyHeaders: flag,
    skipTrailingSlashes: flag,
    maxBodySize: numberFrom(0, Number.POSITIVE_INFINITY),
    database: group<Of<AdvancedOptions['database']>>({
      generateId: either(oneOf<'uuid' | 'serial' | false>('uuid', 'serial', false), call),
    }),
    backgroundTasks: group<Of<AdvancedOptions['backgroundTasks']>>({ handler: call }, 'handler'),
  }),
  plugins: list(plugin),
  hooks: around,
  databaseHooks: byName(writes),
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
