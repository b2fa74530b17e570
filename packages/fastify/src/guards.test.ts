import { keystile } from '@keystile/fastify'
import fastify from 'fastify'
import { vi } from 'vitest'
import { guardTable } from '../../node/test/guard-table.ts'

vi.mock('@keystile/core/adapter', async (original) =>
  (await import('../../node/test/foreign-core.ts')).foreignCore(await original()),
)

guardTable(async ({ auth, stranger, called }) => {
  const [app, gate] = [fastify(), keystile(auth)]
  const answer = async () => called() ?? {}
  app.register(gate)
  app.get('/open', answer)
  app.get('/handler', gate.requireSession(answer))
  app.get('/user', gate.requireUser(answer))
  app.get('/next', { onRequest: gate.requireSession() }, answer)
  app.get('/unmounted', { preHandler: keystile(stranger).requireSession() }, answer)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
})
