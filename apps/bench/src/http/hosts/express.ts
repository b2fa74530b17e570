import { encode } from '@auth/core/jwt'
import { type ExpressAuthConfig, getSession } from '@auth/express'
import { keystile } from '@keystile/express'
import express, { type Express, type RequestHandler } from 'express'
import sessions from 'express-session'
import passport from 'passport'
import { secret } from '../../contender.ts'
import { createKeystile } from '../../keystile.ts'
import { body, cookieOf, type Made, type Servers, user } from '../host.ts'
import { betterAuthReader, floorReader, type Reader } from '../reader.ts'

const answer: RequestHandler = (_req, res) => void res.json(body)

/** `mount` comes after the open route, so that this one passes through nothing of a library. */
function serving(mount: (app: Express) => void, cookie?: string): Made {
  const app = express().get('/open', answer)
  mount(app)
  return { listener: app, cookie }
}

/** A route behind a question. */
const behind =
  (asked: (req: express.Request) => unknown): RequestHandler =>
  async (req, res, next) =>
    (await asked(req)) ? next() : void res.status(401).end()

async function gated(cookieCache: boolean): Promise<Made> {
  const auth = createKeystile({ path: ':memory:', cookieCache })
  const gate = keystile(auth)
  return serving((app) => app.use(gate).get('/guarded', gate.requireSession(), answer), await cookieOf(auth))
}

const readBy = ({ cookie, read }: Reader, mount: (app: Express) => Express = (app) => app): Made =>
  serving(
    (app) =>
      mount(app).get(
        '/guarded',
        behind(({ headers }) => read(headers)),
        answer,
      ),
    cookie,
  )

/** What Express itself takes for any middleware in front of the routes. */
const emptyMiddleware = (app: Express) => app.use((_req, _res, next) => next())

/** Sessions and users in memory, which is less work than any database. */
function passportSessions(): Made {
  const users = new Map([[user.id, user]])
  passport.serializeUser((signedIn, done) => done(null, (signedIn as typeof user).id))
  passport.deserializeUser((id: string, done) => done(null, users.get(id) ?? false))
  return serving((app) =>
    app
      .use(sessions({ secret, resave: false, saveUninitialized: false, store: new sessions.MemoryStore() }))
      .use(passport.session())
      .get('/sign-in', (req, res, next) => req.login(user, (error) => (error ? next(error) : res.end())))
      .get(
        '/guarded',
        behind((req) => req.isAuthenticated()),
        answer,
      ),
  )
}

/** Its default: the session in an encrypted token, no database. */
async function authJs(): Promise<Made> {
  const config: ExpressAuthConfig = { providers: [], secret, trustHost: true, basePath: '/auth' }
  const name = 'authjs.session-token'
  const token = { sub: user.id, name: user.name, email: user.email }
  const cookie = `${name}=${await encode({ token, secret, salt: name })}`
  return serving(
    (app) =>
      app.get(
        '/guarded',
        behind((req) => getSession(req, config)),
        answer,
      ),
    cookie,
  )
}

export const servers: Servers = {
  keystile: () => gated(false),
  'keystile, cookie cache': () => gated(true),
  floor: async () => readBy(await floorReader()),
  'floor behind an empty middleware': async () => readBy(await floorReader(), emptyMiddleware),
  'better-auth': async () => readBy(await betterAuthReader()),
  'express-session + passport': passportSessions,
  'Auth.js': authJs,
}
