import { randomBytes } from 'node:crypto'

/** Gives `size` cryptographically secure random bytes. */
export type Random = (size: number) => Uint8Array

/** The system's generator. */
export const systemRandom: Random = randomBytes

const LOWER = 'abcdefghijklmnopqrstuvwxyz'

/** Of session keys. */
export const LOWER_AND_DIGITS = `${LOWER}0123456789`

/** Of salts, unusable passwords and CSRF tokens, in the order that masks are reckoned in. */
export const LETTERS_AND_DIGITS = `${LOWER}${LOWER.toUpperCase()}0123456789`

/** A text of `length` characters of `alphabet`, each equally likely. */
export function randomText(random: Random, length: number, alphabet: string): string {
  // Bytes from the last incomplete round of the alphabet are thrown away: they would favour its first characters.
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of random(length + 8)) {
      if (byte < limit && text.length < length) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}
