/** Django's sessions and users on Express: `app.use(keystile.django(django))`. */
import {
  checkOptions,
  type ForeignGate,
  type ForeignRequest,
  type ForeignSystem,
  foreignGate,
  foreignRequests,
  type GateOptions,
  gateKinds,
  type UserOf,
} from '@keystile/core/adapter'
import { holdHead } from '@keystile/node'
import type { Request, RequestHandler } from 'express'
import { type ExpressGuard, guard } from './guard.ts'
import { host } from './host.ts'
import { hang } from './property.ts'

/** The middleware of one Django, and what is typed by it. */
export interface DjangoExpress<R extends ForeignRequest>
  extends RequestHandler,
    ForeignGate<Request, R, ExpressGuard<UserOf<R>>> {}

/** The middleware: leaves a lazy session and user on each request, and saves what changed before the response goes out. */
export function django<R extends ForeignRequest>(
  system: ForeignSystem<R>,
  options: { readonly name?: string | undefined } = {},
): DjangoExpress<R> {
  checkOptions<Pick<GateOptions, 'name'>>(options, { name: gateKinds.name }, 'django()')
  const requests = foreignRequests(system, host)
  const { name = 'auth' } = options
  const middleware: RequestHandler = (req, res, next) => {
    requests.mount(req, () => holdHead(res, (status) => requests.finish(req, status), next))
    hang(req, name, requests.on)
    return next()
  }
  return foreignGate(requests, middleware, guard<UserOf<R>>)
}
