/** Users and what they do: read, come and go, a few sign up or change their password. */
import { randomUUID } from 'node:crypto'
import { type Answer, type Question, sessionCookie, type Visitor } from '../visitor.ts'

/** What came of a request. Shed: refused for now, in the way that says so. */
export interface Outcome {
  readonly act: string
  readonly kind: 'done' | 'shed' | 'failed'
  readonly status: number
  readonly began: number
  readonly milliseconds: number
}

/** Acts that need a password hash, the dearest thing there is. */
export const hashing: ReadonlySet<string> = new Set(['sign-in', 'sign-up', 'change-password'])

type Name = 'get-session' | 'list-sessions' | 'update-user' | 'sign-out' | 'sign-in' | 'sign-up' | 'change-password'

/** How often each is done, in a hundred: so many hashes that three times the capacity is within the clients' reach. */
const mix: readonly (readonly [Name, number])[] = [
  ['get-session', 30],
  ['list-sessions', 6],
  ['update-user', 4],
  ['sign-out', 22],
  ['sign-in', 25],
  ['sign-up', 8],
  ['change-password', 5],
]
const hundred = mix.flatMap(([name, times]) => Array.from({ length: times }, () => name))

export interface Client {
  /** Does one of the things above, by chance. */
  act(): Promise<Outcome>
  signIn(): Promise<Outcome>
  read(): Promise<Outcome>
}

const password = 'correct horse battery staple'
/** Sessions a user has at most: the oldest is signed out. */
const mostSessions = 8

/** `index` makes the client's addresses, a few of them: limits are per address. */
export async function newClient(visits: Visitor, random: () => number, index: number): Promise<Client> {
  const email = `${randomUUID()}@example.com`
  const address = () => `10.${index}.0.${Math.floor(random() * 64)}`
  const ask = (path: string, question: Question) =>
    visits.ask(path, { ...question, headers: { 'x-forwarded-for': address() } })

  const signedUp = await ask('/sign-up/email', { body: { name: 'Ada', email, password } })
  const main = signedUp && sessionCookie(signedUp)
  if (!main) throw new Error(`sign-up before the load was answered with ${signedUp?.status}`)
  const sessions: string[] = []
  /** Of accounts that this client made later. Each changes its password by one request at a time, and nothing else. */
  const others: string[] = []

  async function outcome(
    act: Name,
    path: string,
    question: Question,
    right: (answer: Answer) => boolean,
  ): Promise<Outcome> {
    const began = performance.now()
    const answer = await ask(path, question)
    const milliseconds = performance.now() - began
    const { status = 0, headers } = answer ?? {}
    const shed = (status === 503 || status === 429) && headers?.['retry-after'] !== undefined
    const kind = shed ? 'shed' : answer && status === 200 && right(answer) ? 'done' : 'failed'
    return { act, kind, status, began, milliseconds }
  }

  const acts: Readonly<Record<Name, () => Promise<Outcome>>> = {
    'get-session': () =>
      outcome('get-session', '/get-session', { cookie: main }, ({ body }) => {
        return (body as { readonly user?: { readonly email: string } } | null)?.user?.email === email
      }),
    'list-sessions': () => {
      return outcome('list-sessions', '/list-sessions', { cookie: main }, ({ body }) => Array.isArray(body))
    },
    'update-user': () => outcome('update-user', '/update-user', { cookie: main, body: { name: 'Ada L.' } }, () => true),
    async 'sign-in'() {
      if (sessions.length >= mostSessions) return acts['sign-out']()
      return outcome('sign-in', '/sign-in/email', { body: { email, password } }, (answer) => {
        const cookie = sessionCookie(answer)
        if (cookie) sessions.push(cookie)
        return cookie !== undefined
      })
    },
    'sign-out': () => {
      const cookie = sessions.shift()
      return outcome('sign-out', '/sign-out', { cookie, body: {} }, () => true)
    },
    'sign-up': () => {
      const body = { name: 'Ada', email: `${randomUUID()}@example.com`, password }
      return outcome('sign-up', '/sign-up/email', { body }, (answer) => {
        const cookie = sessionCookie(answer)
        if (cookie && others.length === 0) others.push(cookie)
        return cookie !== undefined
      })
    },
    async 'change-password'() {
      const cookie = others.pop()
      if (!cookie) return acts['get-session']()
      const body = { currentPassword: password, newPassword: password }
      const changed = await outcome('change-password', '/change-password', { cookie, body }, () => true)
      others.push(cookie)
      return changed
    },
  }

  return {
    act() {
      const name = hundred[Math.floor(random() * hundred.length)] ?? 'get-session'
      return acts[name]()
    },
    signIn: () => acts['sign-in'](),
    read: () => acts['get-session'](),
  }
}
