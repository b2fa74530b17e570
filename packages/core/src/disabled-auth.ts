import type { Identified } from './contract/levels.ts'
import type { Accepted, OwnEndpoint } from './contract/own-endpoint.ts'
import { rememberCaller } from './http/request-auth.ts'

/**
 * For tests: the endpoint with nobody asked who they are. Its handler meets `who`, and `requestAuth` tells the same.
 *
 * @example controller('/notes', { endpoints: { add: disabledAuth(add, { scheme: 'session', identity }) } })
 */
export function disabledAuth<Who extends Identified | undefined>(
  endpoint: OwnEndpoint<Who>,
  who?: NoInfer<Who> | undefined,
): OwnEndpoint<Accepted<null>> {
  const handle = endpoint.handle as (context: object) => unknown
  const open = {
    ...endpoint,
    auth: null,
    handle(context: { readonly request: Request }) {
      if (who) rememberCaller(context.request, who)
      return handle({ ...context, auth: who })
    },
  }
  return open as unknown as OwnEndpoint<Accepted<null>>
}
