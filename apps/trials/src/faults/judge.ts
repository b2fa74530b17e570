/** One flow with faults on a fresh copy, and what must hold then. */
import type { Failure, Fault } from './fault.ts'
import type { Flow } from './flows.ts'
import { type HeldTimers, holdTimers } from './timers.ts'
import { type Answer, minute, type Site, type StoreKind, sessionCookie, type World } from './world.ts'

/** How a flow goes when nothing fails. */
export interface Reference {
  readonly calls: readonly string[]
  readonly status: number
  readonly isNull: boolean
}

export async function reference(world: World, store: StoreKind, flow: Flow): Promise<Reference> {
  const site = world.open(store, flow)
  site.faults.arm()
  try {
    const { status, body } = await flow.run(site)
    await site.idle()
    if (site.logged.length > 0) throw new Error(`${store}, ${flow.name}: ${site.logged}`)
    return { calls: site.faults.calls, status, isNull: body === null }
  } finally {
    await site.close()
  }
}

/** Runs a flow with faults; gives what was broken, nothing where all held. */
export async function judge(
  world: World,
  store: StoreKind,
  flow: Flow,
  usual: Reference,
  faults: readonly Fault[],
): Promise<string[]> {
  const broken: string[] = []
  const site = world.open(store, flow)
  const timers = holdTimers()
  try {
    site.faults.arm(...faults)
    const answer = await settle(site, store, flow, timers, broken)
    const { happened, failed } = site.faults
    // What hangs goes on when nobody waits for it any more; a connection that hangs is gone.
    if (store !== 'remote') site.faults.tell()
    site.faults.arm()
    await inNoTime(site.idle(), timers)
    broken.push(...judgeAnswer(flow, usual, happened, failed, answer, site))
    // Of a row that a database wrote before it went for good without a word nobody can know.
    const unknowable = happened.includes('lost') && happened.includes('down')
    if (unknowable) for (const { token } of site.rows('session')) site.sent.add(String(token))
    broken.push(...(await judgeSessions(site, answer)))
    broken.push(...judgeUsers(site))
    if (flow.whole?.(site) === false) broken.push('half of it is done')
    broken.push(...(await judgeRecovery(site, flow, usual)))
  } finally {
    timers.restore()
    await site.close()
  }
  return broken
}

/** Runs the flow to its end. While one call hangs others are served; one that is past its time is given up. */
async function settle(site: Site, store: StoreKind, flow: Flow, timers: HeldTimers, broken: string[]): Promise<Answer> {
  const { faults } = site
  const running = flow.run(site)
  const isDone = await Promise.race([running.then(() => true), faults.hung.then(() => false)])
  if (!isDone && store !== 'remote' && faults.hanging === 'outside') {
    const asked = { cookie: site.cookies.bob, address: '192.0.2.2' }
    const other = await faults.aside(() => site.ask('/get-session', asked))
    if (other.status !== 200) broken.push(`others get ${other.status} while a call hangs`)
    faults.tell()
  }
  return inNoTime(running, timers)
}

/** What work gives, whatever time limits it runs into. */
async function inNoTime<T>(work: Promise<T>, timers: HeldTimers): Promise<T> {
  let done = false
  const end = () => {
    done = true
  }
  work.then(end, end)
  while (!done) {
    for (let turn = 0; turn < 20 && !done; turn++) await new Promise(setImmediate)
    if (!done) timers.elapse()
  }
  return work
}

/** A clear error where the store failed, and the usual answer where it did not. */
function judgeAnswer(
  flow: Flow,
  usual: Reference,
  failures: readonly Failure[],
  calls: readonly string[],
  answer: Answer,
  site: Site,
): string[] {
  const { status, code, body } = answer
  const told = site.logged.some((line) => line.startsWith('error:'))
  const seen = `${status} ${code ?? ''}`.trim()
  if (failures.length === 0 || flow.behind) {
    if (failures.length > 0 && !told) return ['nothing was logged']
    if (status !== usual.status || (body === null) !== usual.isNull) return [`${seen} in place of ${usual.status}`]
    return []
  }
  const { spares } = flow
  if (spares && calls.every((call) => spares.test(call))) {
    if (status !== usual.status) return [`${seen} after ${failures}, which it can do without`]
    return site.logged.some((line) => line.startsWith('warn:')) ? [] : [`${seen}, and nothing was logged`]
  }
  if (!failures.some((failure) => clear[failure].includes(seen))) return [`${seen} after ${failures}`]
  return told || flow.thrown ? [] : [`${seen}, and nothing was logged`]
}

const away = ['503 SERVICE_UNAVAILABLE', '503 DATABASE_UNREACHABLE']
/** Status and code that say clearly what failed. */
const clear: Readonly<Record<Failure, readonly string[]>> = {
  unavailable: away,
  lost: away,
  down: away,
  hang: away,
  error: [...away, '500', '503 TABLE_UNREADABLE', '500 FAILED_TO_GET_SESSION', '422 FAILED_TO_CREATE_USER'],
}

/** No cookie without its session, no session without its cookie. */
async function judgeSessions(site: Site, answer: Answer): Promise<string[]> {
  const broken: string[] = []
  const cookie = sessionCookie(answer)
  if (cookie) {
    const read = await site.ask('/get-session?disableCookieCache=true', { cookie })
    if (read.status !== 200 || read.body === null) broken.push(`a cookie for no session: ${read.status}`)
  }
  const orphans = site.rows('session').filter(({ token }) => !site.sent.has(String(token)))
  if (orphans.length > 0) broken.push('a session whose cookie was never sent')
  return broken
}

/** A user and their password come into being together. */
function judgeUsers(site: Site): string[] {
  const users = site.rows('user').map(({ id }) => id)
  const accounts = site.rows('account').map(({ userId }) => userId)
  const whole = users.length === accounts.length && users.every((id) => accounts.includes(id))
  return whole ? [] : ['a user without a password, or a password without a user']
}

/** The same instance serves the same flow, and a flow that writes in a transaction. */
async function judgeRecovery(site: Site, flow: Flow, usual: Reference): Promise<string[]> {
  const broken: string[] = []
  site.clock.now += minute
  const again = await flow.run(site)
  if (![usual.status, ...(flow.again ?? [])].includes(again.status)) broken.push(`asked again: ${again.status}`)
  site.clock.now += minute
  const signedUp = await site.ask('/sign-up/email', { body: zoe })
  if (signedUp.status !== 200) broken.push(`a sign-up afterwards: ${signedUp.status}`)
  await site.idle()
  return [...broken, ...(await judgeSessions(site, signedUp)).map((line) => `afterwards ${line}`)]
}

const zoe = { name: 'Zoe', email: 'zoe@example.com', password: 'a third password' }
