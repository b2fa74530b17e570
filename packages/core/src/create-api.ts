/** `createApi`: where an app's own endpoints and the schemes that guard them meet, once. */
import type { Mountable, RequestInfo, SessionRead } from './contract/auth.ts'
import type { Controllers } from './contract/controller.ts'
import type { FoundBy, SchemeList } from './contract/levels.ts'
import type { HasModel, Model } from './contract/model.ts'
import type { Options } from './contract/options.ts'
import type { HeaderSource } from './domain/exchange.ts'
import { memoryLimiter } from './domain/limiter.ts'
import { chainOf } from './http/chain.ts'
import { withCors } from './http/cors.ts'
import { type ErrorFormat, formatterOf } from './http/error-format.ts'
import { internals, internalsOf } from './http/internals.ts'
import type { Operation } from './http/operation.ts'
import { createOwnRouter } from './http/own-router.ts'
import { createOwnHandler, pathOf } from './http/own-run.ts'
import { createTrace } from './http/trace.ts'
import { checkedOptions } from './lib/check-options.ts'
import type { Clock, Logger } from './lib/environment.ts'
import { ConfigError, type Problem } from './lib/errors.ts'
import { anything, call, either, flag, group, having, list, object, oneOf, text } from './lib/kinds.ts'
import { checkBasePath } from './setup/base-path.ts'
import { type Guarding, guarding, ofAuth, withoutAuth } from './setup/guarding.ts'
import { LIST_UNDER_NULL } from './setup/levels.ts'
import { allOperations } from './setup/operations.ts'
import { loggerKind } from './setup/options.ts'
import { schemeBinder } from './setup/schemes.ts'

export interface ApiOptions<M extends Model = Model, L extends SchemeList = SchemeList> {
  /** What `createAuth` returned: its sessions, secret, trusted origins and logger are this API's too. */
  readonly auth?: Mountable<M> | undefined
  /** Where all lies: controllers, and the auth's own base path. Default `/api`; `''` is the root. */
  readonly basePath?: string | undefined
  /** Schemes of every endpoint that no inner level opens with `null`. */
  readonly schemes?: L | undefined
  readonly controllers: Controllers<FoundBy<L>>
  /** How refusals are written. Default `protocol`: `{ message, code }`. */
  readonly errors?: ErrorFormat | undefined
  /** A list of schemes under a `null` is an error at start; `false`: a warning, and the endpoint is open. */
  readonly strictLevels?: boolean | undefined
  /** Checks every reply against what its endpoint declares. Default: outside production. */
  readonly checkReplies?: boolean | undefined
  /** `false`: no `WWW-Authenticate` on a 401. Default `true`. */
  readonly challenge?: boolean | undefined
  /** Without `auth`, whose own these are else. */
  readonly logger?: Options['logger']
  readonly clock?: Clock | undefined
  /** Without `auth`. Unknown means production. */
  readonly production?: boolean | undefined
}

export interface ApiHandler<M extends Model = Model> extends Mountable<M> {
  /** The same as `handler`, for runtimes that mount an object with `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Every endpoint with its path; `endpoint.auth` is its resolved chain. */
  readonly operations: readonly Operation[]
}

// Schemes have checks of their own.
const apiKinds = group<ApiOptions>(
  {
    auth: having('handler', 'readSession'),
    basePath: text,
    schemes: anything,
    controllers: list(object),
    errors: either(oneOf('protocol', 'detail', 'problem'), call),
    strictLevels: flag,
    checkReplies: flag,
    challenge: flag,
    logger: loggerKind,
    clock: call,
    production: flag,
  },
  'controllers',
)

/**
 * Makes a handler of controllers, and of the auth's own endpoints where they lie below.
 *
 * @throws ConfigError with every problem of levels, schemes and routes, each with its fix.
 */
export function createApi<M extends Model, const L extends SchemeList = readonly []>(
  options: ApiOptions<M, L>,
): ApiHandler<M> {
  const problems: Problem[] = []
  options = checkedOptions(options, apiKinds, problems)
  const { auth } = options
  const basePath = (options.basePath ?? '/api').replace(/\/+$/, '')
  const of = auth && internalsOf(auth)
  const around = (auth && ofAuth(auth)) ?? withoutAuth(options)
  const { app, checkOrigin, originOf } = around
  checkBasePath(basePath, problems)
  const bind = schemeBinder(app, problems)
  const checkReplies = options.checkReplies ?? !app.production
  const chain = { challenge: options.challenge, declaredOnly: checkReplies }
  const format = formatterOf(options.errors)
  const trace = app.production ? undefined : createTrace({ basePath, clock: app.clock, random: app.random })
  const operations = allOperations(
    {
      controllers: options.controllers ?? [],
      basePath,
      taken: auth?.basePath,
      auth: options.schemes,
      app,
      bind,
      chainOf: (schemes) => chainOf(schemes, chain),
    },
    problems,
  )
  stopOrWarn(problems, options.strictLevels ?? true, app.logger)

  const router = createOwnRouter(operations)
  const handle = createOwnHandler({
    router,
    format,
    checkOrigin,
    originOf: ({ headers, url }) => originOf(headers, url),
    addressOf: (exchange) => (of ? of.addressOf(exchange) : (exchange.remoteAddress ?? null)),
    limiter: of ? of.limiter() : memoryLimiter(app.clock),
    checkReplies,
    maxBodySize: of?.maxBodySize ?? 1 << 20,
    logger: app.logger,
    explain:
      trace &&
      (({ method, url, headers }, steps, { statusCode: status }) => ({
        link: trace.keep({ method, url, headers, steps, status }),
      })),
  })
  const handleCors = of ? withCors(handle, { ...of.base, basePath }, of.origins) : handle
  const isAuths = (path: string) =>
    auth !== undefined && (path === auth.basePath || path.startsWith(`${auth.basePath}/`))

  const handler = (request: Request, info?: RequestInfo) => {
    if (auth && isAuths(pathOf(request.url))) return auth.handler(request, info)
    const page = trace?.answer(request)
    if (page) return Promise.resolve(page)
    return info?.cors ? handleCors(request, info) : handle(request, info)
  }
  const nobody: SessionRead<M> = { pair: null, setCookies: [] }
  const api = {
    basePath,
    handler,
    fetch: (request: Request) => handler(request),
    readSession: (headers: HeaderSource, info?: RequestInfo) =>
      auth ? auth.readSession(headers, info) : Promise.resolve(nobody),
    ready: async () => auth?.ready?.(),
    owns: (path: string) => isAuths(path) || trace?.owns(path) === true || router.methodsOf(path).length > 0,
    paths: [
      ...new Set(operations.map(({ path }) => path)),
      ...(trace ? [trace.path] : []),
      ...(auth ? [auth.basePath, `${auth.basePath}/*`] : []),
    ],
    operations,
    [internals]: of,
    [guarding]: { ...around, chain, errors: options.errors ?? 'protocol', format, trace } satisfies Guarding,
  }
  return api as typeof api & HasModel<M>
}

function stopOrWarn(problems: readonly Problem[], strict: boolean, logger: Logger): void {
  const fatal = strict ? problems : problems.filter(({ code }) => code !== LIST_UNDER_NULL)
  if (fatal.length > 0) throw new ConfigError(fatal)
  for (const { message, fix } of problems) logger.warn(`${message}: ${fix}`)
}
