import { deepStrictEqual } from 'node:assert'
import { type ContenderName, contenderNames } from './contender.ts'
import { atLeast, type Figure } from './report.ts'
import { compete, type Pace } from './rounds.ts'
import { ready, type Scenario, scenarios } from './scenarios.ts'

/** Microseconds of each scenario whose name holds `filter`. */
export async function timings(pace: Pace, filter: string): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const scenario of scenarios) if (scenario.name.includes(filter)) figures.push(await time(scenario, pace))
  const [stored, cached] = ['get-session', 'get-session, cookie cache'].map((name) =>
    figures.find(({ measure }) => measure === name),
  )
  return figures.map((figure) =>
    figure === cached && stored?.values.keystile && cached.values.keystile
      ? { ...cached, goals: [...cached.goals, atLeast(stored.values.keystile / cached.values.keystile, 1, 'of no cache')] }
      : figure,
  )
}

async function time(scenario: Scenario, pace: Pace): Promise<Figure> {
  const names = contenderNames.filter((name) => name !== 'floor' || !scenario.cookieCache)
  const contenders = await Promise.all(names.map((name) => ready(scenario, name)))
  for (const { ask, answer } of contenders) {
    deepStrictEqual(answer, contenders[0]?.answer, `${ask.name} answers ${scenario.name} otherwise than ${names[0]}`)
  }
  const best = await compete(contenders.map(({ ask }) => ask), pace)
  const [peer, floor, own] = contenderNames.map((name: ContenderName) => best.get(name)) as [number, number?, number?]
  const goals = [atLeast(peer / (own ?? 0), scenario.overPeer, '× better-auth')]
  if (scenario.ofFloor && floor) goals.push(atLeast(floor / (own ?? 0), scenario.ofFloor, 'of the floor'))
  return { measure: scenario.name, values: { 'better-auth': peer, floor, keystile: own }, goals }
}
