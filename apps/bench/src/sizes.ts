/** Whether a database that grows makes its readers slower. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contenderNames } from './contender.ts'
import { withContestants } from './contestants.ts'
import type { Pace } from './pace.ts'
import { atMost, type Figure, type Table, tableOf } from './report.ts'
import { manyCallers } from './scenarios.ts'
import { bestRounds } from './timings.ts'

/** One contender after the other, its sizes by turns. */
export async function sizes(pace: Pace, counts: readonly number[]): Promise<Table[]> {
  const times: Record<string, number[]> = {}
  for (const name of contenderNames) {
    const folder = mkdtempSync(join(tmpdir(), 'keystile-bench-'))
    try {
      times[name] = await withContestants(
        counts.map(() => name),
        [],
        async (contestants) => {
          for (const [i, { tasks }] of contestants.entries()) {
            await tasks.prepare(manyCallers.name, {
              path: join(folder, `${counts[i]}.db`),
              sessions: counts[i] as number,
            })
          }
          return (await bestRounds(contestants, pace)).map(({ work }) => work)
        },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const [least = 0] = counts
  const own = times.keystile ?? []
  const figures = counts.map((count, i): Figure => {
    const values = Object.fromEntries(contenderNames.map((name) => [name, times[name]?.[i]]))
    const growth = (own[i] ?? 0) / (own[0] ?? 0)
    return {
      measure: `${count.toLocaleString('en')} sessions`,
      values,
      goals: i === 0 ? [] : [atMost(growth, 1.15, `× ${least.toLocaleString('en')}`)],
    }
  })
  return [tableOf('Get-session on a file, callers by turns', 'µs of processor time, mean of the best round', figures)]
}
