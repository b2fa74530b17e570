/** `databaseHooks` in the types of an app's own rows. */
import type { Exchange } from '../domain/exchange.ts'
import type { AccountRow, VerificationRow } from '../domain/model.ts'
import type { AppRows } from './model.ts'

/** What is sure to be in a row that is about to be made; what may be null or has a default may be missing. */
type NewRow<Base, Row> = Partial<Row> & {
  [K in keyof Base as K extends 'id' ? never : null extends Base[K] ? never : K]: Base[K]
}

// Methods, not functions: so typed options still are `Options`, whatever their rows.
interface Told<Data, Row> {
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one
  before(data: Data, context: Exchange | null): Verdict<Row> | Promise<Verdict<Row> | void> | void
  after(row: Row, context: Exchange | null): void
}
type Verdict<Row> = false | { readonly data: Partial<Row> } | undefined

interface Around<Data, Row> {
  /** `false` refuses the write; `{ data }` is merged over it. */
  readonly before?: Told<Data, Row>['before'] | undefined
  /** Told once the write is committed, and waited for. */
  readonly after?: Told<Data, Row>['after'] | undefined
}

/** Hooks around the writes of one table. */
export interface RowHooks<Base, Row> {
  readonly create?: Around<NewRow<Base, Row>, Row> | undefined
  readonly update?: Around<Partial<Row>, Row> | undefined
  readonly delete?: Around<Row, Row> | undefined
}

export interface DatabaseHooks<R extends AppRows> {
  readonly user?: RowHooks<AppRows['user'], R['user']> | undefined
  readonly session?: RowHooks<AppRows['session'], R['session']> | undefined
  readonly account?: RowHooks<AccountRow, Flat<AccountRow>> | undefined
  readonly verification?: RowHooks<VerificationRow, Flat<VerificationRow>> | undefined
}

/** Of an interface a plain object type, which any `Record<string, unknown>` takes. */
type Flat<T> = { [K in keyof T]: T[K] }
