/** Which endpoint of an app a method and a path name. */
import type { Operation } from './operation.ts'
import { routing } from './router.ts'

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
  const find = routing(operations.map((operation) => [operation.endpoint.method, operation.path, operation]))
  const methods = [...new Set(operations.map((operation) => operation.endpoint.method))].sort()
  return {
    match(method, path) {
      const found = find(method, path)
      if (!found) return null
      const [operation, params] = found
      return {
        operation,
        params: Object.fromEntries(Object.entries(params).map(([name, raw]) => [name, decoded(raw)])),
      }
    },
    methodsOf: (path) => methods.filter((method) => find(method, path)),
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
