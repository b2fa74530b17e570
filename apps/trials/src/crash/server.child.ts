/** The server that is killed. It loads all it needs, says so, and opens its file when told to. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuth } from '@keystile/core'
import { toNodeHandler } from '@keystile/node'
import { origin } from '../visitor.ts'
import { intercept } from './driver.ts'
import type { KillPoint, Open, Order } from './protocol.ts'

const inClear = {
  hash: async (password: string) => `clear:${password}`,
  verify: async ({ hash, password }: { hash: string; password: string }) => hash === `clear:${password}`,
}

const openAuth = ({ file, hashing }: Open) =>
  createAuth({
    database: file,
    secret: 'a-secret-of-the-trials-0123456789abcdef',
    baseURL: origin,
    env: {},
    emailAndPassword: { enabled: true, ...(hashing === 'none' ? { password: inClear } : {}) },
    rateLimit: { enabled: false },
    logger: { level: 'error' },
  })

async function open(options: Open): Promise<number> {
  const auth = openAuth(options)
  await auth.$context
  const server = createServer(toNodeHandler(auth))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

let armed: Extract<KillPoint, { kind: 'statement' }> | undefined
let passed = 0
// From the first statement on: what is prepared before goes unrecognised.
await intercept((text, run) => {
  if (!armed || !text.startsWith(armed.beginning) || ++passed < armed.nth) return run()
  if (armed.side === 'after') run()
  return process.kill(process.pid, 'SIGKILL')
})

process.on('message', async (order: Order) => {
  if ('open' in order) process.send?.(await open(order.open))
  else {
    if (order.arm.kind === 'statement') armed = order.arm
    process.send?.('armed')
  }
})
// Without its parent there is nobody left to kill it.
process.on('disconnect', () => process.exit())

const warmUp = openAuth({ file: ':memory:', hashing: 'none' })
await warmUp.$context
await warmUp.close()
process.send?.('ready')
