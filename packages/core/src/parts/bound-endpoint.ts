import type { Accepted, OwnContext, OwnDeclaration, OwnEndpoint } from '../contract/own-endpoint.ts'
import type { SchemeApp } from '../contract/scheme.ts'
import { noAuth } from './no-auth.ts'

/** A handler, and what else of an endpoint is known once it serves an app. */
export interface Bound extends Partial<OwnDeclaration> {
  readonly handle: (context: OwnContext) => unknown
}

/** An endpoint, open to all, whose handler is made of the app's rules; problems of a start call it `owner`. */
export function boundEndpoint(
  name: string,
  declaration: OwnDeclaration,
  bind: (app: SchemeApp, owner: string) => Bound,
): OwnEndpoint<Accepted<null>> {
  const owner = `endpoint ${name}()`
  const made: Omit<OwnEndpoint, '~accepts'> = {
    ...declaration,
    auth: null,
    handle() {
      throw noAuth(owner)
    },
    bind: (app) => bind(app, owner),
  }
  return made as OwnEndpoint<Accepted<null>>
}
