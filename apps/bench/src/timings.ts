/** Contenders take turns in short rounds, so that whatever else the machine does meets them all. */
import { deepStrictEqual } from 'node:assert'
import { type ContenderName, contenderNames } from './contender.ts'
import { type Contestant, withContestants } from './contestants.ts'
import { atLeast, type Figure } from './report.ts'
import type { Scenario } from './scenarios.ts'

export interface Pace {
  readonly rounds: number
  /** Milliseconds that each contender has in a round. */
  readonly round: number
  /** Milliseconds of a processor before the first. */
  readonly warmUp: number
}

/** Microseconds of each scenario: the median of the best round. */
export function timings(pace: Pace, scenarios: readonly Scenario[]): Promise<Figure[]> {
  return withContestants(contenderNames, [], async (contestants) => {
    const figures: Figure[] = []
    for (const scenario of scenarios) figures.push(await time(scenario, contestants, pace))
    return withCacheGoal(figures)
  })
}

/** A copy in a cookie must not be slower than the row it saves. */
function withCacheGoal(figures: readonly Figure[]): Figure[] {
  const stored = figures.find(({ measure }) => measure === 'get-session')?.values.keystile
  return figures.map((figure) => {
    const own = figure.values.keystile
    if (!stored || !own || figure.measure !== 'get-session, cookie cache') return figure
    return { ...figure, goals: [...figure.goals, atLeast(stored / own, 1, '× no cache')] }
  })
}

async function time(scenario: Scenario, all: readonly Contestant[], pace: Pace): Promise<Figure> {
  const contestants = all.filter(({ name }) => name !== 'floor' || !scenario.cookieCache)
  const answers = await Promise.all(contestants.map((contestant) => contestant.prepare(scenario.name)))
  for (const [i, { name }] of contestants.entries()) {
    deepStrictEqual(answers[i], answers[0], `${name} answers ${scenario.name} otherwise than ${contestants[0]?.name}`)
  }
  await Promise.all(contestants.map((contestant) => contestant.warmUp(pace.warmUp)))
  const best: { [Name in ContenderName]?: number } = {}
  for (let round = 0; round < pace.rounds; round++) {
    for (const contestant of contestants) {
      const median = await contestant.median(pace.round)
      best[contestant.name] = Math.min(best[contestant.name] ?? Number.POSITIVE_INFINITY, median)
    }
  }
  const { 'better-auth': peer = 0, floor, keystile = 0 } = best
  const goals = [atLeast(peer / keystile, scenario.overPeer, '× better-auth')]
  if (floor && scenario.ofFloor) goals.push(atLeast(floor / keystile, scenario.ofFloor, 'of the floor'))
  return {
    measure: scenario.name,
    values: best,
    goals: goals.map((goal) => ({ ...goal, required: scenario.required })),
  }
}
