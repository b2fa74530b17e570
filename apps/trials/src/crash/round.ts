/** One file and the servers that die on it, each followed by the next. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { child, reply } from '../child.ts'
import { seeded } from '../random.ts'
import { type Visitor, visitor } from '../visitor.ts'
import { type Act, type Actor, acts, live, newActor, pick, type Scene } from './actor.ts'
import { checkRows, settle } from './check.ts'
import type { KillPoint, Open } from './protocol.ts'

export interface RoundOptions {
  readonly seed: number
  /** One after the other; the first is met while the server starts on a file that is new. */
  readonly points: readonly KillPoint[]
  /** Users that act at once. */
  readonly actors: number
  readonly hashing: Open['hashing']
  /** Done to the file while no server runs, once there was one: what a check must notice. */
  readonly meddle?: ((file: string) => Promise<void>) | undefined
}

export interface Round {
  readonly kills: readonly { readonly point: KillPoint; readonly cutOff: number }[]
  readonly acknowledged: number
  /** Of acts that were cut off, how many were done nevertheless. */
  readonly cutOff: Readonly<Record<Act, CutOff>>
  /** Milliseconds from a death to the next server's first answer; its process was there already. */
  readonly restarts: readonly number[]
  readonly violations: readonly string[]
}

interface CutOff {
  times: number
  done: number
}

/** After so many milliseconds a server is killed wherever it is: a slow machine may not come to its point. */
const patience = 2000
/** How many acts make a user's life: others take their place, and are looked at again at the end. */
const lifetime = 15

export async function round({ seed, points, actors: atOnce, hashing, meddle }: RoundOptions): Promise<Round> {
  const random = seeded(seed)
  const folder = await mkdtemp(join(tmpdir(), 'keystile-crash-'))
  const file = join(folder, 'auth.db')
  const kills: { point: KillPoint; cutOff: number }[] = []
  const restarts: number[] = []
  const violations: string[] = []
  const wrong = (what: string) => void violations.push(`seed ${seed}, kill ${kills.length}: ${what}`)
  const cutOff = Object.fromEntries(Object.keys(acts).map((act) => [act, { times: 0, done: 0 }])) as Round['cutOff']
  const retired: Actor[] = []
  let actors = Array.from({ length: atOnce }, newActor)
  let acknowledged = 0
  let died = performance.now()
  let next = start()

  /** The next server on the file, after what was known has been held against it; undefined where its start was its end. */
  async function restart(point: KillPoint | undefined): Promise<{ server: ChildProcess; visits: Visitor } | undefined> {
    const server = await next
    if (point) next = start()
    if (point && kills.length === 0) await reply(server, { arm: point })
    const open = reply<number>(server, { open: { file, hashing } satisfies Open })
    const port = await open.catch((error) => {
      if (kills.length > 0) throw error
    })
    if (port === undefined) return undefined
    const visits = visitor(port)
    const known = point ? [...actors] : [...retired, ...actors]
    const check = async () => {
      for (let actor = known.pop(); actor; actor = known.pop()) {
        const act = actor.cutOff
        const done = await settle(actor, { ask: visits.ask, random, wrong })
        if (act && done) cutOff[act].done++
      }
    }
    const answer = visits.ask('/ok').then(() => performance.now())
    // No more at once than under load: real hashes are not taken on without end.
    await Promise.all(actors.map(check))
    const first = await answer
    if (kills.length > 0) restarts.push(first - died)
    await checkRows(file, wrong)
    return { server, visits }
  }

  /** Acts on until the server is dead. */
  async function act(index: number, scene: Scene, answered: () => void): Promise<void> {
    for (;;) {
      let actor = actors[index] as Actor
      if (actor.acts >= lifetime) {
        retired.push(actor)
        actor = newActor()
        actors = actors.with(index, actor)
      }
      const name = choose(actor, random)
      actor.acts++
      if (!(await acts[name](actor, scene))) {
        actor.cutOff = name
        cutOff[name].times++
        return
      }
      acknowledged++
      answered()
    }
  }

  try {
    for (const point of points) {
      const running = await restart(point)
      if (running) {
        const { server, visits } = running
        const ended = once(server, 'exit')
        const kill = () => server.kill('SIGKILL')
        if (kills.length === 0) kill()
        else {
          await reply(server, { arm: point })
          let left = point.kind === 'answers' ? point.count : Number.POSITIVE_INFINITY
          const timer = setTimeout(kill, point.kind === 'time' ? point.milliseconds : patience)
          const scene = { ask: visits.ask, random, wrong }
          await Promise.all(actors.map((_, i) => act(i, scene, () => --left <= 0 && kill())))
          clearTimeout(timer)
        }
        await ended
        visits.close()
      }
      died = performance.now()
      kills.push({ point, cutOff: actors.filter((actor) => actor.cutOff).length })
      if (kills.length > 1) await meddle?.(file)
    }
    const last = await restart(undefined)
    last?.visits.close()
  } finally {
    ;(await next).kill()
    await rm(folder, { recursive: true })
  }
  return { kills, acknowledged, cutOff, restarts, violations }
}

/** A server that has loaded all it needs, and waits. */
async function start(): Promise<ChildProcess> {
  const module = import.meta.url.endsWith('.ts') ? './server.child.ts' : './server.child.js'
  const server = child(new URL(module, import.meta.url))
  await reply(server)
  return server
}

function choose(actor: Actor, random: () => number): Act {
  if (!actor.there) return 'sign-up'
  if (live(actor).length === 0) return 'sign-in'
  return pick(['sign-in', 'sign-in', 'change-password', 'revoke', 'sign-out'] as const, random) ?? 'sign-in'
}
