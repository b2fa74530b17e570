/** A coverage-guided loop: inputs are mutated, and one that reaches a branch, or reaches it more often, is kept. */
import { judge, type Target } from './target.ts'

export interface LoopOptions {
  readonly target: Target
  /** Where it starts from. */
  readonly seeds: readonly Uint8Array[]
  /** Texts to weave in beside the target's own. */
  readonly words: readonly string[]
  /** Counts by branch, which running an input adds to. */
  readonly branches: Uint8Array
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Ends the loop. */
  readonly done: () => boolean
  /** Told of each input before it runs. */
  readonly onInput?: ((input: Uint8Array) => void) | undefined
}

export interface Finding {
  readonly input: Uint8Array
  readonly error: unknown
}

export interface LoopResult {
  readonly runs: number
  /** Branches reached, by any number of passes. */
  readonly reached: number
  /** Inputs that reached something first, beyond the seeds. */
  readonly kept: readonly Uint8Array[]
  /** One per kind of failure. */
  readonly findings: readonly Finding[]
}

const longestInput = 8192

export async function loop(options: LoopOptions): Promise<LoopResult> {
  const { target, branches, random } = options
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const words = [...new Set([...target.words, ...options.words])].map((word) => Buffer.from(word))
  const seen = new Uint8Array(branches.length)
  const queue: Uint8Array[] = []
  const findings = new Map<string, Finding>()
  let runs = 0

  /** Whether the last run reached a branch for the first time, or an order of magnitude more often than before. */
  function isNews(): boolean {
    let news = false
    for (let i = 0; i < branches.length; i++) {
      const count = branches[i] as number
      if (count === 0) continue
      const bit = 1 << Math.min(7, 32 - Math.clz32(count) - 1)
      if (((seen[i] as number) & bit) !== 0) continue
      seen[i] = (seen[i] as number) | bit
      news = true
    }
    return news
  }

  async function run(input: Uint8Array): Promise<boolean> {
    runs++
    options.onInput?.(input)
    branches.fill(0)
    try {
      await judge(target, input)
    } catch (error) {
      // Told apart by what was said up to the first value.
      const kind = String(error).split(/["\d]/, 1)[0] ?? ''
      const known = findings.get(kind)
      if (!known || known.input.length > input.length) findings.set(kind, { input, error })
    }
    // A rejection that nobody handles is told of once the tasks of this turn are done.
    await new Promise((resolve) => setImmediate(resolve))
    return isNews()
  }

  function mutate(input: Uint8Array): Uint8Array {
    let bytes = Buffer.from(input)
    for (let left = 1 << below(4); left > 0; left--) {
      const at = below(bytes.length + 1)
      const to = at + Math.min(bytes.length - at, 1 + below(1 << below(8)))
      const chunk = bytes.subarray(at, to)
      switch (below(8)) {
        case 0:
          if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << below(8))
          break
        case 1:
          if (at < bytes.length) bytes[at] = below(256)
          break
        case 2:
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
          break
        case 3:
          bytes = Buffer.concat([bytes.subarray(0, to), chunk, bytes.subarray(to)])
          break
        case 4:
          bytes = Buffer.concat([bytes.subarray(0, at), pick(words), bytes.subarray(at)])
          break
        case 5:
          bytes = Buffer.concat([bytes.subarray(0, at), pick(words), bytes.subarray(to)])
          break
        case 6: {
          const other = pick(queue)
          const from = below(other.length + 1)
          bytes = Buffer.concat([
            bytes.subarray(0, at),
            other.subarray(from, from + 1 + below(256)),
            bytes.subarray(to),
          ])
          break
        }
        case 7:
          // Long runs of one thing are where loops in loops show.
          if (below(16) === 0 && chunk.length > 0) {
            const many = Buffer.alloc(Math.min(longestInput, chunk.length * (1 << below(10))), chunk)
            bytes = Buffer.concat([bytes.subarray(0, at), many, bytes.subarray(to)])
          }
      }
    }
    return bytes.subarray(0, longestInput)
  }

  for (const seed of options.seeds) {
    await run(seed)
    queue.push(seed)
  }
  if (queue.length === 0) queue.push(new Uint8Array())
  let kept: Uint8Array[] = []
  while (!options.done()) {
    // The newer half is looked at more often.
    const from = below(2) === 0 ? Math.floor(queue.length / 2) : 0
    const input = mutate(queue[from + below(queue.length - from)] as Uint8Array)
    if (await run(input)) {
      queue.push(input)
      kept.push(input)
    }
  }
  const reached = seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0)

  // Once more from the shortest on: most of what was kept is no longer needed.
  seen.fill(0)
  for (const seed of options.seeds) await run(seed)
  const candidates = kept.sort((a, b) => a.length - b.length)
  kept = []
  for (const input of candidates) if (await run(input)) kept.push(input)
  return { runs, reached, kept, findings: [...findings.values()] }
}
