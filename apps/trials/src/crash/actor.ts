/**
 * A user, and what is known of them. Whatever an act may change is in doubt from the moment it is asked for until it is
 * answered: what was cut off may have happened or not, what was answered has.
 */
import { randomUUID } from 'node:crypto'
import { type Answer, sessionCookie, type Visitor } from '../visitor.ts'

export type Act = 'sign-up' | 'sign-in' | 'change-password' | 'revoke' | 'sign-out'

export interface Session {
  readonly cookie: string
  readonly token: string
  state: 'live' | 'ended' | 'in doubt'
}

/** A change of password that was asked for: the others end with the old password, or nothing has happened. */
interface Change {
  readonly password: string
  readonly others: readonly Session[]
  /** Where the caller's token changes too, in a step of its own. */
  readonly own: Session | undefined
}

export interface Actor {
  readonly email: string
  there: boolean | 'in doubt'
  password: string
  /** What the password was before: it must open nothing. */
  former: string | undefined
  change: Change | undefined
  sessions: Session[]
  /** What was asked for and not answered. */
  cutOff: Act | undefined
  acts: number
}

export interface Scene {
  readonly ask: Visitor['ask']
  readonly random: () => number
  /** Takes note of a broken promise. */
  readonly wrong: (what: string) => void
}

export const newActor = (): Actor => ({
  email: `${randomUUID()}@example.com`,
  there: false,
  password: randomUUID(),
  former: undefined,
  change: undefined,
  sessions: [],
  cutOff: undefined,
  acts: 0,
})

export const live = (actor: Actor) => actor.sessions.filter(({ state }) => state === 'live')

/** Each returns false where it was cut off. */
export const acts: Readonly<Record<Act, (actor: Actor, scene: Scene) => Promise<boolean>>> = {
  async 'sign-up'(actor, { ask, random, wrong }) {
    const spellings = random() < 0.3 ? [actor.email, actor.email.toUpperCase()] : [actor.email]
    actor.there = 'in doubt'
    const answers = await Promise.all(
      spellings.map((email) => ask('/sign-up/email', { body: { name: 'Ada', email, password: actor.password } })),
    )
    const answered = answers.filter((answer) => answer !== undefined)
    const made = answered.filter(({ status }) => status === 200)
    const refused = answered.filter(isTaken)
    if (made.length > 1) wrong(`${actor.email} was signed up twice`)
    if (made.length === 0 && refused.length === spellings.length) wrong(`${actor.email} was refused, and nobody has it`)
    if (made.length + refused.length < answered.length) wrong(`sign-up answered ${answered.map(told).join(' and ')}`)
    if (answered.length > 0) actor.there = true
    for (const answer of made) keep(actor, answer)
    return answered.length === spellings.length
  },

  async 'sign-in'(actor, { ask, random, wrong }) {
    const before = random() < 0.3 ? pick(live(actor), random) : undefined
    if (before) before.state = 'in doubt'
    const { email, password } = actor
    const answer = await ask('/sign-in/email', { cookie: before?.cookie, body: { email, password } })
    if (!answer) return false
    if (answer.status !== 200) wrong(`sign-in answered ${told(answer)}`)
    keep(actor, answer)
    if (before) before.state = 'ended'
    return true
  },

  async 'change-password'(actor, { ask, random, wrong }) {
    const own = pick(live(actor), random)
    const revokeOtherSessions = pick([undefined, false, true], random)
    const others = revokeOtherSessions === false ? [] : live(actor).filter((session) => session !== own)
    const change = { password: randomUUID(), others, own: revokeOtherSessions ? own : undefined }
    actor.change = change
    for (const session of ended(change)) session.state = 'in doubt'
    const body = { currentPassword: actor.password, newPassword: change.password, revokeOtherSessions }
    const answer = await ask('/change-password', { cookie: own?.cookie, body })
    if (!answer) return false
    actor.change = undefined
    if (answer.status !== 200) {
      wrong(`change-password answered ${told(answer)}`)
      return true
    }
    changed(actor, change)
    for (const session of ended(change)) session.state = 'ended'
    if (change.own) keep(actor, answer)
    return true
  },

  async revoke(actor, { ask, random, wrong }) {
    const by = pick(live(actor), random)
    const target = pick(live(actor), random)
    const others = live(actor).filter((session) => session !== by)
    const [path, targets] = pick(
      [
        ['/revoke-session', target ? [target] : []],
        ['/revoke-other-sessions', others],
        ['/revoke-sessions', live(actor)],
      ] as const,
      random,
    ) ?? ['', []]
    for (const session of targets) session.state = 'in doubt'
    const answer = await ask(path, { cookie: by?.cookie, body: { token: target?.token } })
    if (!answer) return false
    if (answer.status !== 200) wrong(`${path} answered ${told(answer)}`)
    for (const session of targets) session.state = 'ended'
    return true
  },

  async 'sign-out'(actor, { ask, random, wrong }) {
    const session = pick(live(actor), random)
    if (!session) return true
    session.state = 'in doubt'
    const answer = await ask('/sign-out', { cookie: session.cookie, body: {} })
    if (!answer) return false
    if (answer.status !== 200) wrong(`sign-out answered ${told(answer)}`)
    session.state = 'ended'
    return true
  },
}

export function changed(actor: Actor, { password }: Change): void {
  actor.former = actor.password
  actor.password = password
}

const ended = ({ others, own }: Change) => (own ? [...others, own] : others)

/** Keeps the session that an answer opened. */
export function keep(actor: Actor, answer: Answer): void {
  const cookie = sessionCookie(answer)
  const { token } = answer.body as { readonly token?: string | null }
  if (cookie && token) actor.sessions.push({ cookie, token, state: 'live' })
}

export const isTaken = ({ status, body }: Answer) =>
  status === 422 && (body as { code?: unknown }).code === 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL'

export const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)}`

export function pick<T>(from: readonly T[], random: () => number): T | undefined {
  return from[Math.floor(random() * from.length)]
}
