/** What a runtime serves: the site, and at `/conformance` what came of the exchanges with the bare handler, run there. */
import type { Options } from '@keystile/core'
import { memoryAdapter } from '@keystile/core/memory'
import { conformance } from './exchanges.ts'
import { makeSite } from './site.ts'

/** What came of an exchange. */
export interface Outcome {
  readonly name: string
  readonly error?: string
}

/** `host`: what the runtime gives beside a request, by which the adapter knows the peer. */
export type Answering = (request: Request, host?: object) => Promise<Response>

export function answering(database: Options['database']): Answering {
  const { app } = makeSite(database)
  app.get('/conformance', async (c) => {
    const { auth } = makeSite(memoryAdapter({}), quickPasswords)
    const outcomes: Outcome[] = []
    for (const { name, run } of conformance(auth.handler)) {
      const outcome: Outcome = await run().then(
        () => ({ name }),
        (error) => ({ name, error: String(error) }),
      )
      outcomes.push(outcome)
    }
    return c.json(outcomes)
  })
  return async (request, host) => app.fetch(request, host)
}

/** In place of the real ones, which the site itself has. */
const quickPasswords = {
  hash: async (password: string) => `quick:${password.normalize('NFKC')}`,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) =>
    hash === `quick:${password.normalize('NFKC')}`,
}
