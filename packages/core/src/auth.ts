/** `createAuth`: where everything meets, once. */
import { hkdf, hmacKey, randomBytes } from '#crypto'
import type { AuthInstance, RequestInfo } from './contract/auth.ts'
import type { PrintedFields } from './contract/model.ts'
import type { Options } from './contract/options.ts'
import type { AnyPlugin } from './contract/plugin.ts'
import { createAccounts } from './domain/accounts.ts'
import { createBackground } from './domain/background.ts'
import { baseCodes } from './domain/codes.ts'
import { cookieMaker, sessionCookies } from './domain/cookies.ts'
import type { Domain } from './domain/domain.ts'
import { createTell, type Listeners } from './domain/events.ts'
import { Exchange, type HeaderSource } from './domain/exchange.ts'
import { inputOf } from './domain/input.ts'
import { memoryLimiter, storeLimiter } from './domain/limiter.ts'
import { createMail } from './domain/mail.ts'
import { outputOf } from './domain/output.ts'
import { createPasswords, currentPrefix } from './domain/passwords/index.ts'
import { type HookTable, type ModelHooks, recordKeeper } from './domain/records.ts'
import type { ReadOptions } from './domain/session-reader.ts'
import { createSessions } from './domain/sessions.ts'
import { passwordEntry, passwordSignIn } from './domain/sign-in.ts'
import { signUp } from './domain/sign-up.ts'
import { createSweep } from './domain/sweep.ts'
import { createThrottle } from './domain/throttle.ts'
import { verifiedMailGate } from './domain/verified-mail-gate.ts'
import { serverCall } from './http/api.ts'
import { arrivalWatch } from './http/arrival.ts'
import { resolveBaseURL } from './http/base-url.ts'
import { createCall } from './http/call.ts'
import { withCors } from './http/cors.ts'
import { type Internals, internals } from './http/internals.ts'
import { originChecks } from './http/origin.ts'
import { rateLimit } from './http/rate-limit.ts'
import { routeHint } from './http/route-hint.ts'
import { createRouter } from './http/router.ts'
import { createHandler } from './http/run.ts'
import { createTrace } from './http/trace.ts'
import { checkedOptions } from './lib/check-options.ts'
import type { Env } from './lib/environment.ts'
import { ConfigError, type Problem } from './lib/errors.ts'
import { addressReader } from './lib/ip.ts'
import { createLogger } from './lib/logger.ts'
import { checkedRandom, makeId } from './lib/random.ts'
import { type CoreEndpoints, coreEndpoints } from './parts/core-endpoints.ts'
import { checkAddresses } from './setup/addresses.ts'
import { checkBasePath } from './setup/base-path.ts'
import { cookieSettings } from './setup/cookies.ts'
import { allEndpoints } from './setup/endpoints.ts'
import { checkHookTables, hooksByEndpoint } from './setup/hooks.ts'
import { idPolicy } from './setup/ids.ts'
import { checkLimits } from './setup/limits.ts'
import { optionKinds } from './setup/options.ts'
import { readiness } from './setup/ready.ts'
import { resolveSecrets } from './setup/secrets.ts'
import { resolveSettings } from './setup/settings.ts'
import { appTables } from './setup/tables.ts'
import { openStore } from './store/open.ts'
import type { Fields } from './store/table.ts'

// biome-ignore lint/complexity/noBannedTypes: no additional fields
type None = {}

/** An auth instance with the core's endpoints and those of its plugins. */
export interface Auth<P extends readonly AnyPlugin[] = readonly [], U extends Fields = None, S extends Fields = None>
  extends AuthInstance<CoreEndpoints, P, U, S> {}

/**
 * Makes an auth instance. Nothing is opened or loaded yet: the database is on its first use.
 *
 * @throws ConfigError with every problem of the configuration, each with its fix.
 */
export function createAuth<
  const P extends readonly AnyPlugin[] = readonly [],
  const U extends Fields = None,
  const S extends Fields = None,
