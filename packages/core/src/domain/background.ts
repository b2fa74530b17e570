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
