/** Guards as Hono has them: middleware, or around a route's handler. */
import { type GuardArgs, type GuardOptions, guardArgs, isKnown, type Read, refusalIn } from '@keystile/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { refuse } from './response.ts'

/** A guard: middleware, or around a route's handler, which then gets `Who` as its second argument. */
export interface HonoGuard<Who> {
  (options?: GuardOptions | undefined): MiddlewareHandler
  <R>(
    handler: (c: Context, who: Who, next: Next) => R,
    options?: GuardOptions | undefined,
  ): (c: Context, next: Next) => Promise<Awaited<R>>
}

export function guard<Who>(read: Read<Context, Who>): HonoGuard<Who> {
  return <R>(...args: GuardArgs<(c: Context, who: Who, next: Next) => R>) => {
    const { handler, refusal } = guardArgs(args)
    // Typed by what the handler answers: a refusal is the same 401 or redirect on every route.
    return async (c: Context, next: Next): Promise<Awaited<R>> => {
      const verdict = await read(c, refusal)
      if (!isKnown(verdict)) return refuse(c, refusalIn(verdict, refusal)) as Awaited<R>
      return (await (handler ? handler(c, verdict.who, next) : next())) as Awaited<R>
    }
  }
}
