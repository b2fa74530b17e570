/** Whether two lists of times differ: Welch's t, as dudect asks for it (Reparaz, Balasch, Verbauwhede 2016). */

/** Differences of above this are no chance. */
export const threshold = 4.5

/** Welch's t of two samples. */
export function welch(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [moments(a), moments(b)]
  const spread = Math.sqrt(one.variance / a.length + other.variance / b.length)
  const difference = one.mean - other.mean
  return spread === 0 ? (difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY) : difference / spread
}

function moments(sample: readonly number[]): { mean: number; variance: number } {
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length
  return { mean, variance: sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (sample.length - 1) }
}

/** Shares of the pooled times that are kept, the longest dropped: what a machine does beside is long, and no secret. */
const kept = [1, 0.99, 0.95, 0.9, 0.75, 0.5]
/** Fewer than these say nothing. */
const fewest = 30

/** The t furthest from 0 over several crops of the longest times. */
export function largestT(a: readonly number[], b: readonly number[]): number {
  const pooled = [...a, ...b].sort((x, y) => x - y)
  let largest = 0
  for (const share of kept) {
    const limit = pooled[Math.ceil(pooled.length * share) - 1] as number
    const [one, other] = [a.filter((x) => x <= limit), b.filter((x) => x <= limit)]
    // Where a crop leaves next to nothing of one, the uncropped ones differ plainly.
    if (one.length < fewest || other.length < fewest) continue
    const t = welch(one, other)
    if (Math.abs(t) > Math.abs(largest)) largest = t
  }
  return largest
}

export function median(sample: readonly number[]): number {
  const sorted = [...sample].sort((x, y) => x - y)
  return sorted[Math.floor(sorted.length / 2)] as number
}
