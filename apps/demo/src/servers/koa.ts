import { createServer, type Server } from 'node:http'
import { keystile } from '@keystile/koa'
import Koa, { type Context, type Middleware } from 'koa'
import type { Answer } from '../answer.tsx'
import type { Site } from '../site.tsx'

function write(ctx: Context, { status, headers, body }: Answer): void {
  ctx.status = status
  ctx.body = body
  ctx.set(headers)
}

/** The site on Koa. It has no router of its own: a table of paths is enough here. */
export async function koaServer({ auth, pages, assets, missing, trouble }: Site): Promise<Server> {
  const app = new Koa()
  app.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      console.error(error)
      write(ctx, trouble)
    }
  })

  const gate = keystile(auth)
  app.use(gate)
  const routes = new Map<string, Middleware>()
  for (const [path, answer] of assets) routes.set(path, (ctx) => write(ctx, answer))
  for (const page of pages) {
    if (page.redirectTo !== undefined) {
      const show = gate.requireSession(
        async (ctx, session) => write(ctx, await page.show({ session, cookie: ctx.get('cookie') })),
        { redirectTo: page.redirectTo },
      )
      routes.set(page.path, show)
    } else {
      routes.set(page.path, async (ctx) =>
        write(ctx, await page.show({ session: await gate.getSession(ctx), cookie: ctx.get('cookie') })),
      )
    }
  }

  app.use((ctx, next) => {
    const route = ['GET', 'HEAD'].includes(ctx.method) && routes.get(ctx.path)
    return route ? route(ctx, next) : write(ctx, missing)
  })
  await gate.ready(app)
  return createServer(app.callback())
}
