/** What differs between databases, as a value. */
import type { SQL } from 'drizzle-orm/sql/sql'
import type { TextOperator } from './where.ts'

/** What went wrong, as far as it matters; `columns` are the database's names. */
export type Failure =
  | { readonly kind: 'unique'; readonly table: string | undefined; readonly columns: readonly string[] }
  | { readonly kind: 'busy' }
  /** `fix`: what the person who runs the database can do. */
  | { readonly kind: 'unavailable'; readonly fix: string }

export interface Dialect {
  readonly quote: (name: string) => string
  /** The text of the parameter at this index, from 0. */
  readonly parameter: (index: number) => string
  /** The comparison of a text column, case-sensitive; it does not hold for NULL. */
  readonly compareText: (operator: TextOperator, column: SQL, value: SQL) => SQL
  /** `undefined`: the error is a mistake of the program and passes as it is. */
  readonly recognise: (error: unknown) => Failure | undefined
}
