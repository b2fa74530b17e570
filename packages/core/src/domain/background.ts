/** Work that the answer does not wait for: mail, clean-up. A failure is logged and told to nobody else. */
import type { Logger } from '../lib/environment.ts'

export interface Background {
  /** Starts a task after the present one has run on; `what` names it in the log. */
  run(what: string, task: () => unknown): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

export function createBackground(logger: Logger, handler?: (task: Promise<unknown>) => void): Background {
  const running = new Set<Promise<void>>()
  return {
    run(what, task) {
      const work = Promise.resolve()
        .then(task)
        .then(
          () => {},
          (error: unknown) => logger.error(`${what} failed`, error),
        )
        .finally(() => running.delete(work))
      running.add(work)
      try {
        handler?.(work)
      } catch (error) {
        logger.error(`backgroundTasks.handler did not take ${what}`, error)
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** Runs a task again where it failed, after each of these waits, in milliseconds. */
export async function insist<T>(task: () => Promise<T>, waits: readonly number[] = [1000, 4000]): Promise<T> {
  for (const wait of waits) {
    try {
      return await task()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return task()
}
