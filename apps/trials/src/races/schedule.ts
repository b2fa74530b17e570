/**
 * Acts at once, in an order that is chosen: each stops before every call to the store until it is given its turn. What
 * an act does between two calls touches nothing that others see, so the orders of the calls are all there is.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Store, Table, Verbs } from '@keystile/core'
import { seeded } from '../random.ts'

interface Actor {
  readonly index: number
  /** The call it waits to make. */
  next: { readonly what: string; readonly go: () => void } | undefined
  /** A call is with the store: past one turn of the loop it waits for another's transaction. */
  inStore: boolean
  done: boolean
  began: number
  ended: number
}

/** When an act began and had answered, as numbers of steps. */
export interface Span {
  readonly began: number
  readonly ended: number
}

export interface Step {
  readonly actor: number
  readonly what: string
}

export interface Played<T> {
  readonly results: readonly (Span & { readonly result: T })[]
  readonly steps: readonly Step[]
  /** What was chosen, among how many, wherever there was a choice. */
  readonly choices: readonly { readonly taken: number; readonly of: number }[]
}

/** The place of the actor that goes on, among the `able` ones. */
export type Choose = (able: readonly number[], last: number | undefined) => number

const acting = new AsyncLocalStorage<Actor>()

/** Waits for the actor's turn; what is called outside of a play goes on at once. */
function turn(what: string): Promise<void> | undefined {
  const actor = acting.getStore()
  if (!actor) return undefined
  if (actor.next) throw new Error(`${what} while ${actor.next.what} waits: an act makes one call at a time`)
  return new Promise((go) => {
    actor.next = { what, go }
  })
}

type Call = (...args: unknown[]) => Promise<unknown>

function stopping(verbs: object): Record<string, Call> {
  const stops = (name: string, call: Call): Call => {
    return async (...args) => {
      await turn(`${name} ${(args[0] as Table | undefined)?.name}`)
      return inside(() => call(...args))
    }
  }
  const calls = Object.entries(verbs).filter(([name, call]) => typeof call === 'function' && !notVerbs.has(name))
  return Object.fromEntries(calls.map(([name, call]) => [name, stops(name, call as Call)]))
}

const notVerbs = new Set(['transaction', 'ready', 'close'])

async function inside<T>(call: () => Promise<T>): Promise<T> {
  const actor = acting.getStore()
  if (!actor) return call()
  actor.inStore = true
  try {
    return await call()
  } finally {
    actor.inStore = false
  }
}

/** Makes every call to this store, the ends of its transactions too, a place where the order is chosen. */
export function stopAtCalls(store: Store): void {
  const { transaction } = store
  const inTurn: Store['transaction'] = async (work) => {
    await turn('begin')
    const actor = acting.getStore()
    return inside(() =>
      transaction(async (tx) => {
        if (actor) actor.inStore = false
        const result = await work(stopping(tx) as unknown as Verbs)
        await turn('commit')
        return result
      }),
    )
  }
  Object.assign(store, stopping(store), { transaction: inTurn })
}

/** Runs the acts to their ends, one call at a time. */
export async function play<T>(acts: readonly (() => Promise<T>)[], choose: Choose): Promise<Played<T>> {
  const steps: Step[] = []
  const choices: { taken: number; of: number }[] = []
  const actors = acts.map(
    (_, index): Actor => ({ index, next: undefined, inStore: false, done: false, began: 0, ended: 0 }),
  )
  const results = actors.map((actor, index) =>
    acting.run(actor, acts[index] as () => Promise<T>).finally(() => {
      actor.done = true
      actor.ended = steps.length
    }),
  )
  // Awaited at the end: one that fails before must not count as unhandled.
  for (const result of results) result.catch(() => undefined)
  let last: number | undefined
  for (let since = Date.now(); ; ) {
    await turnOfTheLoop()
    if (actors.every(({ done }) => done)) break
    const able = actors.filter(({ next }) => next)
    if (able.length === 0 || actors.some(({ done, next, inStore }) => !done && !next && !inStore)) {
      if (Date.now() - since > patience)
        throw new Error(`no act goes on after: ${steps.map(({ what }) => what).join(', ')}`)
      continue
    }
    since = Date.now()
    const at =
      able.length === 1
        ? 0
        : choose(
            able.map(({ index }) => index),
            last,
          )
    if (able.length > 1) choices.push({ taken: at, of: able.length })
    const actor = able[at] as Actor
    const { what, go } = actor.next as NonNullable<Actor['next']>
    if (!steps.some((step) => step.actor === actor.index)) actor.began = steps.length
    steps.push({ actor: actor.index, what })
    last = actor.index
    actor.next = undefined
    go()
  }
  const answered = await Promise.all(results)
  const spans = actors.map(({ began, ended }, i) => ({ began, ended, result: answered[i] as T }))
  return { results: spans, steps, choices }
}

/** How long no step may come, in milliseconds. */
const patience = 20_000

/** One play of a scene on rows of its own; gives what is wrong with the outcome. */
export type Scene = (choose: Choose) => Promise<{
  readonly played: Pick<Played<unknown>, 'steps' | 'choices'>
  readonly wrong: readonly string[]
}>

export interface Explored {
  readonly schedules: number
  /** Every order there is was played. */
  readonly whole: boolean
  /** The first order that came out wrong. */
  readonly failure?: { readonly wrong: readonly string[]; readonly schedule: string; readonly steps: readonly Step[] }
}

/** Plays every order of a scene where there are at most `most`, else that many and as many drawn by the seed. */
export async function explore(scene: Scene, most: number, seed: number): Promise<Explored> {
  const random = seeded(seed)
  let schedules = 0
  let length = 0
  const attempt = async (choose: Choose) => {
    const { played, wrong } = await scene(choose)
    schedules += 1
    length = Math.max(length, played.steps.length)
    const schedule = played.choices.map(({ taken }) => taken).join('')
    const failure = wrong.length > 0 ? { wrong, schedule, steps: played.steps } : undefined
    return { next: after(played.choices), failure }
  }

  let next: readonly number[] | undefined = []
  while (next && schedules < most) {
    const tried = await attempt(inOrder(next))
    if (tried.failure) return { schedules, whole: false, failure: tried.failure }
    next = tried.next
  }
  const whole = next === undefined
  while (!whole && schedules < 2 * most) {
    const { failure } = await attempt(drawn(random, length))
    if (failure) return { schedules, whole, failure }
  }
  return { schedules, whole }
}

/** Follows a schedule; past its end the first act that can goes on. */
export function inOrder(schedule: readonly number[]): Choose {
  let at = 0
  return (able) => Math.min(schedule[at++] ?? 0, able.length - 1)
}

/** The schedule that comes next when each choice is gone through in order, the last one first. */
function after(choices: Played<unknown>['choices']): readonly number[] | undefined {
  const end = choices.findLastIndex(({ taken, of }) => taken + 1 < of)
  if (end < 0) return undefined
  return choices.slice(0, end + 1).map(({ taken }, i) => (i === end ? taken + 1 : taken))
}

/** Any act at each step, or, every other time, few changes from one act to another: most races need but one or two. */
function drawn(random: () => number, length: number): Choose {
  const some = (count: number) => Math.floor(random() * count)
  if (random() < 0.5) return (able) => some(able.length)
  const changes = new Set(Array.from({ length: 1 + some(3) }, () => some(length)))
  let step = 0
  return (able, last) => {
    const same = able.indexOf(last ?? -1)
    return same < 0 || changes.has(step++) ? some(able.length) : same
  }
}
