/** Schemes made ready for one app, each once, and their names in the document kept apart. */
import type { Scheme, SchemeApp } from '../contract/scheme.ts'
import { ConfigError, type Problem } from '../lib/errors.ts'

/** What `bind` gives; what its value lacks goes to `problems`. */
export function collected<T>(bind: () => T, problems: Problem[]): T | undefined {
  try {
    return bind()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Binds schemes, the same one once; what one lacks goes to `problems`. */
export function schemeBinder(app: SchemeApp, problems: Problem[]): (scheme: Scheme) => Scheme {
  const known = new Map<Scheme, Scheme>()
  const named = new Map<string, string>()

  function checkNames({ name: scheme, securitySchemes }: Scheme): void {
    for (const [name, object] of Object.entries(securitySchemes)) {
      const text = JSON.stringify(object)
      const earlier = named.get(name)
      if (earlier !== undefined && earlier !== text) problems.push(nameTaken(scheme, name))
      named.set(name, text)
    }
  }

  return (scheme) => {
    const ready = known.get(scheme)
    if (ready) return ready
    const own = collected(() => scheme.bind?.(app), problems) ?? scheme
    checkNames(own)
    known.set(scheme, own)
    return own
  }
}

const nameTaken = (scheme: string, name: string): Problem => ({
  code: 'SECURITY_SCHEME_TAKEN',
  message: `scheme "${scheme}" calls itself "${name}" in the OpenAPI document, as another one does that differs`,
  seen: `two security schemes named "${name}"`,
  expected: 'a name of its own for each',
  fix: `give one of them another name: { name: '${name}2' }`,
})
