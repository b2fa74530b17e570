/** `@keystile/core/store`: what a store of another package is made of. */
export { ConfigError } from './lib/errors.ts'
export { remember } from './lib/remember.ts'
export { parse, stringify } from './store/codec.ts'
export type { Engine, StoreOptions } from './store/engine.ts'
export { type MadeDatabase, openEngine } from './store/made.ts'
export { type Database, openStore } from './store/open.ts'
export {
  type Condition,
  type JoinOn,
  type ListOptions,
  type MakeId,
  type Store,
  StoreUnavailable,
  UniqueViolation,
  UnstorableValue,
  type Verbs,
  type Where,
} from './store/store.ts'
export { extendTable, type Field, type Fields, type RowOf, type Table, type TableIndex, table } from './store/table.ts'
export { eachVerb, runWork } from './store/transaction.ts'
export { allFields, holdsId, insertValue, type Kind, kindOf, logical, noField, patchOf } from './store/values.ts'
export { eachTerm, isTextOperator, namesOneRow, type Operator, type TextOperator, wholeNumber } from './store/where.ts'
