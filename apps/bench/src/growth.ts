/** What plugins cost the requests that have nothing to do with them. */
import type { ContenderName } from './contender.ts'
import { withContestants } from './contestants.ts'
import type { Pace } from './pace.ts'
import { atMost, type Figure, type Table, tableOf } from './report.ts'
import { getSession, ok } from './scenarios.ts'
import { bestRounds } from './timings.ts'

const counts = [0, 8, 16]
const names = ['better-auth', 'keystile'] as const satisfies readonly ContenderName[]
const pairs = names.flatMap((name) => counts.map((plugins) => ({ name, plugins })))

export function growth(pace: Pace): Promise<Table[]> {
  return withContestants(
    pairs.map(({ name }) => name),
    [],
    async (contestants) => {
      const figures: Figure[] = []
      for (const { name: measure } of [ok, getSession]) {
        await Promise.all(contestants.map(({ tasks }, i) => tasks.prepare(measure, { plugins: pairs[i]?.plugins })))
        const best = await bestRounds(contestants, pace)
        const timeOf = (name: ContenderName, plugins: number) =>
          best[pairs.findIndex((pair) => pair.name === name && pair.plugins === plugins)]?.work ?? 0
        for (const plugins of counts) {
          const ratio = timeOf('keystile', plugins) / timeOf('keystile', 0)
          figures.push({
            measure: `${measure}, ${plugins} plugins`,
            values: Object.fromEntries(names.map((name) => [name, timeOf(name, plugins)])),
            goals: measure === ok.name && plugins === 16 ? [atMost(ratio, 1.05, '× none')] : [],
          })
        }
      }
      return [tableOf('Plugins', 'µs of processor time, mean of the best round', figures)]
    },
  )
}
