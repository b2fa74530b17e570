/** The Express service. */
import { DjangoError, type DjangoRequest } from '@keystile/django'
import { keystile } from '@keystile/express'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { readEnvironment } from './environment.ts'
import { openDjango } from './open.ts'
import { changes, type Route, reads } from './routes.ts'

declare global {
  namespace Express {
    interface Request {
      auth: DjangoRequest
    }
  }
}

const environment = readEnvironment(process.env)
const django = openDjango(environment)
const app = express()
app.use(keystile.django(django), express.json())

const answer =
  (route: Route): RequestHandler =>
  async (req, res) => {
    const { status, body } = await route({ django, auth: req.auth, body: req.body ?? {} })
    res.status(status).json(body)
  }
const sentOnPurpose: RequestHandler = async (req, _res, next) => {
  await req.auth.checkCsrf()
  next()
}
for (const [path, route] of Object.entries(reads)) app.get(path, answer(route))
for (const [path, route] of Object.entries(changes)) app.post(path, sentOnPurpose, answer(route))

const failed: ErrorRequestHandler = (error, _req, res, next) => {
  if (!(error instanceof DjangoError) || error.status === undefined) return next(error)
  res.status(error.status).json({ error: error.message })
}
app.use(failed)

// A server that cannot listen tells this function too.
app.listen(environment.port, 'localhost', (error) => {
  if (error) throw error
  console.log('ready')
})
