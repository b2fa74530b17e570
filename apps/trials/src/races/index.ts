/** Acts that happen at once, in every order their calls to the store can have; a sample of it between processes. */
import type { Report, Trial } from '../report.ts'
import type { Act } from './acts.ts'
import { raceProcesses } from './processes.ts'
import { kinds, onStage, type Pair, type Place, pairs, signIns } from './scenes.ts'
import { explore, inOrder, type Step } from './schedule.ts'
import { type Kind, plain } from './world.ts'

/** What is explored: acts together in a kind of world. */
export interface Cast {
  readonly name: string
  readonly acts: readonly Act[]
  readonly kind: Kind
  readonly place: Place
}

const cast = ({ name, acts }: Pair, kind: Kind, place: Place, crowd = false): Cast => ({
  name: `${crowd ? 'twice each: ' : ''}${name}, ${kind.name}, ${place}`,
  acts: crowd ? [...acts, ...acts] : acts,
  kind,
  place,
})

/** Each pair alone, where most orders can be played. */
export const alone: readonly Cast[] = kinds.flatMap((kind) => pairs.map((pair) => cast(pair, kind, 'memory')))
/** Each act of a pair twice: far more orders than can be played. */
export const crowds: readonly Cast[] = pairs
  .filter(({ acts }) => !acts.some(({ name }) => name === 'deletion of the newcomer'))
  .map((pair) => cast(pair, plain, 'memory', true))
/** Two sign-ins of which one brings the hash up to date that the other has just checked. */
export const outdated = cast(signIns, { name: 'an older hash', older: true }, 'memory')
/** A sample on a database. */
export const onDatabase: readonly Cast[] = pairs.map((pair) => cast(pair, plain, 'SQLite'))

export interface Findings {
  readonly schedules: number
  /** Of these casts every order was played. */
  readonly whole: number
  /** A paragraph for each cast that came out wrong. */
  readonly failures: readonly string[]
}

/** Plays at most `most` orders of each. */
export async function exploreAll(casts: readonly Cast[], most: number, seed: number): Promise<Findings> {
  let [schedules, whole] = [0, 0]
  const failures: string[] = []
  for (const { name, acts, kind, place } of casts) {
    const found = await onStage(acts, kind, place, (scene) => explore(scene, most, seed))
    schedules += found.schedules
    if (found.whole) whole += 1
    if (found.failure) failures.push(told(name, acts, found.failure))
  }
  return { schedules, whole, failures }
}

function told(
  name: string,
  acts: readonly Act[],
  { wrong, schedule, steps }: { wrong: readonly string[]; schedule: string; steps: readonly Step[] },
): string {
  const trace = steps.map(({ actor, what }) => `  ${actor + 1} ${acts[actor]?.name}: ${what}`)
  return [name, ...wrong, ...trace, `again: npm run trial -- races ${JSON.stringify(name)} ${schedule || 0}`].join('\n')
}

async function again(name: string, schedule: string): Promise<Report> {
  const found = [...alone, outdated, ...crowds, ...onDatabase].find((one) => one.name === name)
  if (!found) throw new Error(`no cast is named ${JSON.stringify(name)}`)
  const { acts, kind, place } = found
  const { played, wrong } = await onStage(acts, kind, place, (scene) => scene(inOrder([...schedule].map(Number))))
  const failed = { wrong, schedule, steps: played.steps }
  return { ok: wrong.length === 0, lines: [told(name, acts, failed)], figures: failed }
}

export const races: Trial = async ([name, schedule = '']) => {
  if (name !== undefined) return again(name, schedule)
  const sets = [
    ['each pair', await exploreAll([...alone, outdated], 5000, 1)],
    ['each act twice', await exploreAll(crowds, 2000, 2)],
    ['on SQLite', await exploreAll(onDatabase, 300, 3)],
  ] as const
  const between = await raceProcesses(pairs, 40, 4)
  const failures = [...sets.flatMap(([, found]) => found.failures), ...between.failures]
  const lines = sets.map(
    ([
      title,
      {
        schedules,
        whole,
        failures: { length },
      },
    ]) => `${title}: ${schedules} schedules, ${whole} casts in every order, ${length} wrong`,
  )
  lines.push(
    `between processes: ${between.races} races, ${between.overlapping} at the same time, ${between.failures.length} wrong`,
  )
  return {
    ok: failures.length === 0,
    lines: [...lines, ...failures],
    figures: { ...Object.fromEntries(sets), 'between processes': between },
  }
}
