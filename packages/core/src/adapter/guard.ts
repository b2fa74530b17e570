/** What the guards of all frameworks have in common: how they are called, and what they ask. */
import { Refusal, redirection, unauthorized } from './refusal.ts'

export interface GuardOptions {
  /** For pages: where a visitor whom nobody knows is sent (302), instead of the 401. */
  readonly redirectTo?: string | undefined
}

/** A guard: middleware by itself, or around a handler. */
export interface Guard<Handler, Middleware> {
  (options?: GuardOptions | undefined): Middleware
  (handler: Handler, options?: GuardOptions | undefined): Middleware
}

/** What a guard is called with. */
export type GuardArgs<Handler> =
  | [options?: GuardOptions | undefined]
  | [handler: Handler, options?: GuardOptions | undefined]

/** Whom a guard lets through, or what it answers instead. */
export type Verdict<Who> = { readonly who: Who } | { readonly refusal: Refusal }

/** What a guard asks; `unknown` is its answer to someone whom nobody knows. */
export type Read<C extends object, Who> = (ctx: C, unknown: Refusal) => Promise<Verdict<Who>>

/** Lets through who was found. Anything else refuses, such as what another version of this package would say. */
export function isKnown<Who>(verdict: Verdict<Who>): verdict is { readonly who: Who } {
  return isObject(verdict) && 'who' in verdict && isObject(verdict.who)
}

/** What to answer to someone who is not let through. */
export function refusalIn(verdict: Verdict<unknown>, unknown: Refusal): Refusal {
  const refusal = isObject(verdict) && 'refusal' in verdict ? verdict.refusal : undefined
  return refusal instanceof Refusal ? refusal : unknown
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A guard's arguments, told apart: the handler it is around, if any, and how it refuses. */
export function guardArgs<Handler extends (...args: never[]) => unknown>(
  args: GuardArgs<Handler>,
): { handler: Handler | undefined; refusal: Refusal } {
  const [handler, options] = typeof args[0] === 'function' ? [args[0], args[1]] : [undefined, args[0]]
  return { handler, refusal: options?.redirectTo ? redirection(options.redirectTo) : unauthorized }
}
