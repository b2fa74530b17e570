/** The end of every wait for a database. */
import { StoreUnavailable } from './store.ts'

/** How long anyone waits for a database or a turn, in milliseconds. */
export const patience = 5000

/** What `work` gives. @throws StoreUnavailable once it has taken `wait`: what comes of it then counts for nothing. */
export function inTime<T>(work: Promise<T>, why: string, wait = patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreUnavailable(why)), wait)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
