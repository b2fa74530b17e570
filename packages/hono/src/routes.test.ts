import { keystile } from '@keystile/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { expect, it } from 'vitest'
import { echoAuth } from '../../node/test/echo-auth.ts'

type Mount = (app: Hono, gate: MiddlewareHandler) => unknown

const reached: Record<string, Mount> = {
  'at the root': (app, gate) => app.use(gate),
  'under a prefix of the base path': (app, gate) => app.use('/api/*', gate),
  'in an app that is routed into it': (app, gate) => app.route('/api', new Hono().use('/auth/*', gate)),
  'in the second of two places': (app, gate) => app.use('/app/*', gate).use('/api/*', gate),
  'nowhere yet': () => {},
  'in an app that is mounted, which is not shown': (app, gate) => app.mount('/app', new Hono().use(gate).fetch),
}
it.for(Object.entries(reached))('at start Hono shows a gate %s', async ([, mount]) => {
  const [app, gate] = [new Hono(), keystile(echoAuth())]
  mount(app, gate)
  await expect(gate.ready(app)).resolves.toBeUndefined()
})

const missed: Record<string, Mount> = {
  'under another prefix': (app, gate) => app.use('/app/*', gate),
  'under one that only looks like it': (app, gate) => app.use('/api/aut/*', gate),
  'in an app that is routed elsewhere': (app, gate) => app.route('/app', new Hono().use(gate)),
  'on a base path of its own': (app, gate) => app.basePath('/app').use(gate),
}
it.for(Object.entries(missed))('at start Hono shows that nothing reaches a gate %s', async ([, mount]) => {
  const [app, gate] = [new Hono(), keystile(echoAuth())]
  mount(app, gate)
  await expect(gate.ready(app)).rejects.toMatchObject({
    name: 'ConfigError',
    code: 'KEYSTILE_WRONG_MOUNT',
    message: expect.stringContaining('"/api/auth"'),
  })
})
