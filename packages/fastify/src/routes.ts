/** The auth's routes, in a context of their own: no parser, validation or `preHandler` of the host takes part in them. */
import {
  isOwn,
  isUnder,
  type Mountable,
  pathOf,
  registeredTwice,
  speaksOfCors,
  staticPrefix,
} from '@keystile/core/adapter'
import { ask } from '@keystile/node'
import type { FastifyInstance, preParsingHookHandler } from 'fastify'
import { write } from './reply.ts'

/** Adds the routes to an instance mounted under `prefix` within its own. */
export function addRoutes(app: FastifyInstance, prefix: string, auth: Mountable, cors: boolean): void {
  // Answers before the body is parsed. `done` is for what is not answered: calling it goes on to the parsers.
  const answer: preParsingHookHandler = (request, reply, payload, done) => {
    if (!isOwn(auth, pathOf(request.url))) return done()
    const { protocol, host, ip, url, raw } = request
    const allow = speaksOfCors(cors, raw.method, raw.headers.origin, reply.getHeader('access-control-allow-origin'))
    ask(auth, raw, reply.raw, { protocol, host, remoteAddress: ip, cors: allow, url, payload })
      .then((answer) => answer && write(reply, answer))
      .catch(done)
  }

  // What @fastify/cors asks of a route: its hook would answer preflights before any route does.
  const config: object = cors ? { cors: false } : {}
  app.register(async (own) => {
    for (const url of urlsOf(app.prefix, prefix, auth)) {
      try {
        own.all(url, { preParsing: answer, config }, (_request, reply) => reply.callNotFound())
      } catch (error) {
        throw isTaken(error) ? registeredTwice(auth.basePath) : error
      }
    }
  })
}

/** Whether a route is there already. By its words: older releases have no code where a route has several methods. */
const isTaken = (error: unknown) => error instanceof Error && /already declared for route/.test(error.message)

/** What is mounted, or a prefix deeper than it, as an instance mounted at `scope` writes it. */
function urlsOf(scope: string, prefix: string, { basePath, paths = [basePath, `${basePath}/*`] }: Mountable): string[] {
  const [base, whole] = [scope, scope + prefix].map((path) => path.replace(/\/$/, '')) as [string, string]
  const urls = paths.flatMap((path) => {
    if (isUnder(whole, staticPrefix(path))) return patternOf(path.slice(base.length))
    const reaches = path.endsWith('/*') && isUnder(staticPrefix(path), whole)
    return reaches ? [whole.slice(base.length), `${whole.slice(base.length)}/*`] : []
  })
  // The empty path is one below a prefix alone; at the root `/*` has it.
  return [...new Set(urls)].filter((url) => base + url !== '')
}

/** Fastify takes two names in one place for two routes, and decodes a path before it looks for one. */
const patternOf = (path: string) =>
  decodeURI(path)
    .split('/')
    .map((part, i) => (part.startsWith(':') ? `:p${i}` : part))
    .join('/')
