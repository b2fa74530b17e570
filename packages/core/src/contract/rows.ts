/** An app's rows in the types: the protocol's own, with the fields that the app and its plugins add. */
import type { SessionRow, UserRow } from '../domain/model.ts'
import type { Fields } from '../store/table.ts'
import type { BaseSession, BaseUser, InputOf, RowOf, StoredOf } from './model.ts'
import type { AnyPlugin } from './plugin.ts'

// biome-ignore lint/complexity/noBannedTypes: the empty object is the start of each fold
export type Nothing = {}
type Flat<T> = { [K in keyof T]: T[K] }
type Slot<P extends AnyPlugin, K extends 'user' | 'session'> = NonNullable<NonNullable<P['fields']>[K]>

/** Fields that are known by name; none where all that is known is that there may be some. */
type Known<F extends Fields> = Fields extends F ? Nothing : F

/** `A`, and what the plugins add to a table. */
type FoldFields<P extends readonly AnyPlugin[], K extends 'user' | 'session', A extends Fields> = P extends readonly [
  infer H extends AnyPlugin,
  ...infer T extends readonly AnyPlugin[],
]
  ? FoldFields<T, K, A & Known<Slot<H, K>>>
  : A

/** The fields that the app (`F`) and its plugins add to a table. */
export type AddedFields<P extends readonly AnyPlugin[], K extends 'user' | 'session', F extends Fields> = FoldFields<
  P,
  K,
  Known<F>
>

type UserOf<P extends readonly AnyPlugin[], U extends Fields> = Flat<BaseUser & RowOf<AddedFields<P, 'user', U>>>
type SessionOf<P extends readonly AnyPlugin[], S extends Fields> = Flat<
  BaseSession & RowOf<AddedFields<P, 'session', S>>
>

/**
 * The types that an app's plugins and fields make. They are looked up here, not named one by one: a type found through
 * a property has no name of its own, so declarations print a row as the plain object it is, also in a package of the
 * app that cannot name ours.
 */
export interface AppTypes<P extends readonly AnyPlugin[], U extends Fields, S extends Fields> {
  /** What clients see: all that an adapter needs to know, and so all that its declarations print. */
  model: { user: UserOf<P, U>; session: SessionOf<P, S> }
  /** What server calls take and answer. */
  calls: { user: UserOf<P, U>; session: SessionOf<P, S>; userInput: InputOf<AddedFields<P, 'user', U>> }
  /** What the server keeps. */
  rows: {
    user: Flat<UserRow & StoredOf<AddedFields<P, 'user', U>>>
    session: Flat<SessionRow & StoredOf<AddedFields<P, 'session', S>>>
  }
}
