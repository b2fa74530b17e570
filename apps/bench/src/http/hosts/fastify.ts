import cookies from '@fastify/cookie'
import sessions from '@fastify/session'
import { keystile } from '@keystile/fastify'
import fastify, { type FastifyPluginAsync, type FastifyRequest, type preHandlerAsyncHookHandler } from 'fastify'
import { secret } from '../../contender.ts'
import { createKeystile } from '../../keystile.ts'
import { body, cookieOf, type Made, type Servers, user } from '../host.ts'
import { betterAuthReader, floorReader, type Reader } from '../reader.ts'

declare module 'fastify' {
  interface Session {
    user?: typeof user
  }
}

const answer = async () => body

/** `mount` is encapsulated, so that the open route passes through nothing of a library. */
async function serving(mount: FastifyPluginAsync, cookie?: string): Promise<Made> {
  const app = fastify()
  app.get('/open', answer)
  app.register(mount)
  await app.ready()
  return { listener: app.routing, cookie }
}

/** A route behind a question. */
const behind =
  (asked: (request: FastifyRequest) => unknown): preHandlerAsyncHookHandler =>
  async (request, reply) => {
    if (!(await asked(request))) return reply.code(401).send('')
  }

async function gated(cookieCache: boolean): Promise<Made> {
  const auth = createKeystile({ path: ':memory:', cookieCache })
  const gate = keystile(auth)
  return serving(
    async (app) => {
      await gate(app, {})
      app.get('/guarded', gate.requireSession(answer))
    },
    await cookieOf(auth),
  )
}

const readBy = ({ cookie, read }: Reader) =>
  serving(async (app) => {
    app.get('/guarded', { preHandler: behind(({ headers }) => read(headers)) }, answer)
  }, cookie)

/** Sessions in memory, which is less work than any database. */
const fastifySession = () =>
  serving(async (app) => {
    await app.register(cookies)
    await app.register(sessions, { secret, cookie: { secure: false }, saveUninitialized: false })
    app.get('/sign-in', async ({ session }) => {
      session.user = user
      return body
    })
    app.get('/guarded', { preHandler: behind(({ session }) => session.user) }, answer)
  })

export const servers: Servers = {
  keystile: () => gated(false),
  'keystile, cookie cache': () => gated(true),
  floor: async () => readBy(await floorReader()),
  'better-auth': async () => readBy(await betterAuthReader()),
  '@fastify/session': fastifySession,
}
