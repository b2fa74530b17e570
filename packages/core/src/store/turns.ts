/** Who writes next: one holder at a time, in the order of asking. */
import { patience } from './in-time.ts'
import { StoreUnavailable } from './store.ts'

export interface Turns {
  readonly free: boolean
  /** Resolves when it is the caller's turn, who must `release` it. @throws StoreUnavailable after `patience`. */
  take(): Promise<void>
  release(): void
}

export function makeTurns(wait = patience): Turns {
  let free = true
  const waiting = new Set<() => void>()
  return {
    get free() {
      return free
    },
    take() {
      if (free) {
        free = false
        return Promise.resolve()
      }
      return new Promise((resolve, reject) => {
        const next = () => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(next)
          reject(
            new StoreUnavailable(
              'a transaction has been open for too long: only verbs of `tx` may be awaited inside one',
            ),
          )
        }, wait)
        waiting.add(next)
      })
    },
    release() {
      const [next] = waiting
      if (next) {
        waiting.delete(next)
        next()
      } else free = true
    },
  }
}
