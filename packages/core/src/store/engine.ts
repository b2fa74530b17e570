/** What stands behind a store once it is open, and what it is opened with. */
import { ConfigError, type Problem } from '../lib/errors.ts'
import type { IdType } from './ddl.ts'
import type { MakeId, Verbs } from './store.ts'
import type { Table } from './table.ts'

/** A drizzle database; its `schema` holds the app's tables. */
export interface DrizzleDatabase {
  readonly _: { readonly fullSchema?: unknown }
}

export interface StoreOptions {
  /** Every table that the verbs will be asked for, renamed and extended already. Verbs find them by logical name. */
  readonly tables: readonly Table[]
  readonly makeId: MakeId
  /**
   * `serial`: integer keys counted by the database, text to everyone else. `database`: text keys made by the database.
   * With both, `makeId` gives `undefined`.
   */
  readonly idType: IdType
  /** Told each finding once. */
  readonly logger?: { warn(message: string): void } | undefined
  /** Sees every statement before it runs, `begin`, `commit` and `rollback` too; not those of start-up. */
  readonly onStatement?: ((sql: string) => void) | undefined
}

export interface Engine {
  readonly verbs: Verbs
  readonly transaction: <T>(work: (tx: Verbs) => Promise<T>) => Promise<T>
  readonly findings: readonly string[]
  readonly close: () => Promise<void>
}

/** @throws ConfigError, always. */
export function refuse(problem: Problem): never {
  throw new ConfigError([problem])
}
