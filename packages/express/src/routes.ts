/** Where Express brings requests, by the layers of its routers: 5 and 4 show them alike. */
import type { Reaches } from '@keystile/core/adapter'
import type { IRouter } from 'express'

interface Layer {
  readonly handle: unknown
  readonly route?: unknown
  /** What a match takes off the path of a router's requests: older ones leave that on the layer. */
  readonly match: (path: string) => boolean | { readonly path: string }
  readonly path?: string | undefined
}

interface Stacked {
  readonly stack: readonly Layer[]
}

/** An app shows its routers, but not those of another app that is mounted on it. */
export const reaches: Reaches<IRouter> = (app, middleware, path) => within(routerOf(app), middleware, `${path}/ok`)

function within(router: unknown, middleware: object, path: string): boolean | undefined {
  let found: boolean | undefined
  for (const layer of isStacked(router) ? router.stack : []) {
    const inside = layer.route ?? layer.handle
    const matches = layer.match(path)
    const taken = typeof matches === 'object' ? matches.path : layer.path
    const rest = (matches && !layer.route && path.slice(taken?.length)) || '/'
    const reached = inside === middleware || within(inside, middleware, rest)
    if (reached && matches) return true
    if (reached !== undefined) found = false
  }
  return found
}

function routerOf(app: object): unknown {
  if (isStacked(app)) return app
  try {
    return Reflect.get(app, '_router') ?? Reflect.get(app, 'router')
  } catch {
    // Express 4 throws where nothing is mounted yet.
    return undefined
  }
}

const isStacked = (value: unknown): value is Stacked =>
  (typeof value === 'object' || typeof value === 'function') && Array.isArray(Reflect.get(value ?? {}, 'stack'))
