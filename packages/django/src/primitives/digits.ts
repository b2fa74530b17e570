/** Whole numbers as Django writes them in base 62 (timestamps of signatures) and base 36 (reset tokens). */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Most significant digit first; `-` before a negative number. */
export function toBase62(number: number): string {
  let text = ''
  let rest = Math.abs(number)
  do {
    text = BASE62.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  } while (rest > 0)
  return number < 0 ? `-${text}` : text
}

/** The number in the one form `toBase62` gives it, else `undefined`. */
export function fromBase62(text: string): number | undefined {
  let number = 0
  for (const digit of text.startsWith('-') ? text.slice(1) : text) number = number * 62 + BASE62.indexOf(digit)
  if (text.startsWith('-')) number = -number
  return Number.isSafeInteger(number) && toBase62(number) === text ? number : undefined
}

/** Digits and lower-case letters, most significant first. */
export function toBase36(number: number): string {
  return number.toString(36)
}

/** The number of at most 13 digits in the one form `toBase36` gives it, else `undefined`. */
export function fromBase36(text: string): number | undefined {
  const number = /^[0-9a-z]{1,13}$/.test(text) ? Number.parseInt(text, 36) : Number.NaN
  return Number.isSafeInteger(number) && toBase36(number) === text ? number : undefined
}
