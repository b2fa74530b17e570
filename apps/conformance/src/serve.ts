/**
 * Serves the site on Node, Bun or Deno: `serve.js <database>`. Prints the port, and ends when its stdin does, so that it
 * never outlives who started it.
 */
import { serve } from '@hono/node-server'
import { type Answering, answering } from './answering.ts'

interface Servers {
  readonly Bun?: { serve(options: { port: number; hostname: string; fetch: Answering }): { readonly port: number } }
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen: (at: { port: number }) => void },
      fetch: Answering,
    ): unknown
  }
}

const { Bun, Deno } = globalThis as Servers
const fetch = answering(process.argv[2] ?? ':memory:')
const at = { port: 0, hostname: '127.0.0.1' }
const tell = (port: number) => process.stdout.write(`${port}\n`)

if (Bun) tell(Bun.serve({ ...at, fetch }).port)
else if (Deno) Deno.serve({ ...at, onListen: ({ port }) => tell(port) }, fetch)
else serve({ ...at, fetch }, ({ port }) => tell(port))

process.stdin.on('end', () => process.exit()).resume()
