import { getIronSession } from 'iron-session'
import { type Contender, secret } from './contender.ts'

/** All of the session is in a sealed cookie; there is no store. */
export function openIronSession(): Contender {
  const open = (request: Request, response: Response) =>
    getIronSession<{ user?: object }>(request, response, { cookieName: 'iron', password: secret })
  const getSession = async (request: Request) => ({ ...(await open(request, new Response())) }).user ?? null
  return {
    name: 'iron-session',
    handler: async (request) => Response.json(await getSession(request)),
    getSession: (headers) => getSession({ headers } as Request),
    async signUp({ name, email }) {
      const response = new Response()
      const session = await open(new Request('http://localhost'), response)
      session.user = { id: email, name, email }
      await session.save()
      return (response.headers.getSetCookie()[0] ?? '').split(';', 1)[0] as string
    },
  }
}