>(options: Options<P, U, S>): Auth<P, PrintedFields<U>['fields'], PrintedFields<S>['fields']> {
  const problems: Problem[] = []
  options = checkedOptions(options, optionKinds, problems)
  const env = options.env ?? (globalThis as { process?: { env?: Env } }).process?.env ?? {}
  const production = options.production ?? !(env.NODE_ENV === 'development' || env.NODE_ENV === 'test')
  const clock = options.clock ?? Date.now
  const random = checkedRandom(options.random ?? randomBytes)
  const logger = createLogger(options.logger)
  const plugins: readonly AnyPlugin[] = options.plugins ?? []

  const base = resolveBaseURL(options, env, problems)
  const secrets = resolveSecrets(options, env, production, random, logger, problems)
  const settings = resolveSettings(options, base.basePath, production, problems)
  const { tables, added } = appTables(options, plugins, problems)
  const endpoints = allEndpoints(coreEndpoints, plugins, problems)
  const { cookies, domains: cookieDomains } = cookieSettings(options, base, production, logger, problems)
  checkHookTables(options.databaseHooks, tables, problems)
  checkBasePath(base.basePath, problems)
  checkAddresses(options, problems)
  checkLimits(options, plugins, problems)
  if (base.origin === undefined && base.ownOrigins.length === 0) {
    if (options.preset === 'strict' && production) problems.push(noBaseURL)
    else logger.warn(`${noBaseURL.message}: ${noBaseURL.fix}`)
  }
  const ids = idPolicy(options, random)
  const store = orThrow(problems, () => openStore(options.database, { tables: Object.values(tables), ...ids, logger }))

  const [currentSecret = ''] = secrets
  const keys = secrets.map(hmacKey)
  const makeCookie = cookieMaker(cookies)
  const background = createBackground(logger, options.advanced?.backgroundTasks?.handler)
  // Typed by table for the app, while the records know rows of any.
  const ownHooks = options.databaseHooks as Readonly<Record<string, ModelHooks>> | undefined
  const hookTables: HookTable = Object.fromEntries(
    Object.keys(tables).map((model) => [
      model,
      [...plugins, { databaseHooks: ownHooks }].flatMap(({ databaseHooks }) => databaseHooks?.[model] ?? []),
    ]),
  )
  const records = recordKeeper(store, hookTables)
  const readAddress = addressReader(options.advanced?.ipAddress)
  const addressOf = (exchange: Exchange) => readAddress(exchange.headers, exchange.remoteAddress)
  const limits = options.rateLimit ?? {}
  const limiter = () =>
    limits.storage === 'database' ? storeLimiter(store, tables.rateLimit, clock) : memoryLimiter(clock)
  const url = (exchange: Exchange, path: string) => `${exchange.origin ?? base.origin ?? ''}${base.basePath}${path}`

  const output = { user: outputOf(tables.user), session: outputOf(tables.session) }
  const accounts = createAccounts(store, tables)
  const passwords = createPasswords({
    custom: options.emailAndPassword?.password,
    maxPasswordLength: settings.emailAndPassword.maxPasswordLength,
    random,
    logger,
    otherHashes: () => accounts.otherHashes(currentPrefix),
  })
  const mail = createMail({
    sendVerificationEmail: options.emailVerification?.sendVerificationEmail,
    sendOnSignUp: options.emailVerification?.sendOnSignUp ?? settings.emailAndPassword.requireEmailVerification,
    sendOnSignIn: options.emailVerification?.sendOnSignIn ?? false,
    expiresIn: options.emailVerification?.expiresIn ?? 3600,
    key: hkdf(currentSecret, 'keystile/mail-verification', 32),
    url,
    clock,
    background,
  })
  const tell = createTell({
    listeners: [
      ...plugins.flatMap((plugin) => plugin.events ?? []),
      ...(options.events ? [options.events as Listeners] : []),
    ],
    clock,
    addressOf,
    background,
  })
  const sessions = createSessions({
    settings: settings.session,
    tables,
    store,
    records,
    cookies: sessionCookies(makeCookie),
    keys,
    output,
    gates: [verifiedMailGate(settings.emailAndPassword, mail), ...plugins.flatMap((plugin) => plugin.gates ?? [])],
    tell,
    clock,
    random,
    addressOf,
    background,
  })
  const throttle = createThrottle({ limiter: limiter(), store, sessionTable: tables.session, clock, addressOf, logger })
  const rules = {
    settings: settings.emailAndPassword,
    tables,
    store,
    records,
    accounts,
    passwords,
    sessions,
    throttle,
    output: output.user,
    mail,
    tell,
    background,
    clock,
    makeId: () => ids.makeId('user') ?? makeId(random),
    logger,
  }
  const withPassword = passwordEntry(rules)
  const domain: Domain = {
    settings,
    tables,
    store,
    records,
    sessions,
    passwords,
    accounts,
    throttle,
    mail,
    tell,
    withPassword,
    signIn: passwordSignIn(withPassword, sessions),
    signUp: signUp(rules),
    input: { user: inputOf(added.user), session: inputOf(added.session) },
    output,
    makeCookie,
    url,
    clock,
    random,
    logger,
  }
  for (const plugin of plugins) start(plugin, domain)

  const origins = originChecks({
    trustedOrigins: trustedOrigins(options, env),
    ownOrigins: base.ownOrigins,
    disableCSRFCheck: options.advanced?.disableCSRFCheck ?? false,
    disableOriginCheck: options.advanced?.disableOriginCheck ?? false,
    oneLabel: options.preset === 'strict',
    production,
    logger,
    originOf: base.originOf,
  })
  const call = createCall({
    domain,
    origins,
    knownKeysOnly: options.preset === 'strict',
    hooksOf: hooksByEndpoint(endpoints.values(), [
      ...(options.hooks ? [options.hooks] : []),
      ...plugins.flatMap((plugin) => plugin.hooks ?? []),
    ]),
  })
  const maxBodySize = options.advanced?.maxBodySize ?? 1 << 20
  const hintRoute = production ? undefined : routeHint(endpoints.values(), base.basePath)
  const limited = (limits.enabled ?? production) && !options.advanced?.ipAddress?.disableIpTracking
  const handle = createHandler({
    base,
    domain,
    disabledPaths: options.disabledPaths ?? [],
    limit: limited
      ? rateLimit({ rules: limits, plugins, counter: limits.customStorage ?? limiter(), addressOf, logger })
      : undefined,
    plugins,
    match: createRouter(endpoints.values()),
    watchArrival: arrivalWatch(base, options.advanced?.trustedProxyHeaders ?? false, logger),
    onNoRoute: hintRoute && ((method, path) => logger.warn(hintRoute(method, path))),
    skipTrailingSlashes: options.advanced?.skipTrailingSlashes ?? false,
    maxBodySize,
    origins,
    call,
    onError: options.onAPIError?.onError,
    rethrow: options.onAPIError?.throw ?? false,
  })
  const sweep = createSweep({
    store,
    tables,
    clock,
    background,
    keepVerifications: options.verification?.disableCleanup ?? false,
  })
  const handleCors = withCors(handle, base, origins)
  const ready = readiness({ database: options.database, store, tables: Object.values(tables), cookieDomains, logger })
  const trace = production ? undefined : createTrace({ basePath: base.basePath, clock, random })
  let domainsTold = cookieDomains.length === 0
  const handler: typeof handle = (request, info) => {
    if (!domainsTold) {
      domainsTold = true
      background.run('the check of cookie domains', ready.tellDomains)
    }
    const page = trace?.answer(request)
    if (page) return Promise.resolve(page)
    sweep()
    return info?.cors ? handleCors(request, info) : handle(request, info)
  }

  async function readSession(headers: HeaderSource, info?: RequestInfo, reading?: ReadOptions) {
    const exchange = new Exchange({ headers, info })
    const current = await sessions.read(exchange, reading)
    const pair = current && { session: output.session(current.session), user: output.user(current.user) }
    return { pair, setCookies: exchange.setCookies }
  }

  const api = Object.fromEntries(
    [...endpoints].map(([name, endpoint]) => [name, serverCall(endpoint, base, call)] as const),
  )
  const idle = async () => {
    await passwords.idle()
    await background.idle()
  }

  const own: Internals = {
    domain,
    base,
    origins,
    production,
    fetch: options.fetch ?? globalThis.fetch,
    deriveKeys: (purpose) => secrets.map((secret) => hkdf(secret, purpose, 32)),
    limiter,
    addressOf,
    maxBodySize,
    endpoints,
    plugins,
    disabledPaths: options.disabledPaths ?? [],
    added,
    limited,
    trace,
  }
  const auth = {
    basePath: base.basePath,
    handler,
    fetch: (request: Request) => handler(request),
    api,
    readSession,
    [internals]: own,
    getSession: async (from: Request | HeaderSource) =>
      // A refresh's cookie would go nowhere from here: it is left to a read whose answer carries it.
      (await readSession(from instanceof Request ? from.headers : from, undefined, { refresh: false })).pair,
    options,
    get $context() {
      return ready.all().then(() => domain)
    },
    ready: ready.all,
    $ERROR_CODES: Object.assign({}, baseCodes, ...plugins.map((plugin) => plugin.errorCodes)),
    idle,
    async close() {
      await idle()
      await store.close()
    },
  }
  // Not listed, so that printing an instance shows no secret and opens no database.
  Object.defineProperties(auth, { options: { enumerable: false }, $context: { enumerable: false } })
  return auth as unknown as ReturnType<typeof createAuth<P, U, S>>
}

