/** The opening for stores that other packages make. */
import type { Engine, StoreOptions } from './engine.ts'

/** A database of another package, as the `database` option takes it. */
export interface MadeDatabase {
  /** Called at the first use; again after it has failed. The engine makes its tables where they are missing. */
  readonly [openEngine]: (options: StoreOptions) => Promise<Engine>
}

export const openEngine: unique symbol = Symbol.for('keystile.engine') as never
