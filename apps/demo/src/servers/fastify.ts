import type { Server } from 'node:http'
import { keystile } from '@keystile/fastify'
import fastify, { type FastifyReply } from 'fastify'
import type { Answer } from '../answer.tsx'
import type { Site } from '../site.tsx'

const write = (reply: FastifyReply, { status, headers, body }: Answer) => reply.code(status).headers(headers).send(body)

/** The site on Fastify. */
export async function fastifyServer({ auth, pages, assets, missing, trouble }: Site): Promise<Server> {
  const app = fastify()
  for (const [path, answer] of assets) app.get(path, (_, reply) => write(reply, answer))

  const gate = keystile(auth)
  app.register(gate)
  for (const page of pages) {
    if (page.redirectTo !== undefined) {
      const show = gate.requireSession(
        async ({ headers }, reply, session) => write(reply, await page.show({ session, cookie: headers.cookie ?? '' })),
        { redirectTo: page.redirectTo },
      )
      app.get(page.path, show)
    } else {
      app.get(page.path, async (request, reply) => {
        const session = await gate.getSession(request)
        return write(reply, await page.show({ session, cookie: request.headers.cookie ?? '' }))
      })
    }
  }

  app.setNotFoundHandler((_, reply) => write(reply, missing))
  app.setErrorHandler((error, _, reply) => {
    console.error(error)
    return write(reply, trouble)
  })
  await app.ready()
  return app.server
}
