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

export function answering(database: Options['database']): (request: Request) => Promise<Response> {
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
  return async (request) => app.fetch(request)
}

/** In place of the real ones, which the site itself has. */
const quickPasswords = {
  hash: async (password: string) => `quick:${password.normalize('NFKC')}`,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) =>
    hash === `quick:${password.normalize('NFKC')}`,
}
