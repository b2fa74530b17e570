/** Django's sessions and users on Hono: `app.use(keystile.django(django))`. */
import {
  checkOptions,
  type ForeignGate,
  type ForeignRequest,
  type ForeignSystem,
  foreignGate,
  foreignRequests,
  type GateOptions,
  gateKinds,
  mountFailure,
  nameTaken,
  type UserOf,
} from '@keystile/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { guard, type HonoGuard } from './guard.ts'
import { host } from './host.ts'
import { setHeader } from './response.ts'

/** The middleware of one Django, and what is typed by it. */
export interface DjangoHono<R extends ForeignRequest, Name extends string = 'auth'>
  extends MiddlewareHandler<{ Variables: Record<Name, R> }>,
    ForeignGate<Context, R, HonoGuard<UserOf<R>>> {}

/** The middleware: leaves a lazy session and user on each context, and saves what changed before the response goes out. */
export function django<R extends ForeignRequest, const Name extends string = 'auth'>(
  system: ForeignSystem<R>,
  options: { readonly name?: Name | undefined } = {},
): DjangoHono<R, Name> {
  checkOptions<Pick<GateOptions, 'name'>>(options, { name: gateKinds.name }, 'django()')
  const { name = 'auth' } = options
  const requests = foreignRequests(system, host)
  const middleware = async (c: Context, next: Next): Promise<void> => {
    if (c.get(name) !== undefined) throw mountFailure(nameTaken(name), undefined)
    requests.mount(c)
    c.set(name, requests.on(c))
    await next()
    for (const [header, value] of await requests.finish(c, c.res.status)) setHeader(c, header.toLowerCase(), value)
  }
  return foreignGate(requests, middleware, guard<UserOf<R>>)
}
