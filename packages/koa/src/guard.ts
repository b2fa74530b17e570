/** Guards as Koa has them: middleware, or around a handler. */
import { type Guard, type GuardArgs, guardArgs, isKnown, type Read, refusalIn } from '@keystile/core/adapter'
import type { Context, Next } from 'koa'
import { refuse } from './response.ts'

export type KoaMiddleware = (ctx: Context, next: Next) => Promise<unknown>

/** What is guarded: a handler that gets `Who` as its second argument. */
export type KoaHandler<Who> = (ctx: Context, who: Who, next: Next) => unknown

export type KoaGuard<Who> = Guard<KoaHandler<Who>, KoaMiddleware>

export function guard<Who>(read: Read<Context, Who>): KoaGuard<Who> {
  return (...args: GuardArgs<KoaHandler<Who>>): KoaMiddleware => {
    const { handler, refusal } = guardArgs(args)
    return async (ctx, next) => {
      const verdict = await read(ctx, refusal)
      if (!isKnown(verdict)) return refuse(ctx, refusalIn(verdict, refusal))
      return handler ? handler(ctx, verdict.who, next) : next()
    }
  }
}
