/** Two kinds of work in turns; their ratio is that of neighbouring rounds, which whatever else the machine does meets alike. */
import type { Pace } from './pace.ts'

export type Work = () => Promise<void>

export interface InTurns {
  /** Microseconds of a processor, median of the rounds. */
  readonly first: number
  readonly second: number
  /** Of the second to the first: the median over neighbours. */
  readonly ratio: number
}

export async function inTurns(first: Work, second: Work, pace: Pace): Promise<InTurns> {
  // Many short ones: of few, a busy machine can meet most.
  const [rounds, round] = [pace.rounds * 15, pace.round / 3]
  for (const work of [first, second]) await costOf(work, pace.warmUp)
  const costs: [first: number, second: number][] = []
  for (let i = 0; i < rounds; i++) {
    // Neither is always the first.
    const swapped = i % 2 === 1 ? await costOf(second, round) : undefined
    const cost = await costOf(first, round)
    costs.push([cost, swapped ?? (await costOf(second, round))])
  }
  return {
    first: median(costs.map(([one]) => one)),
    second: median(costs.map(([, other]) => other)),
    ratio: median(costs.map(([one, other]) => other / one)),
  }
}

/** Microseconds of a processor that one call takes. */
async function costOf(work: Work, milliseconds: number): Promise<number> {
  const before = process.cpuUsage()
  const end = performance.now() + milliseconds
  let calls = 0
  for (; performance.now() < end; calls++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

/** The mean of the middle half: as deaf as the median to rounds in which something else ran, and steadier. */
export function middle(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4)
  const half = values.toSorted((a, b) => a - b).slice(quarter, values.length - quarter)
  return half.reduce((sum, value) => sum + value, 0) / half.length
}

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
