/** What the contenders are asked, and what they must answer alike. */
import { type Contender, type ContenderName, openContender } from './contender.ts'
import type { Ask } from './rounds.ts'
import { forge, get, newUser, post, signUp } from './visitor.ts'

export interface Scenario {
  readonly name: string
  /** At least this many times better-auth. */
  readonly overPeer: number
  /** At least this share of the floor; left out where the floor has no such thing. */
  readonly ofFloor?: number | undefined
  readonly cookieCache?: boolean | undefined
  prepare(contender: Contender): Promise<() => Promise<unknown>>
}

const asked = (contender: Contender, request: () => Request) => async () => (await contender.handler(request())).text()

export const scenarios: readonly Scenario[] = [
  {
    name: 'get-session',
    overPeer: 10,
    ofFloor: 0.6,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      return asked(contender, () => get('/get-session', cookie))
    },
  },
  {
    name: 'auth.api.getSession',
    overPeer: 25,
    ofFloor: 0.5,
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

/** A scenario with a contender that has a database of its own, once it has shown what it answers. */
export async function ready(scenario: Scenario, name: ContenderName): Promise<{ ask: Ask<ContenderName>; answer: unknown }> {
  const contender = await openContender(name, { path: ':memory:', cookieCache: scenario.cookieCache })
  const run = await scenario.prepare(contender)
  const answer = await run()
  return { ask: { name, run }, answer: shape(typeof answer === 'string' ? JSON.parse(answer) : answer) }
}

/** An answer without what differs from one server, or call, to the next: ids, tokens, times, addresses. */
function shape(value: unknown): unknown {
  if (value instanceof Date) return 'Date'
  if (typeof value === 'string') return /^(\d{4}-\d\d-\d\dT|[\w-]{32,}$|ada\d+@)/.exec(value) ? 'made' : value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, field]) => [name, shape(field)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
