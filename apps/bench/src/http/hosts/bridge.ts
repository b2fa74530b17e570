/** The same Fetch handler behind different bridges, and node:http without any. */
import { getRequestListener } from '@hono/node-server'
import { toNodeHandler } from '@keystile/node'
import { createKeystile } from '../../keystile.ts'
import { cookieOf, type Servers, text } from '../host.ts'

const json = { 'content-type': 'application/json' }

/** The handler of an auth, and two paths that leave all the work to the bridge. */
async function handler() {
  const auth = createKeystile({ path: ':memory:' })
  const handle = async (request: Request): Promise<Response> => {
    if (request.url.endsWith('/fixed')) return new Response(text, { headers: json })
    if (request.url.endsWith('/echo')) return new Response(await request.text(), { headers: json })
    return auth.handler(request)
  }
  return { handle, cookie: await cookieOf(auth) }
}

export const servers: Servers = {
  async keystile() {
    const { handle, cookie } = await handler()
    return { listener: toNodeHandler({ handler: handle }), cookie }
  },
  async '@hono/node-server'() {
    const { handle, cookie } = await handler()
    return { listener: getRequestListener(handle), cookie }
  },
}
