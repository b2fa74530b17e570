import { type ContenderName, contenderNames } from './contender.ts'
import { withContestants } from './contestants.ts'
import { atMost, type Figure } from './report.ts'

/** Nothing is collected while it is being counted. */
const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

/** Kilobytes of heap that one answer takes, those of the Request and of reading the Response among them. */
export function allocations(): Promise<Figure[]> {
  const measures = [
    ['get-session', 30],
    ['auth.api.getSession', 6],
  ] as const
  return withContestants(contenderNames, flags, async (contestants) => {
    const figures: Figure[] = []
    for (const [measure, most] of measures) {
      const values: { [Name in ContenderName]?: number } = {}
      for (const contestant of contestants) {
        await contestant.prepare(measure)
        await contestant.warmUp(1000)
        const bytes: number[] = []
        for (let i = 0; i < 5; i++) bytes.push(await contestant.bytes(300))
        values[contestant.name] = Math.min(...bytes) / 1000
      }
      figures.push({ measure, values, goals: [atMost(values.keystile ?? 0, most)] })
    }
    return figures
  })
}

/** Bytes that stay behind after each answer. */
export function heapSlope(count: number): Promise<Figure[]> {
  return withContestants(['keystile'], ['--expose-gc'], async ([keystile]) => {
    await keystile?.prepare('get-session')
    const slope = (await keystile?.slope(count)) ?? 0
    return [{ measure: 'get-session', values: { keystile: slope }, goals: [atMost(slope, 5)] }]
  })
}
