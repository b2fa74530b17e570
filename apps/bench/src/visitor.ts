/** A browser, as far as a server can tell. */
import { type Contender, type NewUser, origin } from './contender.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

export const get = (path: string, cookie?: string) =>
  new Request(`${origin}/api/auth${path}`, {
    headers: cookie === undefined ? { 'user-agent': agent } : { 'user-agent': agent, cookie },
  })

export const post = (path: string, body: object, cookie?: string) =>
  new Request(`${origin}/api/auth${path}`, {
    method: 'POST',
    headers: {
      'user-agent': agent,
      'content-type': 'application/json',
      origin,
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: JSON.stringify(body),
  })

let users = 0

export const newUser = (): NewUser => ({
  name: 'Ada Lovelace',
  email: `ada${users++}@example.com`,
  password: 'correct horse battery staple',
})

/** The `Cookie` header of a browser that got these answers, beside a cookie of the app's own. */
export function cookieHeader(response: Response): string {
  return ['theme=dark', ...response.headers.getSetCookie().map((line) => line.split(';', 1)[0])].join('; ')
}

export interface SignedUp {
  readonly cookie: string
  readonly email: string
  readonly password: string
}

/** Somebody new, by the route of the wire or the contender's own way. */
export async function signUp(contender: Pick<Contender, 'handler' | 'signUp'>): Promise<SignedUp> {
  const user = newUser()
  if (contender.signUp) return { ...user, cookie: await contender.signUp(user) }
  const response = await contender.handler(post('/sign-up/email', user))
  if (!response.ok) throw new Error(`sign-up was answered with ${response.status}`)
  return { cookie: cookieHeader(response), email: user.email, password: user.password }
}

/** The same cookies with the session's signature changed. */
export const forge = (cookie: string) =>
  cookie.replace(/(session_token=[^;]*\.)(.)/, (_, head, c) => `${head}${c === 'A' ? 'B' : 'A'}`)
