import { createRequire } from 'node:module'
import { keystile } from '@keystile/koa'
import Koa, { type Context, type Middleware } from 'koa'
import { describe, vi } from 'vitest'
import { guardTable, type ServeGuarded } from '../../node/test/guard-table.ts'

vi.mock('@keystile/core/adapter', async (original) =>
  (await import('../../node/test/foreign-core.ts')).foreignCore(await original()),
)

const Koa2: typeof Koa = createRequire(import.meta.url)('koa2')

const on =
  (App: typeof Koa): ServeGuarded =>
  ({ auth, stranger, called, production }) => {
    const [app, gate] = [new App({ env: production ? 'production' : 'development' }), keystile(auth)]
    const answer = (ctx: Context) => {
      ctx.body = called() ?? {}
    }
    const routes: Record<string, readonly Middleware[]> = {
      '/open': [answer],
      '/handler': [gate.requireSession(answer)],
      '/user': [gate.requireUser(answer)],
      '/next': [gate.requireSession(), answer],
      '/unmounted': [keystile(stranger).requireSession(), answer],
    }
    app.use(gate)
    app.use(async (ctx) => {
      const [first, second] = routes[ctx.path] ?? []
      await first?.(ctx as never, async () => second?.(ctx as never, async () => {}))
    })
    return app.listen(0, '127.0.0.1')
  }

describe('Koa 3', () => guardTable(on(Koa)))
describe('Koa 2', () => guardTable(on(Koa2)))
