/** Django's sessions and users on Koa: `app.use(keystile.django(django))`. */
import type { ServerResponse } from 'node:http'
import {
  checkOptions,
  type ForeignGate,
  type ForeignRequest,
  type ForeignSystem,
  foreignGate,
  foreignRequests,
  type GateOptions,
  gateKinds,
  lazyProperty,
  type UserOf,
} from '@keystile/core/adapter'
import { setHeader } from '@keystile/node'
import type { Context, Middleware } from 'koa'
import { guard, type KoaGuard, type KoaMiddleware } from './guard.ts'
import { host } from './host.ts'

/** The middleware of one Django, and what is typed by it. */
export interface DjangoKoa<R extends ForeignRequest, Name extends string = 'auth'>
  extends Middleware<Record<Name, R>>,
    ForeignGate<Context, R, KoaGuard<UserOf<R>>> {}

/** The middleware: leaves a lazy session and user on each state, and saves what changed before the response goes out. */
export function django<R extends ForeignRequest, const Name extends string = 'auth'>(
  system: ForeignSystem<R>,
  options: { readonly name?: Name | undefined } = {},
): DjangoKoa<R, Name> {
  checkOptions<Pick<GateOptions, 'name'>>(options, { name: gateKinds.name }, 'django()')
  const requests = foreignRequests(system, host)
  const hang = lazyProperty(options.name ?? 'auth', requests.on)
  const middleware: KoaMiddleware = async (ctx, next) => {
    requests.mount(ctx)
    hang(ctx.state, ctx)
    const thrown = await Promise.resolve(next()).then(none, (error: unknown) => ({ error }))
    const status = thrown ? statusOf(thrown.error) : ctx.status
    const headers = await requests.finish(ctx, status)
    const add = () => {
      for (const [name, value] of headers) setHeader(ctx.res, name.toLowerCase(), value)
    }
    if (!thrown) return add()
    if (headers.length > 0) atHead(ctx.res, add)
    throw thrown.error
  }
  return foreignGate(requests, middleware, guard<UserOf<R>>)
}

const none = () => undefined

/** The status that Koa answers an error with. */
function statusOf(error: unknown): number {
  const { status, statusCode = status } = (error ?? {}) as { status?: unknown; statusCode?: unknown }
  return typeof statusCode === 'number' ? statusCode : 500
}

/**
 * Koa takes all headers off before it answers an error, save those that the error names. These are of this request alone,
 * and the error may be one object for many: so they are added when the head is written.
 */
function atHead(res: ServerResponse, add: () => void): void {
  const { writeHead } = res
  const last = (...args: unknown[]) => {
    Object.assign(res, { writeHead })
    add()
    return Reflect.apply(writeHead as (...args: unknown[]) => unknown, res, args)
  }
  Object.assign(res, { writeHead: last })
}
