/** What must hold once the server is back: asked of it as anybody may, and read from its file. */
import { type Actor, changed, isTaken, keep, type Scene, type Session, told } from './actor.ts'
import { query } from './driver.ts'

const gone = 'the server has ended by itself'

/** Holds what is known of a user against the server, and learns from it what was in doubt. True where that was done. */
export async function settle(actor: Actor, scene: Scene): Promise<boolean> {
  const { wrong } = scene
  const { cutOff } = actor
  actor.cutOff = undefined
  if (actor.there === false) return false
  if (actor.there === 'in doubt') {
    if (!(await enters(actor, actor.password, scene))) {
      await signUpAgain(actor, scene)
      return false
    }
    actor.there = true
    return true
  }

  let done = false
  const { change } = actor
  if (change) {
    actor.change = undefined
    done = await enters(actor, change.password, scene)
    for (const session of change.others) session.state = done ? 'ended' : 'live'
    if (change.own && !done) change.own.state = 'live'
    if (done) changed(actor, change)
    else if (await enters(actor, change.password, scene)) wrong(`${actor.email} has two passwords`)
  }
  if (!(await enters(actor, actor.password, scene))) wrong(`${actor.email} cannot sign in`)
  if (actor.former && (await enters(actor, actor.former, scene))) wrong(`${actor.email} signs in as before the change`)
  const doubtful = actor.sessions.filter(({ state }) => state === 'in doubt')
  for (const session of actor.sessions) await settleSession(session, actor, scene)
  if (cutOff === 'revoke' || cutOff === 'sign-out') done = doubtful.every(({ state }) => state === 'ended')
  return done
}

/** Nothing of a sign-up that was cut off stands in the way of another one. */
async function signUpAgain(actor: Actor, { ask, wrong }: Scene): Promise<void> {
  const { email, password } = actor
  const answer = (await ask('/sign-up/email', { body: { name: 'Ada', email, password } })) ?? stop()
  if (isTaken(answer)) wrong(`${email} is half made: taken, and cannot sign in`)
  else if (answer.status !== 200) wrong(`sign-up after the restart answered ${told(answer)}`)
  actor.there = true
  keep(actor, answer)
}

async function enters(actor: Actor, password: string, { ask, wrong }: Scene): Promise<boolean> {
  const answer = (await ask('/sign-in/email', { body: { email: actor.email, password } })) ?? stop()
  if (answer.status !== 200 && answer.status !== 401) wrong(`sign-in after the restart answered ${told(answer)}`)
  keep(actor, answer)
  return answer.status === 200
}

async function settleSession(session: Session, actor: Actor, { ask, wrong }: Scene): Promise<void> {
  const answer = (await ask('/get-session', { cookie: session.cookie })) ?? stop()
  const { user } = (answer.body ?? {}) as { readonly user?: { readonly email: string } }
  if (answer.status !== 200) wrong(`get-session after the restart answered ${told(answer)}`)
  if (user && user.email !== actor.email) wrong(`a session of ${actor.email} shows ${user.email}`)
  if (user && session.state === 'ended') wrong(`a session of ${actor.email} lives on after its end`)
  if (!user && session.state === 'live') wrong(`a session of ${actor.email} is lost`)
  session.state = user ? 'live' : 'ended'
}

function stop(): never {
  throw new Error(gone)
}

/** Each counts what must not be. */
const forbidden: Readonly<Record<string, string>> = {
  'users without an account': 'select count(*) as n from "user" where id not in (select "userId" from account)',
  'accounts without a user': 'select count(*) as n from account where "userId" not in (select id from "user")',
  'users with two passwords': 'select count(*) - count(distinct "userId") as n from account',
  'sessions without a user': 'select count(*) as n from session where "userId" not in (select id from "user")',
  'sessions with one token': 'select count(*) - count(distinct token) as n from session',
  'users with one address': 'select count(*) - count(distinct lower(email)) as n from "user"',
}

/** Reads the rows beside the server. */
export async function checkRows(file: string, wrong: Scene['wrong']): Promise<void> {
  const [integrity = [], ...counts] = await query(file, ['pragma integrity_check', ...Object.values(forbidden)])
  const verdict = (integrity as { integrity_check?: unknown }[]).map((row) => row.integrity_check).join()
  if (verdict !== 'ok') wrong(`the file is damaged: ${verdict}`)
  for (const [i, what] of Object.keys(forbidden).entries()) {
    const [row] = counts[i] as { n: number }[]
    if (row?.n !== 0) wrong(`${row?.n} ${what}`)
  }
}
