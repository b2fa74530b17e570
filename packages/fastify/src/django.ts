/** Django's sessions and users on Fastify: `app.register(keystile.django(django))`. */
import {
  checkOptions,
  type ForeignGate,
  type ForeignRequest,
  type ForeignSystem,
  foreignGate,
  foreignRequests,
  type GateOptions,
  gateKinds,
  nameTaken,
  type UserOf,
} from '@keystile/core/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type FastifyGuard, guard } from './guard.ts'
import { host } from './host.ts'
import { asPlugin } from './plugin.ts'
import { setHeader } from './reply.ts'

/** The plugin of one Django, and what is typed by it. */
export interface DjangoFastify<R extends ForeignRequest>
  extends ForeignGate<FastifyRequest, R, FastifyGuard<UserOf<R>>> {
  (app: FastifyInstance): Promise<void>
}

/** The plugin: leaves a lazy session and user on each request, and saves what changed before the response goes out. */
export function django<R extends ForeignRequest>(
  system: ForeignSystem<R>,
  options: { readonly name?: string | undefined } = {},
): DjangoFastify<R> {
  checkOptions<Pick<GateOptions, 'name'>>(options, { name: gateKinds.name }, 'django()')
  const { name = 'auth' } = options
  const requests = foreignRequests(system, host)

  const plugin = async (app: FastifyInstance): Promise<void> => {
    if (app.hasRequestDecorator(name)) throw nameTaken(name)
    app.decorateRequest<object>(name, { getter: lazy })
    app.addHook('onRequest', (request, _reply, done) => {
      requests.mount(request)
      done()
    })
    app.addHook('onSend', async (request, reply) => {
      for (const [header, value] of await requests.finish(request, reply.statusCode)) {
        setHeader(reply, header.toLowerCase(), value)
      }
    })
  }

  function lazy(this: FastifyRequest) {
    return requests.on(this)
  }

  return asPlugin(foreignGate(requests, plugin, guard<UserOf<R>>))
}
