/** Names of tables and columns in SQL. */
import { DjangoError } from '../errors.ts'
import type { Dialect } from './driver.ts'

/** Room for every name that one of the databases takes. */
const LONGEST = 128

/**
 * A name in the quotes of the dialect. Which names there are is for the inspection of the table to say; here it is made
 * sure that a name stays one.
 *
 * @throws DjangoError `BAD_NAME` for one with a quote, a backslash, a dot or a control character.
 */
export function quoteName(dialect: Dialect, name: string): string {
  if (name.length > LONGEST || !/^[^\p{Cc}\p{Cs}"'`\\.]+$/u.test(name)) {
    throw new DjangoError('BAD_NAME', `No table or column is named ${JSON.stringify(name.slice(0, LONGEST))}`)
  }
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}
