import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { vi } from 'vitest'
import { guardTable } from '../test/guard-table.ts'
import { keystile } from './index.ts'

vi.mock('@keystile/core/adapter', async (original) =>
  (await import('../test/foreign-core.ts')).foreignCore(await original()),
)

guardTable(({ auth, stranger, called }) => {
  const gate = keystile(auth, { onError: () => {} })
  const answer = (_req: IncomingMessage, res: ServerResponse) => res.end(called() ?? '{}')
  const guard = gate.requireSession()
  const routes: Record<string, (req: IncomingMessage, res: ServerResponse) => unknown> = {
    '/open': answer,
    '/handler': gate.requireSession(answer),
    '/user': gate.requireUser(answer),
    '/next': async (req, res) => (await guard(req, res)) || answer(req, res),
    '/unmounted': keystile(stranger, { onError: () => {} }).requireSession(answer),
  }
  return createServer(async (req, res) => {
    if (!(await gate(req, res))) await routes[req.url ?? '']?.(req, res)
  })
})
