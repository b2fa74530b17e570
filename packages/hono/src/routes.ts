/** Where Hono brings requests, by the routes that it shows: those of apps that are routed into it too. */
import { reaches as below, type Reaches, staticPrefix } from '@keystile/core/adapter'
import type { Hono } from 'hono'

/** Whatever its environment and routes are. */
export type AnyHono = Pick<Hono, 'routes'>

export const reaches: Reaches<AnyHono> = ({ routes }, middleware, path) => {
  const own = routes.filter(({ handler }) => (handler as object) === middleware)
  return own.length > 0 ? own.some((route) => below(staticPrefix(route.path), path)) : undefined
}
