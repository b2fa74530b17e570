import { createServer } from 'node:http'
import { describe } from 'vitest'
import { bodyTable } from '../test/body-table.ts'
import { type Harness, hostCookie } from '../test/harness.ts'
import { mountTable } from '../test/mount-table.ts'
import { responseTable } from '../test/response-table.ts'
import { keystile } from './index.ts'

const harness: Harness = {
  name: 'node:http',
  priors: ['consumed'],
  tells: 'on request',
  mounts: ({ under = [] }) => under.length === 0,
  async serve(auth, { prior, twice, dressed }) {
    const gate = keystile(auth)
    return createServer(async (req, res) => {
      if (dressed) res.setHeader('set-cookie', hostCookie).setHeader('x-host', 'yes').setHeader('vary', 'Origin')
      if (prior) for await (const _ of req);
      const fail = (error: unknown) => {
        if (error instanceof Error && !res.headersSent) {
          res.writeHead(500).end(JSON.stringify({ code: Reflect.get(error, 'code'), message: error.message }))
        }
      }
      const host = (error?: unknown) => (error ? fail(error) : res.end('host'))
      await gate(req, res, twice ? (error) => (error ? fail(error) : gate(req, res, host)) : host)
    })
  },
}

describe('node:http', () => {
  bodyTable(harness)
  mountTable(harness)
  responseTable(harness)
})
