/** The same pairs between real processes on one file: what the orders are is left to the machine. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { child, reply } from '../child.ts'
import { seeded } from '../random.ts'
import type { Act } from './acts.ts'
import { type Job, monotonic, type Task, type Told } from './job.ts'
import { judge } from './judge.ts'
import type { Pair } from './scenes.ts'
import { clear, makeAuth, makeWorld, plain, type RaceAuth } from './world.ts'

export interface Racers {
  /** On the same file. */
  readonly auth: RaceAuth
  /** Has each process do its tasks at once, and all processes together, save for a delay. */
  race(tasks: readonly (readonly Task[])[], delays?: readonly number[]): Promise<readonly (readonly Told[])[]>
}

/** Two processes on one file, which is not there before. */
export async function withRacers<T>(use: (racers: Racers) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'keystile-races-'))
  const file = join(folder, 'auth.db')
  const racer = new URL(import.meta.url.replace(/processes(\.[jt]s)$/, 'racer.child$1'))
  const processes = [child(racer, [file]), child(racer, [file])]
  const auth = makeAuth(file)
  try {
    await Promise.all(processes.map((process) => reply(process)))
    return await use({
      auth,
      race(tasks, delays = []) {
        // Time enough for both messages to arrive.
        const at = monotonic() + 2
        const job = (i: number): Job => ({ tasks: tasks[i] ?? [], at: at + (delays[i] ?? 0) })
        return Promise.all(processes.map((process, i) => reply<Told[]>(process, { ...job(i) })))
      },
    })
  } finally {
    for (const process of processes) process.kill()
    await auth.close()
    await rm(folder, { recursive: true })
  }
}

export interface Raced {
  readonly races: number
  /** Neither act had answered when the other began. */
  readonly overlapping: number
  readonly failures: readonly string[]
}

/** Races the acts of each pair so many times, one a little later than the other. */
export function raceProcesses(pairs: readonly Pair[], times: number, seed: number): Promise<Raced> {
  const random = seeded(seed)
  return withRacers(async ({ auth, race }) => {
    let [races, overlapping] = [0, 0]
    const failures: string[] = []
    for (let i = 0; i < times; i++) {
      for (const { name, acts } of pairs) {
        const world = await makeWorld(auth, plain, `ada${races++}`)
        const { auth: _, ...sent } = world
        const tasks = acts.map((act) => [{ act: act.name, world: sent }])
        const told = (await race(tasks, [random() * 1.5, random() * 1.5])).flat()
        const [one, other] = told as [Told, Told]
        if (one.began < other.ended && other.began < one.ended) overlapping += 1
        const outcomes = told.map((outcome, j) => ({ ...outcome, act: acts[j] as Act }))
        for (const wrong of await judge(world, outcomes, false)) failures.push(`${name}: ${wrong}`)
        await clear(auth)
      }
    }
    return { races, overlapping, failures }
  })
}
