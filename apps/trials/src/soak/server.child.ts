/** The server under load, as an app runs it: real hashes, limits on, behind a proxy. Any message gets a `Reading`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createAuth } from '@keystile/core'
import { toNodeHandler } from '@keystile/node'
import { origin } from '../visitor.ts'
import type { Reading } from './protocol.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const auth = createAuth({
  database: process.argv[2] ?? ':memory:',
  secret: 'a-secret-of-the-trials-0123456789abcdef',
  baseURL: origin,
  env: {},
  emailAndPassword: { enabled: true },
  advanced: { ipAddress: { trustedProxies: ['127.0.0.1'] } },
  logger: { level: 'error' },
})
await auth.$context

let requests = 0
const handler = toNodeHandler(auth)
const server = createServer((req, res) => {
  requests++
  return handler(req, res)
})
// Clients keep their connections for the next request; one closed under it would look like a failure.
server.keepAliveTimeout = 600_000

const resolution = 5
const delay = monitorEventLoopDelay({ resolution })
delay.enable()
/** The histogram holds whole intervals, in nanoseconds. */
const late = (interval: number) => Math.max(0, interval / 1e6 - resolution)

process.on('message', () => {
  const lag = { p99: late(delay.percentile(99)), worst: late(delay.max) }
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const reading: Reading = { memory: heapUsed + external, resident: rss, requests, lag }
  // The collection was the harness's own.
  setImmediate(() => delay.reset())
  process.send?.(reading)
})
process.on('disconnect', () => process.exit())

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
