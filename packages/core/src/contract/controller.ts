/** Endpoints together: a controller has a path and several methods, a group shares what guards a part of it. */
import type { FoundBy, Identified, LevelAuth, Only, SchemeList } from './levels.ts'
import type { Meets, OwnEndpoint } from './own-endpoint.ts'

type Accepts<Who> = Meets<Who>['~accepts']

interface Level<A> {
  readonly auth?: LevelAuth | undefined
  readonly endpoints: { readonly [name: string]: OwnEndpoint | Group }
  /** OpenAPI tags of all its endpoints. */
  readonly tags?: readonly string[] | undefined
  /** Types only, never there: a union of what each member accepts. */
  readonly '~accepts': A
}

export interface Group<A = Accepts<never>> extends Level<A> {
  /** Below the controller's. */
  readonly path?: string | undefined
}

export interface Controller<A = Accepts<never>> extends Level<A> {
  readonly path: string
}

/** What a level holds, by name, each able to meet `Who`. */
export type Members<Who> = { readonly [name: string]: Meets<Who> }

/** Controllers whose endpoints can all meet `Who`. */
export type Controllers<Who> = readonly Controller<Accepts<Who>>[]

/** Whom the schemes of a level may find for its members: nobody, where null opens them. */
type Brings<L> = L extends null
  ? undefined
  : L extends Only<infer S>
    ? FoundBy<S>
    : L extends SchemeList
      ? FoundBy<L>
      : never

/** Whom levels further out may bring: what all members can meet; anybody, where nothing further out counts. */
type Outside<L, E extends Members<never>> = [L] extends [null | Only]
  ? Accepts<Identified | undefined>
  : E[keyof E]['~accepts']

interface LevelOptions<L, E> {
  /** Schemes added to those of the settings; `only([…])` in their place; `null`: open to all. */
  readonly auth?: L
  readonly endpoints: E
  readonly tags?: readonly string[] | undefined
}

/**
 * One path and what it answers, method by method; members with a path of their own lie below it.
 *
 * @example controller('/notes', { endpoints: { list: endpoint({ method: 'GET', … }, …), add: endpoint({ method: 'POST', … }, …) } })
 */
export function controller<
  const L extends LevelAuth | undefined = undefined,
  // Most levels say nothing: asked here, that spares compilers the rest.
  E extends Members<L extends undefined ? never : Brings<L>> = never,
>(path: string, level: LevelOptions<L, E>): Controller<Outside<L, E>>
export function controller(path: string, level: object): unknown {
  return { ...level, path }
}

/** Members of a controller that share schemes, and maybe a path below the controller's. */
export function group<
  const L extends LevelAuth | undefined = undefined,
  E extends Members<L extends undefined ? never : Brings<L>> = never,
>(level: LevelOptions<L, E> & { readonly path?: string | undefined }): Group<Outside<L, E>>
export function group(level: object): unknown {
  return level
}
