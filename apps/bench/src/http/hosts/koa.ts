import { keystile } from '@keystile/koa'
import Koa, { type Context, type Middleware } from 'koa'
import sessions from 'koa-session'
import { secret } from '../../contender.ts'
import { createKeystile } from '../../keystile.ts'
import { body, cookieOf, type Made, type Servers, user } from '../host.ts'
import { betterAuthReader, floorReader, type Reader } from '../reader.ts'

const answer = (ctx: Context) => {
  ctx.body = body
}

/** The open route comes first, so that it passes through nothing of a library. */
function serving(app: Koa, mount: readonly Middleware[], cookie?: string): Made {
  app.use(async (ctx, next) => (ctx.path === '/open' ? answer(ctx) : next()))
  for (const middleware of mount) app.use(middleware)
  return { listener: app.callback(), cookie }
}

/** A route behind a question. */
const behind =
  (asked: (ctx: Context) => unknown): Middleware =>
  async (ctx) => {
    if (await asked(ctx)) answer(ctx)
    else ctx.status = 401
  }

async function gated(cookieCache: boolean): Promise<Made> {
  const auth = createKeystile({ path: ':memory:', cookieCache })
  const gate = keystile(auth)
  return serving(new Koa(), [gate as Middleware, gate.requireSession(answer)], await cookieOf(auth))
}

const readBy = ({ cookie, read }: Reader) => serving(new Koa(), [behind(({ headers }) => read(headers))], cookie)

/** Its default: the session in a signed cookie, no store. */
function koaSession(): Made {
  const app = new Koa({ keys: [secret] })
  const signIn: Middleware = (ctx, next) => {
    if (ctx.path !== '/sign-in') return next()
    ctx.session = { user }
    return answer(ctx)
  }
  return serving(app, [sessions({}, app), signIn, behind((ctx) => ctx.session?.user)])
}

export const servers: Servers = {
  keystile: () => gated(false),
  'keystile, cookie cache': () => gated(true),
  floor: async () => readBy(await floorReader()),
  'better-auth': async () => readBy(await betterAuthReader()),
  'koa-session': koaSession,
}
