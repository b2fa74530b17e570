/** What the contenders are asked, and what they must answer alike. */
import type { Contender } from './contender.ts'
import { forge, get, newUser, post, signUp } from './visitor.ts'

export interface Scenario {
  readonly name: string
  /** At least this many times better-auth. */
  readonly overPeer: number
  /** At least this share of the floor; left out where the floor has no such thing. */
  readonly ofFloor?: number | undefined
  /** Both are goals that `--check` insists on; those of the others are there to be known. */
  readonly required?: boolean | undefined
  readonly cookieCache?: boolean | undefined
  prepare(contender: Contender): Promise<() => Promise<unknown>>
}

const asked = (contender: Contender, request: () => Request) => async () => (await contender.handler(request())).text()

export const scenarios: readonly Scenario[] = [
  {
    name: 'get-session',
    overPeer: 10,
    ofFloor: 0.6,
    required: true,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      return asked(contender, () => get('/get-session', cookie))
    },
  },
  {
    name: 'auth.api.getSession',
    overPeer: 25,
    ofFloor: 0.5,
    required: true,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      const headers = new Headers({ cookie })
      return () => contender.getSession(headers)
    },
  },
  {
    name: 'get-session, cookie cache',
    overPeer: 14,
    cookieCache: true,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      return asked(contender, () => get('/get-session', cookie))
    },
  },
  {
    name: 'get-session, signed out',
    overPeer: 12,
    ofFloor: 0.75,
    prepare: async (contender) => asked(contender, () => get('/get-session')),
  },
  {
    name: 'get-session, forged cookie',
    overPeer: 14,
    async prepare(contender) {
      const cookie = forge((await signUp(contender)).cookie)
      return asked(contender, () => get('/get-session', cookie))
    },
  },
  {
    name: '/ok',
    overPeer: 12,
    ofFloor: 0.75,
    required: true,
    prepare: async (contender) => asked(contender, () => get('/ok')),
  },
  {
    name: 'sign-in, no hashing',
    overPeer: 7,
    ofFloor: 0.6,
    async prepare(contender) {
      const { email, password } = await signUp(contender)
      return asked(contender, () => post('/sign-in/email', { email, password }))
    },
  },
  {
    name: 'sign-up, no hashing',
    overPeer: 7,
    ofFloor: 0.6,
    prepare: async (contender) => asked(contender, () => post('/sign-up/email', newUser())),
  },
]
