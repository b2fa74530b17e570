/** `npm run demo`: starts the demo and tells where it is. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Framework, readOptions, shortPath, usage } from './options.ts'
import { createSite, type Site } from './site.tsx'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (!options) return console.log(usage)
  const site = await createSite(options)
  const server = await servers[options.framework](site)
  const port = await listen(server, options.port)

  const stop = () => {
    server.close()
    server.closeAllConnections()
    void site.auth.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const at = `${options.framework}, SQLite at ${shortPath(options.database)}`
  console.log(`Keystile demo on http://localhost:${port} (${at}). Stop with Ctrl+C.`)
}

/** Only the framework that was asked for is loaded. */
const servers: Record<Framework, (site: Site) => Promise<Server>> = {
  express: async (site) => (await import('./servers/express.ts')).expressServer(site),
  fastify: async (site) => (await import('./servers/fastify.ts')).fastifyServer(site),
  hono: async (site) => (await import('./servers/hono.ts')).honoServer(site),
  koa: async (site) => (await import('./servers/koa.ts')).koaServer(site),
}

/** Listens for this machine alone: the outbox is open to whoever reaches it. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', () => resolve((server.address() as AddressInfo).port))
  })
}

main().catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE'
  const told = taken
    ? 'The port is taken. Stop what uses it, or choose another: npm run demo -- --port 3001'
    : error.message
  console.error(told)
  process.exit(1)
})
