/** The tables once more, on the oldest release of Fastify that the package takes, and what differs by the release. */
import { keystile } from '@keystile/fastify'
import fastify from 'fastify'
import { expect, it, vi } from 'vitest'
import { echoAuth } from '../../node/test/echo-auth.ts'

vi.mock('fastify', () => import('fastify50'))

await import('./tables.test.ts')

it('says where to register what two plugins beside each other have', async () => {
  const [app, gate] = [fastify(), keystile(echoAuth())]
  expect(app.version).toBe('5.0.0')
  for (let i = 0; i < 2; i++) app.register(async (scope) => void scope.register(gate))
  await expect(app.ready()).rejects.toMatchObject({ code: 'KEYSTILE_REGISTERED_TWICE' })
})
