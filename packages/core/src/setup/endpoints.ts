/** Every endpoint of an app under its name in `auth.api`: the core's, and those of plugins. */
import type { Endpoint, Endpoints } from '../contract/endpoint.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import type { Problem } from '../lib/errors.ts'

/** Names that no plugin may take the place of. */
const fixed = new Set(['ok', 'error'])

export function allEndpoints(
  core: Endpoints,
  plugins: readonly AnyPlugin[],
  problems: Problem[],
): ReadonlyMap<string, Endpoint> {
  const endpoints = new Map<string, Endpoint>(Object.entries(core))
  const owners = new Map<string, string>()
  for (const plugin of plugins) {
    for (const [name, endpoint] of Object.entries<Endpoint>({ ...plugin.endpoints, ...plugin.replaces })) {
      if (!fixed.has(name)) endpoints.set(name, endpoint)
      for (const method of endpoint.path === undefined ? [] : [endpoint.method].flat()) {
        const route = `${method} ${endpoint.path}`
        const owner = owners.get(route)
        if (owner !== undefined) {
          problems.push({
            code: 'ROUTE_TAKEN',
            message: `plugins ${owner} and ${plugin.id} both bring ${route}`,
            seen: `${route} twice`,
            expected: 'a route of one plugin',
            fix: 'leave one of them out',
          })
        }
        owners.set(route, plugin.id)
      }
    }
  }
  return endpoints
}
