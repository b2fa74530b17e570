/** Guards as Express has them: middleware, or around a route's handler. */
import { type Guard, type GuardArgs, guardArgs, isKnown, type Read, refusalIn } from '@keystile/core/adapter'
import { refuse } from '@keystile/node'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

/** What is guarded: a route's handler that gets `Who` as its third argument. */
export type ExpressHandler<Who> = (req: Request, res: Response, who: Who, next: NextFunction) => unknown

export type ExpressGuard<Who> = Guard<ExpressHandler<Who>, RequestHandler>

export function guard<Who>(read: Read<Request, Who>): ExpressGuard<Who> {
  return (...args: GuardArgs<ExpressHandler<Who>>): RequestHandler => {
    const { handler, refusal } = guardArgs(args)
    const run = async (req: Request, res: Response, next: NextFunction) => {
      const verdict = await read(req, refusal)
      if (!isKnown(verdict)) return refuse(res, refusalIn(verdict, refusal))
      return handler ? handler(req, res, verdict.who, next) : next()
    }
    // Express 4 does not look at promises. A failed read never reaches the handler.
    return (req, res, next) => run(req, res, next).catch(next)
  }
}
