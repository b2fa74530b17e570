import type { IncomingMessage, ServerResponse } from 'node:http'
import { keystile } from '@keystile/node'
import { getIronSession } from 'iron-session'
import { secret } from '../../contender.ts'
import { createKeystile } from '../../keystile.ts'
import { cookieOf, type Made, type Servers, text, user } from '../host.ts'
import { betterAuthReader, floorReader, type Reader } from '../reader.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

const json = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
const answer: Handler = (_req, res) => res.writeHead(200, json).end(text)
const refuse = (res: ServerResponse) => res.writeHead(401, { 'content-length': 0 }).end()

const serving = (guarded: Handler, rest: Partial<Made> & { signIn?: Handler } = {}): Made => ({
  cookie: rest.cookie,
  listener: (req, res) => {
    if (req.url === '/open') answer(req, res)
    else if (req.url === '/sign-in') rest.signIn?.(req, res)
    else guarded(req, res)
  },
})

async function gated(cookieCache: boolean): Promise<Made> {
  const auth = createKeystile({ path: ':memory:', cookieCache })
  const gate = keystile(auth)
  const guarded = gate.requireSession(answer)
  return serving(async (req, res) => (await gate(req, res)) || guarded(req, res), { cookie: await cookieOf(auth) })
}

const readBy = ({ cookie, read }: Reader): Made =>
  serving(async (req, res) => ((await read(req.headers)) ? answer(req, res) : refuse(res)), { cookie })

function ironSession(): Made {
  const open = (req: IncomingMessage, res: ServerResponse) =>
    getIronSession<{ user?: typeof user }>(req, res, { cookieName: 'iron', password: secret })
  return serving(async (req, res) => ((await open(req, res)).user ? answer(req, res) : refuse(res)), {
    async signIn(req, res) {
      const session = await open(req, res)
      session.user = user
      await session.save()
      res.end()
    },
  })
}

export const servers: Servers = {
  keystile: () => gated(false),
  'keystile, cookie cache': () => gated(true),
  floor: async () => readBy(await floorReader()),
  'better-auth': async () => readBy(await betterAuthReader()),
  'iron-session': ironSession,
}
