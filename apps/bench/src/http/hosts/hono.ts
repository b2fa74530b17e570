import { getRequestListener } from '@hono/node-server'
import { keystile } from '@keystile/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { jwt, sign } from 'hono/jwt'
import { openBetterAuth } from '../../better-auth.ts'
import { secret } from '../../contender.ts'
import { openFloor } from '../../floor.ts'
import { createKeystile } from '../../keystile.ts'
import { body, cookieOf, type Made, type Servers, user } from '../host.ts'

const answer = (c: Context) => c.json(body)

/** `mount` comes after the open route, so that this one passes through nothing of a library. */
function serving(mount: (app: Hono) => void, cookie: string): Made {
  const app = new Hono().get('/open', answer)
  mount(app)
  return { listener: getRequestListener(app.fetch), cookie }
}

/** A route behind a question. */
const behind =
  (asked: (c: Context) => unknown): MiddlewareHandler =>
  async (c, next) =>
    (await asked(c)) ? next() : c.body(null, 401)

async function gated(cookieCache: boolean): Promise<Made> {
  const auth = createKeystile({ path: ':memory:', cookieCache })
  const gate = keystile(auth)
  return serving((app) => app.use(gate).get('/guarded', gate.requireSession(answer)), await cookieOf(auth))
}

async function floor(): Promise<Made> {
  const contender = await openFloor({ path: ':memory:' })
  const read = (c: Context) => contender.getSession({ get: () => c.req.header('cookie') ?? null })
  return serving((app) => app.get('/guarded', behind(read), answer), await cookieOf(contender))
}

async function betterAuth(): Promise<Made> {
  const contender = await openBetterAuth({ path: ':memory:' })
  const read = (c: Context) => contender.getSession(c.req.raw.headers)
  return serving((app) => app.get('/guarded', behind(read), answer), await cookieOf(contender))
}

/** No store, and nothing that could be revoked. */
async function honoJwt(): Promise<Made> {
  const token = await sign({ sub: user.id, name: user.name, email: user.email }, secret, 'HS256')
  return serving((app) => app.get('/guarded', jwt({ secret, alg: 'HS256', cookie: 'jwt' }), answer), `jwt=${token}`)
}

export const servers: Servers = {
  keystile: () => gated(false),
  'keystile, cookie cache': () => gated(true),
  floor,
  'better-auth': betterAuth,
  'hono/jwt': honoJwt,
}
