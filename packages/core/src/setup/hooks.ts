/** Which hooks run at which endpoint: decided once. The app's own come first, then plugins in their order. */
import type { Endpoint } from '../contract/endpoint.ts'
import type { Hook } from '../contract/hook.ts'
import type { Tables } from '../domain/model.ts'
import { unknownNames } from '../lib/check-options.ts'
import type { Problem } from '../lib/errors.ts'
import { wildcard } from '../lib/wildcard.ts'

export function hooksByEndpoint(
  endpoints: Iterable<Endpoint>,
  hooks: readonly Hook[],
): (endpoint: Endpoint) => readonly Hook[] {
  const table = new Map<Endpoint, readonly Hook[]>()
  for (const endpoint of endpoints) {
    const own = hooks.filter((hook) => appliesTo(hook, endpoint))
    if (own.length > 0) table.set(endpoint, own)
  }
  return (endpoint) => table.get(endpoint) ?? none
}

const none: readonly Hook[] = []

/** Hooks of a table that is not there would never run. */
export function checkHookTables(hooks: object = {}, tables: Tables, problems: Problem[]): void {
  problems.push(...unknownNames('databaseHooks', hooks, Object.keys(tables)))
}

function appliesTo({ at }: Hook, endpoint: Endpoint): boolean {
  if (at === undefined) return true
  return [at].flat().some((place) => {
    if (typeof place !== 'string') return place === endpoint || place.path === endpoint.path
    return endpoint.path !== undefined && wildcard(place)(endpoint.path)
  })
}
