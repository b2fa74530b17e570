/** What an error of the database becomes, and how long a busy one is tried again. */
import type { Dialect } from './dialect.ts'
import { patience } from './in-time.ts'
import type { Mapping } from './mapping.ts'
import { StoreUnavailable, UniqueViolation } from './store.ts'

/** `UniqueViolation` and `StoreUnavailable` for what the dialect recognises; other errors without parameters. */
export function translate(dialect: Dialect, mappings: Iterable<Mapping>, thrown: unknown, place = ''): unknown {
  const error = withoutParameters(thrown)
  const failure = error instanceof StoreUnavailable ? undefined : dialect.recognise(error)
  if (!failure) return error
  if (failure.kind !== 'unique') {
    const why = `the database${place && ` ${place}`} ${failure.kind === 'busy' ? 'stayed busy' : 'refused'}`
    const { message } = error as Error
    const advice = failure.kind === 'unavailable' ? failure.fix : undefined
    return new StoreUnavailable(`${why}: ${message}${advice ? `; ${advice}` : ''}`, { cause: error, fix: advice })
  }
  for (const { table, tableName, columns } of mappings) {
    if (tableName.toLowerCase() !== failure.table?.toLowerCase()) continue
    const fields = failure.columns.map((name) => columns.find((column) => column.name === name)?.field ?? name)
    return new UniqueViolation(table.name, fields)
  }
  return new UniqueViolation(failure.table ?? '', failure.columns)
}

/**
 * drizzle puts a statement's parameters into its error: hashes and addresses, which no log should hold, and texts of
 * clients, which could read like what a driver says.
 */
function withoutParameters(error: unknown): unknown {
  if (!(error instanceof Error) || !('params' in error && 'query' in error && error.cause instanceof Error))
    return error
  return new Error(`${error.query}: ${error.cause.message}`, { cause: error.cause })
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Runs `attempt` again while the database is busy, for as long as `patience`; the event loop goes on meanwhile. */
export async function patiently<T>(dialect: Dialect, attempt: () => T | Promise<T>): Promise<T> {
  for (let waited = 0, delay = 2; ; delay = Math.min(delay * 2, 100)) {
    try {
      return await attempt()
    } catch (error) {
      if (waited >= patience || dialect.recognise(error)?.kind !== 'busy') throw error
    }
    const wait = delay * (0.5 + Math.random())
    await pause(wait)
    waited += wait + driverPatience
  }
}

/** What a synchronous driver itself may wait, blocking the event loop, in milliseconds. */
export const driverPatience = 20
