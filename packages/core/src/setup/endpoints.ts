/** Every endpoint of an app under its name in `auth.api`: the core's, and those of plugins. */
import type { Endpoint, Endpoints } from '../contract/endpoint.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import type { Problem } from '../lib/errors.ts'
import { isPattern, noPattern, shapeOf } from './patterns.ts'

/** Names that no plugin may take the place of. */
const fixed = new Set(['ok', 'error'])

export function allEndpoints(
  core: Endpoints,
  plugins: readonly AnyPlugin[],
  problems: Problem[],
): ReadonlyMap<string, Endpoint> {
  const endpoints = new Map<string, Endpoint>(Object.entries(core))
  /** Routes by their shape, the core's under the names that may take their place. */
  const taken = new Map<string, { readonly by: string; readonly unless?: string }>()
  for (const [name, endpoint] of endpoints) {
    for (const route of routesOf(endpoint)) taken.set(shapeOf(route), { by: 'the core', unless: name })
  }
  for (const plugin of plugins) {
    const by = `plugin ${plugin.id}`
    for (const [name, endpoint] of Object.entries<Endpoint>({ ...plugin.endpoints, ...plugin.replaces })) {
      if (!fixed.has(name)) endpoints.set(name, endpoint)
      const { path } = endpoint
      if (path !== undefined && !isPattern(path)) problems.push(noPattern(path, `${name} of ${by}`))
      for (const route of routesOf(endpoint)) {
        const other = taken.get(shapeOf(route))
        if (other && other.unless !== name) problems.push(routeTaken(route, other.by, by))
        taken.set(shapeOf(route), { by })
      }
    }
  }
  return endpoints
}

const routesOf = ({ method, path }: Endpoint): string[] =>
  path === undefined ? [] : [method].flat().map((each) => `${each} ${path}`)

const routeTaken = (route: string, one: string, other: string): Problem => ({
  code: 'ROUTE_TAKEN',
  message: `${one} and ${other} both bring ${route}`,
  seen: `${route} twice`,
  expected: 'a route of one of them, whatever its parameters are called',
  fix: 'leave one of them out, or give it another path',
})
