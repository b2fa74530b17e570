import { contenderNames } from './contender.ts'
import { withContestants } from './contestants.ts'
import { atMost, type Figure, type Table, tableOf } from './report.ts'
import { scenarios } from './scenarios.ts'

/** Nothing is collected while it is being counted. */
const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

/** Heap that one answer takes, that of the Request and of reading the Response among it. */
export function allocations(): Promise<Table[]> {
  return withContestants(contenderNames, flags, async (all) => {
    const figures: Figure[] = []
    for (const scenario of scenarios) {
      const contestants = all.filter(({ name }) => name !== 'floor' || !scenario.cookieCache)
      await Promise.all(
        contestants.map(async ({ tasks }) => {
          await tasks.prepare(scenario.name)
          await tasks.warmUp(800)
        }),
      )
      const values: Record<string, number> = {}
      for (const { name, tasks } of contestants) {
        const bytes: number[] = []
        for (let i = 0; i < 5; i++) bytes.push(await tasks.bytes(200))
        values[name] = Math.min(...bytes) / 1000
      }
      const { keystile = 0 } = values
      figures.push({ measure: scenario.name, values, goals: scenario.heap ? [atMost(keystile, scenario.heap)] : [] })
    }
    return [tableOf('Heap per answer', 'kB', figures)]
  })
}

/** What stays behind after each answer. */
export function heapSlope(count: number): Promise<Table[]> {
  return withContestants(['keystile'], ['--expose-gc'], async ([keystile]) => {
    await keystile?.tasks.prepare('get-session')
    const slope = (await keystile?.tasks.slope(count)) ?? 0
    const figure = { measure: 'get-session', values: { keystile: slope }, goals: [atMost(slope, 5)] }
    return [tableOf('Heap that stays', 'bytes per answer', [figure])]
  })
}
