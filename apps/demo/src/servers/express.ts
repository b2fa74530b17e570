import { createServer, type Server } from 'node:http'
import { keystile } from '@keystile/express'
import express, { type NextFunction, type Request, type Response } from 'express'
import type { Answer } from '../answer.tsx'
import type { Site } from '../site.tsx'

const write = (res: Response, { status, headers, body }: Answer) => res.status(status).set(headers).send(body)

/** The site on Express. */
export async function expressServer({ auth, pages, assets, missing, trouble }: Site): Promise<Server> {
  const app = express()
  app.disable('x-powered-by')
  for (const [path, answer] of assets) app.get(path, (_, res) => write(res, answer))

  const gate = keystile(auth)
  app.use(gate)
  for (const page of pages) {
    if (page.redirectTo !== undefined) {
      const show = gate.requireSession(
        async (req, res, session) => write(res, await page.show({ session, cookie: req.headers.cookie ?? '' })),
        { redirectTo: page.redirectTo },
      )
      app.get(page.path, show)
    } else {
      app.get(page.path, async (req, res) => {
        write(res, await page.show({ session: await gate.getSession(req), cookie: req.headers.cookie ?? '' }))
      })
    }
  }

  app.use((_: Request, res: Response) => write(res, missing))
  // Express tells an error handler by its four parameters.
  app.use((error: unknown, _: Request, res: Response, __: NextFunction) => {
    console.error(error)
    write(res, trouble)
  })
  await gate.ready(app)
  return createServer(app)
}
