/** What the contenders are asked, and what those of one wire must answer alike. */
import type { Contender, ContenderName } from './contender.ts'
import { forge, get, newUser, post, signUp } from './visitor.ts'

/** One request, to be made again and again. */
export interface Act {
  /** What it takes and can be used once; made outside the measured time. */
  input?(): Promise<string>
  run(input: string): Promise<unknown>
}

export interface Scenario {
  readonly name: string
  /** Beside those of the wire. */
  readonly peers?: readonly ContenderName[] | undefined
  /** At least this many times better-auth. */
  readonly overPeer: number
  /** At least this share of the floor; left out where the floor has no such thing. */
  readonly ofFloor?: number | undefined
  /** At most so many kilobytes of heap. */
  readonly heap?: number | undefined
  /** Goals of time that `--check` insists on; those of the others are there to be known. */
  readonly required?: boolean | undefined
  readonly cookieCache?: boolean | undefined
  prepare(contender: Contender): Promise<Act>
}

const asked = (contender: Contender, request: (input: string) => Request) => async (input: string) =>
  (await contender.handler(request(input))).text()

export const getSession: Scenario = {
  name: 'get-session',
  peers: ['Auth.js'],
  overPeer: 10,
  ofFloor: 0.6,
  heap: 30,
  required: true,
  async prepare(contender) {
    const { cookie } = await signUp(contender)
    return { run: asked(contender, () => get('/get-session', cookie)) }
  },
}

export const ok: Scenario = {
  name: '/ok',
  overPeer: 12,
  ofFloor: 0.75,
  required: true,
  prepare: async (contender) => ({ run: asked(contender, () => get('/ok')) }),
}

export const scenarios: readonly Scenario[] = [
  getSession,
  {
    name: 'auth.api.getSession',
    overPeer: 25,
    ofFloor: 0.5,
    heap: 6,
    required: true,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      const headers = new Headers({ cookie })
      return { run: () => contender.getSession(headers) }
    },
  },
  {
    name: 'get-session, cookie cache',
    peers: ['Auth.js', 'iron-session'],
    overPeer: 14,
    cookieCache: true,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      return { run: asked(contender, () => get('/get-session', cookie)) }
    },
  },
  {
    name: 'get-session, signed out',
    peers: ['Auth.js', 'iron-session'],
    overPeer: 12,
    ofFloor: 0.75,
    prepare: async (contender) => ({ run: asked(contender, () => get('/get-session')) }),
  },
  {
    name: 'get-session, forged cookie',
    overPeer: 14,
    async prepare(contender) {
      const cookie = forge((await signUp(contender)).cookie)
      return { run: asked(contender, () => get('/get-session', cookie)) }
    },
  },
  ok,
  {
    name: 'sign-in, no hashing',
    overPeer: 7,
    ofFloor: 0.6,
    async prepare(contender) {
      const { email, password } = await signUp(contender)
      return { run: asked(contender, () => post('/sign-in/email', { email, password })) }
    },
  },
  {
    name: 'sign-up, no hashing',
    overPeer: 7,
    ofFloor: 0.6,
    prepare: async (contender) => ({ run: asked(contender, () => post('/sign-up/email', newUser())) }),
  },
  {
    name: 'list-sessions',
    overPeer: 7,
    ofFloor: 0.6,
    async prepare(contender) {
      const { cookie } = await signUp(contender)
      return { run: asked(contender, () => get('/list-sessions', cookie)) }
    },
  },
  {
    name: 'sign-out',
    overPeer: 7,
    ofFloor: 0.6,
    prepare: async (contender) => ({
      input: async () => (await signUp(contender)).cookie,
      run: asked(contender, (cookie) => post('/sign-out', {}, cookie)),
    }),
  },
]

/** With hashing as each does by default; the floor as Keystile. */
export const hashedSignIn: Scenario = {
  name: 'sign-in, default hash',
  overPeer: 1,
  async prepare(contender) {
    const { email, password } = await signUp(contender)
    return { run: asked(contender, () => post('/sign-in/email', { email, password })) }
  },
}

/** What of it is the hash: nobody is asked anything. */
export const hashAlone: Scenario = {
  name: 'argon2id alone',
  overPeer: 1,
  async prepare() {
    const { hash, verify } = await import('@node-rs/argon2')
    const { password } = newUser()
    const kept = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    return { run: async () => String(await verify(kept, password)) }
  },
}

/** Callers by turns, among as many sessions as the database has. */
export const manyCallers: Scenario = {
  name: 'get-session, callers by turns',
  overPeer: 10,
  async prepare(contender) {
    const cookies: string[] = []
    for (let i = 0; i < 100; i++) cookies.push((await signUp(contender)).cookie)
    let next = 0
    return { run: asked(contender, () => get('/get-session', cookies[next++ % cookies.length])) }
  },
}

/** All that a contestant can be asked for by name. */
export const allScenarios: readonly Scenario[] = [...scenarios, hashedSignIn, hashAlone, manyCallers]
