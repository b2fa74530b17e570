/** The text of a cookie's value, quoted as Python's `http.cookies` does it: Django reads and writes cookies so. */
import { DjangoError } from '../errors.ts'

const PLAIN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]*$/

/**
 * The value as it stands in a header: as it is where it may, else in quotes, with escapes.
 *
 * @throws {DjangoError} `UNSAFE_COOKIE` for characters beyond U+00FF, which no header carries
 */
export function quoteCookie(value: string): string {
  if (PLAIN.test(value)) return value
  if (/[\u0100-\uffff]/.test(value)) throw new DjangoError('UNSAFE_COOKIE', 'a cookie has no characters beyond U+00FF')
  const escaped = value.replace(/[^A-Za-z0-9!#$%&'*+\-.^_`|~: ()/<=>?@[\]{}]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}

/** The value that stands in a header: quotes and escapes are undone where there are any. */
export function unquoteCookie(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  return text
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|(.))/gs, (_escape, octal: string | undefined, character: string) =>
      octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
    )
}
