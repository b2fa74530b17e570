/** What a method and a path name: compiled once, matched on the raw path. */
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Endpoint } from '../contract/endpoint.ts'

type Params = Readonly<Record<string, string>>

export interface Route {
  readonly endpoint: Endpoint
  readonly params: Params
}

export type Match = (method: string, path: string) => Route | null

export function createRouter(endpoints: Iterable<Endpoint>): Match {
  const open = [...endpoints].filter(({ path, access }) => path !== undefined && access !== 'server')
  const match = routing(
    open.flatMap((endpoint) =>
      [endpoint.method].flat().map((method) => [method, endpoint.path ?? '', endpoint] as const),
    ),
  )
  return (method, path) => {
    const found = match(method, path)
    return found && { endpoint: found[0], params: found[1] }
  }
}

/** What a method and a path name, and the parameters as they came. */
export type Find<T> = (method: string, path: string) => readonly [what: T, params: Params] | null

/** Patterns may overlap: what is written out comes before `:name`. */
export function routing<T>(routes: readonly (readonly [method: string, pattern: string, what: T])[]): Find<T> {
  const router = new SmartRouter<T>({ routers: [new RegExpRouter(), new TrieRouter()] })
  const methods = new Set(routes.map(([method]) => method))
  for (const route of routes.toSorted(byPattern)) router.add(...route)
  // The first match of a method compiles its table; no request should pay for it.
  for (const method of methods) router.match(method, '/')
  return (method, path) => {
    if (!methods.has(method)) return null
    const [[first], stash] = router.match(method, path)
    if (first === undefined) return null
    const [what, named] = first
    if (stash?.length === 0) return [what, noParams]
    const params: Record<string, string> = {}
    for (const [name, value] of Object.entries(named))
      params[name] = stash ? (stash[Number(value)] ?? '') : String(value)
    return [what, params]
  }
}

/** A parameter sorts behind everything that a segment may hold, whatever its name. */
const sortKey = (path: string) => path.replace(/:\w+/g, '\uffff')

function byPattern([, a]: readonly [string, string, unknown], [, b]: readonly [string, string, unknown]): number {
  const [x, y] = [sortKey(a), sortKey(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

const noParams: Params = Object.freeze({})

/** The raw path of an absolute URL; `null` where it has none. */
function rawPath(url: string): string | null {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start < 0) return null
  let end = url.length
  for (const mark of ['?', '#']) {
    const at = url.indexOf(mark, start)
    if (at >= 0 && at < end) end = at
  }
  return url.slice(start, end)
}

/** Whether a URL is the base path or below it. */
export function isBelow(basePath: string, url: string): boolean {
  const path = rawPath(url)
  return path !== null && (path === basePath || path.startsWith(`${basePath}/`))
}

/** The raw path below the base path, `null` when it is not below it, is empty, or holds an empty segment. */
export function pathBelow(basePath: string, url: string): string | null {
  const path = rawPath(url)
  if (path === null) return null
  if (!path.startsWith(basePath) || path[basePath.length] !== '/') return null
  const below = path.slice(basePath.length)
  return below === '/' || below.includes('//') ? null : below
}
