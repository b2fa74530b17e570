import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { keystile } from '@keystile/hono'
import { Hono } from 'hono'
import type { Answer } from '../answer.tsx'
import type { Site } from '../site.tsx'

const write = ({ body, ...init }: Answer) => new Response(body, init)

/** The site on Hono. */
export async function honoServer({ auth, pages, assets, missing, trouble }: Site): Promise<Server> {
  const app = new Hono()
  for (const [path, answer] of assets) app.get(path, () => write(answer))

  const gate = keystile(auth)
  app.use(gate)
  for (const page of pages) {
    if (page.redirectTo !== undefined) {
      const show = gate.requireSession(
        async (c, session) => write(await page.show({ session, cookie: c.req.header('cookie') ?? '' })),
        { redirectTo: page.redirectTo },
      )
      app.get(page.path, show)
    } else {
      app.get(page.path, async (c) =>
        write(await page.show({ session: await gate.getSession(c), cookie: c.req.header('cookie') ?? '' })),
      )
    }
  }

  app.notFound(() => write(missing))
  app.onError((error) => {
    console.error(error)
    return write(trouble)
  })
  await gate.ready(app)
  // HTTP/1 unless asked otherwise, which the type does not say.
  return createAdaptorServer({ fetch: app.fetch }) as Server
}
