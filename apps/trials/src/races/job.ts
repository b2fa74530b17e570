/** What a process is told to do, and what it tells of it. */
import type { Span } from './schedule.ts'
import type { Answer, World } from './world.ts'

export interface Task {
  /** The name of an act. */
  readonly act: string
  readonly world: Omit<World, 'auth'>
}

/** Acts for one process, all at once. */
export interface Job {
  readonly tasks: readonly Task[]
  /** When to begin, by `monotonic`. */
  readonly at: number
}

export interface Told extends Span {
  readonly result: Answer
}

/** Milliseconds, the same in every process of the machine. */
export const monotonic = () => Number(process.hrtime.bigint()) / 1e6
