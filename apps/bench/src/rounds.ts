/** Contenders take turns in short rounds, so that whatever else the machine does meets them all. */

/** One question, ready to be asked again and again. */
export interface Ask<Name extends string = string> {
  readonly name: Name
  run(): Promise<unknown>
}

export interface Pace {
  readonly rounds: number
  /** Milliseconds that each contender has in a round, and to warm up. */
  readonly round: number
  readonly warmUp: number
}

/** The median of each contender's best round, in microseconds. */
export async function compete<Name extends string>(asks: readonly Ask<Name>[], pace: Pace): Promise<Map<Name, number>> {
  const best = new Map<Name, number>()
  for (const ask of asks) await median(ask, pace.warmUp)
  for (let round = 0; round < pace.rounds; round++) {
    // Another one begins each time: what it leaves for the collector must not always hit the same one.
    for (let i = 0; i < asks.length; i++) {
      const ask = asks[(round + i) % asks.length] as Ask<Name>
      best.set(ask.name, Math.min(best.get(ask.name) ?? Number.POSITIVE_INFINITY, await median(ask, pace.round)))
    }
  }
  return best
}

const durations = new Float64Array(1 << 17)

async function median({ run }: Ask, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds
  let count = 0
  for (let start = performance.now(); start < end && count < durations.length; ) {
    await run()
    const now = performance.now()
    durations[count++] = now - start
    start = now
  }
  const sorted = durations.subarray(0, count).sort()
  return (sorted[count >> 1] as number) * 1000
}
