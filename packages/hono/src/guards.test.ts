import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { keystile } from '@keystile/hono'
import { type Context, Hono } from 'hono'
import { vi } from 'vitest'
import { guardTable } from '../../node/test/guard-table.ts'

vi.mock('@keystile/core/adapter', async (original) =>
  (await import('../../node/test/foreign-core.ts')).foreignCore(await original()),
)

guardTable(({ auth, stranger, called }) => {
  const [app, gate] = [new Hono(), keystile(auth)]
  const answer = (c: Context) => c.json(called() ?? {})
  app.use(gate)
  // The server makes Headers for whoever looks at them, where the global class is not the one that it knows.
  app.get('/open', (c) => answer(c.req.raw.headers && c))
  app.get('/handler', gate.requireSession(answer))
  app.get('/user', gate.requireUser(answer))
  app.get('/next', gate.requireSession(), answer)
  app.get('/unmounted', keystile(stranger).requireSession(), answer)
  return createAdaptorServer({ fetch: app.fetch, createServer }) as Server
})
