/** The patterns of paths that endpoints have. */
import type { Problem } from '../lib/errors.ts'

/** A parameter matches whatever its name: routes of one shape are the same. */
export const shapeOf = (route: string): string => route.replace(/:\w+/g, ':')

/** Segments that are written out, or `:name`; each name once. */
export function isPattern(path: string): boolean {
  const names = path.match(/:\w+/g) ?? []
  return /^(\/(:[A-Za-z_]\w*|[\w.~!$&'()+,;=%-]*))+$/.test(path) && new Set(names).size === names.length
}

export const noPattern = (path: string, name: string): Problem => ({
  code: 'PATH_INVALID',
  message: `${name} has a path that no request can be told by`,
  seen: path,
  expected: 'segments as they stand in a URL, or :name for one, each name once',
  fix: 'write it like /notes/:id; read the rest in the handler',
})
