/** What must be true of acts that happened at once. */
import type { Act, Held } from './acts.ts'
import type { Span } from './schedule.ts'
import { type Answer, type Device, isLive, type World } from './world.ts'

export interface Outcome extends Span {
  readonly act: Act
  readonly result: Answer
}

const isDone = ({ result }: Outcome) => result.status < 300 && result.json !== null

/** Gives a sentence for each promise that is broken. `exact`: an act's end is the step of its last call to the store. */
export async function judge(world: World, outcomes: readonly Outcome[], exact: boolean): Promise<string[]> {
  const wrong: string[] = []
  const done = outcomes.filter(isDone)

  for (const { act, result } of outcomes) if (result.status >= 500) wrong.push(`${act.name} answers ${result.status}`)
  for (const one of outcomes) {
    const reasons = outcomes.filter((other) => other !== one && isDone(other) && takesAway(other.act, one.act))
    if (isDone(one)) {
      const at = exact && one.act.lastly ? one.ended - 1 : one.began
      const too = reasons.find((other) => other.ended <= at)
      if (too) wrong.push(`${one.act.name} succeeds after ${too.act.name} had been answered`)
    } else if (one.act.needs === 'new password') {
      const given = outcomes.find((other) => isDone(other) && other.act.endsPassword && other.ended <= one.began)
      if (given?.act.once) wrong.push(`${one.act.name} is refused after ${given.act.name}`)
    } else if (one.act.needs && !reasons.some((other) => other.began < one.ended)) {
      wrong.push(`${one.act.name} is refused (${one.result.status}) without a reason`)
    }
  }

  for (const name of new Set(outcomes.flatMap(({ act }) => act.once ?? []))) {
    const rivals = outcomes.filter(({ act }) => act.once === name)
    const winners = rivals.filter(isDone).length
    if (winners > 1) wrong.push(`${winners} times the one ${name}`)
    if (winners === 0 && rivals.length > 1 && !rivals.some(({ act }) => act.needs)) wrong.push(`no ${name}`)
  }

  const prepared: Span = { began: -1, ended: -1 }
  const given = done.flatMap((outcome) => {
    const { cookie } = outcome.result
    const own = Object.values(world.cookies).includes(cookie ?? '')
    return cookie && !own ? [{ held: { cookie, from: outcome.act } as Held, opened: outcome as Span }] : []
  })
  const devices = (['a', 'b'] as const).map((from) => ({
    held: { cookie: world.cookies[from], from },
    opened: prepared,
  }))
  for (const { held, opened } of [...devices, ...given]) {
    const name =
      typeof held.from === 'string' ? `the session of ${held.from}` : `the session given by ${held.from.name}`
    const about = typeof held.from === 'string' ? undefined : held.from.about
    const enders = done.filter(
      (other) => other !== opened && other.act.about === about && (other.act.ends?.(held) ?? 'never') !== 'never',
    )
    const sure = enders.find(({ act, began }) => {
      const ends = act.ends?.(held)
      return ends === 'always' || (ends === 'before' && opened.ended <= began)
    })
    const live = await isLive(world.auth, held.cookie)
    if (live && sure) wrong.push(`${name} lives after ${sure.act.name}`)
    if (!live && !enders.some(({ ended }) => ended > opened.began)) wrong.push(`${name} is dead without a reason`)
  }

  const { store, tables } = await world.auth.$context
  const users = new Set((await store.list(tables.user, {})).map(({ id }) => id))
  for (const { userId } of await store.list(tables.session, {})) {
    if (!users.has(userId)) wrong.push('a session of nobody')
  }
  return wrong
}

/** Whether one act, done, is why another could be refused. */
function takesAway(act: Act, from: Act): boolean {
  const { needs } = from
  if (needs === undefined || needs === 'new password') return false
  if (act.endsPassword && (needs === 'old password' || from.endsPassword)) return true
  return needs !== 'old password' && endsDevice(act, needs)
}

const endsDevice = (act: Act, device: Device) => act.ends?.({ cookie: '', from: device }) === 'always'
