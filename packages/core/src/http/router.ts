/** Which endpoint a method and a path name: compiled once, matched on the raw path. */
import { RegExpRouter } from 'hono/router/reg-exp-router'
import type { Endpoint } from '../contract/endpoint.ts'

export interface Route {
  readonly endpoint: Endpoint
  readonly params: Readonly<Record<string, string>>
}

export type Match = (method: string, path: string) => Route | null

const noParams: Readonly<Record<string, string>> = Object.freeze({})

export function createRouter(endpoints: Iterable<Endpoint>): Match {
  const router = new RegExpRouter<Endpoint>()
  const methods = new Set<string>()
  for (const endpoint of endpoints) {
    if (endpoint.path === undefined || endpoint.access === 'server') continue
    for (const method of [endpoint.method].flat()) {
      router.add(method, endpoint.path, endpoint)
      methods.add(method)
    }
  }
  // The first match compiles the table; no request should pay for it.
  for (const method of methods) router.match(method, '/')
  return (method, path) => {
    if (!methods.has(method)) return null
    const [found, stash] = router.match(method, path)
    const first = found[0]
    if (first === undefined) return null
    const [endpoint, names] = first
    if (stash === undefined) return { endpoint, params: noParams }
    const params: Record<string, string> = {}
    for (const [name, index] of Object.entries(names)) params[name] = stash[Number(index)] ?? ''
    return { endpoint, params }
  }
}

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
