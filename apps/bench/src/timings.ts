/** Contenders take turns in short rounds, so that whatever else the machine does meets them all. */
import { deepStrictEqual } from 'node:assert'
import { contenderNames } from './contender.ts'
import type { Taken } from './contestant.ts'
import { type Contestant, withContestants } from './contestants.ts'
import type { Pace } from './pace.ts'
import { atLeast, type Figure, type Table, tableOf } from './report.ts'
import type { Scenario } from './scenarios.ts'

/** Each scenario by the work it is and by the clock. Goals are about the work: a busy machine lengthens it least. */
export function timings(pace: Pace, scenarios: readonly Scenario[]): Promise<Table[]> {
  const peers = new Set(scenarios.flatMap(({ peers = [] }) => peers))
  return withContestants([...contenderNames, ...peers], [], async (contestants) => {
    const timed: Timed[] = []
    for (const scenario of scenarios) timed.push(await time(scenario, contestants, pace))
    const work = withCacheGoal(timed.map(({ work }) => work))
    return [
      tableOf('Work of a request', 'µs of processor time, mean of the best round', work),
      tableOf(
        'Time of a request',
        'µs by the clock, median of the best round',
        timed.map(({ p50 }) => p50),
      ),
      tableOf(
        'Time of the slowest hundredth',
        'µs by the clock',
        timed.map(({ p99 }) => p99),
      ),
    ]
  })
}

/** The best of each contestant's rounds, by its place in `contestants`. */
export async function bestRounds(
  contestants: readonly Contestant[],
  { rounds, round, warmUp }: Pace,
): Promise<Taken[]> {
  await Promise.all(contestants.map(({ tasks }) => tasks.warmUp(warmUp)))
  const best = contestants.map(() => ({ p50: Number.POSITIVE_INFINITY, work: Number.POSITIVE_INFINITY }))
  for (let i = 0; i < rounds; i++) {
    for (const [place, { tasks }] of contestants.entries()) {
      const { p50, work } = await tasks.round(round)
      const { p50: least = p50, work: leastWork = work } = best[place] ?? {}
      best[place] = { p50: Math.min(least, p50), work: Math.min(leastWork, work) }
    }
  }
  return best
}

interface Timed {
  readonly work: Figure
  readonly p50: Figure
  readonly p99: Figure
}

async function time(scenario: Scenario, all: readonly Contestant[], pace: Pace): Promise<Timed> {
  const wire: readonly string[] = contenderNames.filter((name) => name !== 'floor' || !scenario.cookieCache)
  const contestants = all.filter(({ name }) => wire.includes(name) || scenario.peers?.includes(name))
  const answers = await Promise.all(contestants.map(({ tasks }) => tasks.prepare(scenario.name)))
  for (const [i, { name }] of contestants.entries()) {
    const shown = wire.includes(name) ? (answer: unknown) => answer : namesUser
    deepStrictEqual(shown(answers[i]), shown(answers[0]), `${name} answers ${scenario.name} otherwise than the others`)
  }
  const best = await bestRounds(contestants, pace)
  const values = (key: keyof Taken) => Object.fromEntries(contestants.map(({ name }, i) => [name, best[i]?.[key]]))
  const p99: Record<string, number | undefined> = {}
  for (const { name, tasks } of contestants) p99[name] = await tasks.p99()
  const work = values('work')
  const { 'better-auth': peer = 0, floor, keystile = 0 } = work
  const goals = [atLeast(peer / keystile, scenario.overPeer, '× better-auth')]
  if (floor && scenario.ofFloor) goals.push(atLeast(floor / keystile, scenario.ofFloor, 'of the floor'))
  const measure = scenario.name
  return {
    work: { measure, values: work, goals: goals.map((goal) => ({ ...goal, required: scenario.required })) },
    p50: { measure, values: values('p50'), goals: [] },
    p99: { measure, values: p99, goals: [] },
  }
}

/** All that answers of different wires have in common. */
const namesUser = (answer: unknown) => JSON.stringify(answer).includes('Ada Lovelace')

/** A copy in a cookie must not be slower than the row it saves. */
function withCacheGoal(figures: readonly Figure[]): Figure[] {
  const stored = figures.find(({ measure }) => measure === 'get-session')?.values.keystile
  return figures.map((figure) => {
    const own = figure.values.keystile
    if (!stored || !own || figure.measure !== 'get-session, cookie cache') return figure
    return { ...figure, goals: [...figure.goals, atLeast(stored / own, 1, '× no cache')] }
  })
}