/** What `open` gives; throws what it finds wrong together with what was found before. */
function orThrow<T>(problems: readonly Problem[], open: () => T): T {
  try {
    const opened = open()
    if (problems.length === 0) return opened
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError([...problems, ...error.problems])
    throw error
  }
  throw new ConfigError(problems)
}

const noBaseURL: Problem = {
  code: 'BASE_URL_MISSING',
  message: 'No base URL is set, so links and cookies would follow whatever Host a request names',
  seen: 'neither baseURL nor KEYSTILE_URL',
  expected: 'the public address',
  fix: "set baseURL, e.g. 'https://app.example.com', or baseURL: { allowedHosts: [...] }",
}

function start(plugin: AnyPlugin, domain: Domain): void {
  try {
    plugin.init?.(domain)
  } catch (error) {
    const message = `plugin ${plugin.id} failed to start: ${error instanceof Error ? error.message : String(error)}`
    const problem = {
      code: 'PLUGIN_INIT',
      message,
      seen: error instanceof Error ? error.name : typeof error,
      expected: 'a plugin that starts',
      fix: `see the options of plugin ${plugin.id}, or leave it out`,
    }
    throw Object.assign(new ConfigError([problem]), { cause: error })
  }
}

function trustedOrigins({ trustedOrigins: given }: Options, env: Env): Options['trustedOrigins'] {
  const listed = env.KEYSTILE_TRUSTED_ORIGINS ?? env.BETTER_AUTH_TRUSTED_ORIGINS
  const ofEnv = (listed ?? '').split(',').map((origin) => origin.trim())
  if (typeof given === 'function') return async (request) => [...ofEnv, ...((await given(request)) ?? [])]
  return [...ofEnv, ...(given ?? [])].filter(Boolean)
}
