import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { keystile } from '@keystile/fastify'
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { describe } from 'vitest'
import { bodyTable } from '../../node/test/body-table.ts'
import { type Harness, hostCookie, type Prior } from '../../node/test/harness.ts'
import { mountTable } from '../../node/test/mount-table.ts'
import { responseTable } from '../../node/test/response-table.ts'

/** What a host has of parsers, or of hooks that take the body before any parser does. */
const priors: Record<Prior, (app: FastifyInstance) => void> = {
  // Its own parser of JSON is always there.
  json: () => {},
  inflated: (app) =>
    app.addHook('preParsing', async (request, _reply, payload) => {
      if (request.headers['content-encoding'] !== 'gzip') return payload
      const parts: Buffer[] = []
      for await (const part of payload) parts.push(part)
      return Readable.from([gunzipSync(Buffer.concat(parts))])
    }),
  form: (app) =>
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(text)))),
    ),
  raw: (app) => app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes)),
  text: (app) => app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text)),
  kept: (app) =>
    app.addHook('onRequest', async ({ raw }) => {
      const parts: Buffer[] = []
      for await (const part of raw) parts.push(part)
      Object.assign(raw, { rawBody: Buffer.concat(parts) })
    }),
  consumed: (app) =>
    app.addHook('onRequest', async ({ raw }) => {
      for await (const _ of raw);
    }),
}

const harness: Harness = {
  name: 'Fastify',
  tells: 'at start',
  refusesBrokenEscapes: true,
  async serve(auth, { prior, under = [], routers, twice, start, dressed }) {
    const app = fastify()
    if (dressed) {
      app.addHook('onRequest', async (_request, reply) => {
        reply.header('set-cookie', hostCookie).header('x-host', 'yes').header('vary', 'Origin')
      })
    }
    if (prior) priors[prior](app)
    const gate = keystile(auth)
    const nested = under.reduceRight<FastifyPluginAsync>(
      (inner, prefix) => async (scope) => void scope.register(inner, { prefix }),
      async (scope) => void scope.register(gate),
    )
    if (routers) app.register(nested)
    else app.register(gate, { prefix: under.join('') })
    if (twice) app.register(gate)
    app.setNotFoundHandler((_request, reply) => reply.send('host'))
    app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
      reply.code(error.statusCode ?? 500).send({ code: Reflect.get(error, 'code'), message: error.message }),
    )
    if (start) await Promise.all([app.ready(), gate.ready(app)])
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },
}

describe('Fastify', () => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
