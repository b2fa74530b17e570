/** Which endpoint of an app a method and a path name. Patterns may overlap: what is written out comes before `:name`. */
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { Operation } from './operation.ts'

export interface OwnRoute {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
}

export interface OwnRouter {
  match(method: string, path: string): OwnRoute | null
  /** The methods of a path, sorted; empty where there is no such path. */
  methodsOf(path: string): readonly string[]
}

export function createOwnRouter(operations: readonly Operation[]): OwnRouter {
  const router = new SmartRouter<Operation>({ routers: [new RegExpRouter(), new TrieRouter()] })
  const methods = [...new Set(operations.map((operation) => operation.endpoint.method))].sort()
  for (const operation of operations.toSorted(byPattern))
    router.add(operation.endpoint.method, operation.path, operation)
  // The routers are chosen and built with the first match.
  router.match('GET', '/')

  function match(method: string, path: string): OwnRoute | null {
    const [found, stash] = router.match(method, path)
    const first = found[0]
    if (first === undefined) return null
    const [operation, named] = first
    const params: Record<string, string> = {}
    for (const [name, value] of Object.entries(named)) {
      params[name] = decoded(stash === undefined ? String(value) : (stash[Number(value)] ?? ''))
    }
    return { operation, params }
  }

  return { match, methodsOf: (path) => methods.filter((method) => match(method, path) !== null) }
}

/** A parameter sorts behind everything that a segment may hold, whatever its name. */
const sortKey = (path: string) => path.replace(/:\w+/g, '\uffff')

function byPattern(a: Operation, b: Operation): number {
  const [x, y] = [sortKey(a.path), sortKey(b.path)]
  return x < y ? -1 : 1
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
