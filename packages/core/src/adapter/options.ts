import { ConfigError } from '../lib/errors.ts'
import { nearest } from '../lib/nearest.ts'
import { unknownOption } from '../lib/unknown-option.ts'

/**
 * Throws a ConfigError of every option that is set and that nothing reads, with the one that was probably meant.
 *
 * @param known the names that the options' type has, no more and no fewer
 */
export function checkOptions<O extends object>(options: O, known: { readonly [K in keyof O]-?: true }): void {
  const names = Object.keys(known)
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError([
      {
        code: 'OPTIONS_NO_OBJECT',
        message: 'Options are an object',
        seen: options === null ? 'null' : `a ${typeof options}`,
        expected: `an object with some of ${names.join(', ')}`,
        fix: 'give them by their names, or leave them out',
      },
    ])
  }
  const others = Object.entries(options).filter(([name, value]) => value !== undefined && !names.includes(name))
  if (others.length === 0) return
  throw new ConfigError(others.map(([name]) => unknownOption(name, nearest(name, names), names)))
}
