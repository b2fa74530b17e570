/** One server in a process of its own: `server.js <host> <name> [count]`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerTasks } from '../remote.ts'
import { cookieHeader } from '../visitor.ts'
import { countFetchObjects } from './fetch-objects.ts'
import type { Servers } from './host.ts'

/** Loaded one a process, after the counting has begun. */
const hosts: Readonly<Record<string, () => Promise<{ readonly servers: Servers }>>> = {
  node: () => import('./hosts/node.ts'),
  express: () => import('./hosts/express.ts'),
  fastify: () => import('./hosts/fastify.ts'),
  koa: () => import('./hosts/koa.ts'),
  hono: () => import('./hosts/hono.ts'),
  bridge: () => import('./hosts/bridge.ts'),
}

const [, , host = '', name = '', count] = process.argv
const fetchObjects = count ? countFetchObjects() : { count: 0 }

const tasks = {
  async open(): Promise<{ readonly port: number; readonly cookie: string }> {
    const make = (await hosts[host]?.())?.servers[name]
    if (!make) throw new Error(`there is no ${name} on ${host}`)
    const { listener, cookie } = await make()
    const server = createServer(listener)
    // Connections wait for their turn longer than Node would keep them.
    server.keepAliveTimeout = 0
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return { port, cookie: cookie ?? cookieHeader(await fetch(`http://127.0.0.1:${port}/sign-in`)) }
  },

  /** Microseconds of processor time until now, those of all threads. */
  used(): number {
    const { user, system } = process.cpuUsage()
    return user + system
  },

  /** Request, Response and Headers made until now, where they are counted. */
  fetchObjects: () => fetchObjects.count,
}

export type ServerTasks = typeof tasks
answerTasks(tasks)
