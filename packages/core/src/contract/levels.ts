/** Which schemes guard an endpoint: declared at four levels, which add up. */
import type { Scheme } from './scheme.ts'

/** Schemes in the order they are asked; the first that knows the caller decides. */
export type SchemeList = readonly Scheme[]

/** A list that takes the place of what outer levels declare, instead of adding to it. */
export interface Only<L extends SchemeList = SchemeList> {
  readonly only: L
}

/** What a level says: schemes to add, schemes to have alone, or `null`: no one is asked who they are. */
export type LevelAuth = SchemeList | Only | null

/**
 * These schemes and no others: a level's list is otherwise an addition to those further out, so that a stricter scheme
 * on an endpoint does not take away a weaker one of the settings.
 */
export function only<const L extends SchemeList>(schemes: L): Only<L> {
  return { only: schemes }
}

/** The caller, and the scheme that told. */
export interface Identified<Name extends string = string, Identity = unknown> {
  readonly scheme: Name
  readonly identity: Identity
}

/** Whom a list of schemes may find: a union, told apart by `scheme`. */
export type FoundBy<L extends SchemeList> = L[number] extends infer S
  ? S extends Scheme<infer Identity, infer Name>
    ? Identified<Name, Identity>
    : never
  : never
