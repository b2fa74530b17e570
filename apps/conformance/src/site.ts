/** The site that the exchanges are with: a handler, and a few pages behind an adapter that is at home everywhere. */
import { createAuth, type Options } from '@keystile/core'
import { keystile } from '@keystile/hono'
import { Hono } from 'hono'
import { origin } from './browser.ts'
import { largestBody } from './exchanges.ts'

type Passwords = NonNullable<Options['emailAndPassword']>['password']

export function makeSite(database: Options['database'], password?: Passwords) {
  const auth = createAuth({
    database,
    secret: 'nQ4t7Xw9zC2vB5nM8kJ1hG6fD3sA0pLy',
    baseURL: origin,
    env: {},
    emailAndPassword: { enabled: true, password },
    session: { cookieCache: { enabled: true } },
    // Every visitor comes from the one address.
    rateLimit: { enabled: false },
    advanced: { maxBodySize: largestBody },
  })
  const gate = keystile(auth)
  const app = new Hono()
  app.use(gate)
  app.get('/hello', async (c) => c.json({ name: (await gate.getUser(c))?.name ?? null }))
  app.get(
    '/me',
    gate.requireSession((c, { user }) => c.json(user)),
  )
  app.get('/account', gate.requireSession({ redirectTo: '/sign-in' }), (c) => c.text('yours'))
  return { auth, app }
}
