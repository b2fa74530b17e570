import { createServer, type IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe } from 'vitest'
import { bodyTable } from '../test/body-table.ts'
import { type Harness, hostCookie, type Prior } from '../test/harness.ts'
import { mountTable } from '../test/mount-table.ts'
import { responseTable } from '../test/response-table.ts'
import { keystile, type NodeHandler } from './index.ts'

type Request = IncomingMessage & { originalUrl?: string | undefined }

const is = ({ headers }: Request, type: string) => headers['content-type']?.startsWith(type) === true
const parsed = (bytes: Buffer) => (bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined)

/** Parsers as apps on a bare server write them: what they make of the bytes is left on the request. */
const priors: Record<Prior, (req: Request) => unknown> = {
  json: async (req) => is(req, 'application/json') && Object.assign(req, { body: parsed(await buffer(req)) }),
  inflated: async (req) => Object.assign(req, { body: parsed(gunzipSync(await buffer(req))) }),
  form: async (req) =>
    is(req, 'application/x-www-form-urlencoded') && Object.assign(req, { body: parse((await buffer(req)).toString()) }),
  raw: async (req) => Object.assign(req, { body: await buffer(req) }),
  text: async (req) => Object.assign(req, { body: (await buffer(req)).toString() }),
  kept: async (req) => {
    const rawBody = await buffer(req)
    Object.assign(req, { rawBody, body: parsed(rawBody) })
  },
  consumed: buffer,
}

/** A router by prefix, as connect has it: shorter below, with the whole in `originalUrl`. */
const below =
  (prefix: string, inner: NodeHandler, otherwise: NodeHandler): NodeHandler =>
  (req, res) => {
    const { url = '' } = req
    const rest = url.slice(prefix.length)
    if (!url.startsWith(prefix) || !/^(?:[/?]|$)/.test(rest)) return otherwise(req, res)
    const request = req as Request
    request.originalUrl ??= url
    request.url = rest.startsWith('/') ? rest : `/${rest}`
    return inner(req, res)
  }

const harness: Harness = {
  name: 'node:http',
  tells: 'never',
  async serve(auth, { prior, under = [], routers, twice, start, dressed }) {
    const gate = keystile(auth)
    const host: NodeHandler = async (_req, res) => void res.end('host')
    const mounted: NodeHandler = async (req, res) => {
      const fail = (error: unknown) => {
        if (error instanceof Error && !res.headersSent) {
          res.writeHead(500).end(JSON.stringify({ code: Reflect.get(error, 'code'), message: error.message }))
        }
      }
      const next = (error?: unknown) => (error ? fail(error) : host(req, res))
      await gate(req, res, twice ? (error) => (error ? fail(error) : gate(req, res, next)) : next)
    }
    const prefixes = routers ? under : under.length ? [under.join('')] : []
    const app = prefixes.reduceRight((inner, prefix) => below(prefix, inner, host), mounted)
    const server = createServer(async (req, res) => {
      if (dressed) res.setHeader('set-cookie', hostCookie).setHeader('x-host', 'yes').setHeader('vary', 'Origin')
      try {
        if (prior) await priors[prior](req)
        await app(req, res)
      } catch {
        // The client left in the middle of its body.
        res.destroy()
      }
    })
    if (start) await gate.ready(server)
    return server
  },
}

describe('node:http', () => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
