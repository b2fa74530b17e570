/** The tokens of Django's CSRF protection: a secret, and the secret under a mask that differs each time. */
import { timingSafeEqual } from '../primitives/compare.ts'
import { LETTERS_AND_DIGITS, type Random, randomText, systemRandom } from '../primitives/random.ts'

const LENGTH = 32
const SIZE = LETTERS_AND_DIGITS.length

/** A new secret: 32 letters and digits. */
export function newCsrfSecret(random: Random = systemRandom): string {
  return randomText(random, LENGTH, LETTERS_AND_DIGITS)
}

/** The secret under a mask, 64 characters: what a page carries, so that compression gives no character of it away. */
export function maskCsrfSecret(secret: string, random: Random = systemRandom): string {
  const mask = newCsrfSecret(random)
  return mask + combine(secret, mask, 1)
}

/** Why a text is no token: its length or its characters. */
export type TokenFault = 'has incorrect length' | 'has invalid characters'

/** What is wrong with the form of a token, masked or plain; `undefined` where nothing is. */
export function tokenFault(token: string): TokenFault | undefined {
  if (token.length !== LENGTH && token.length !== 2 * LENGTH) return 'has incorrect length'
  return /^[a-zA-Z0-9]*$/.test(token) ? undefined : 'has invalid characters'
}

/** The secret of a token without fault: of a masked one (64 characters) what is under the mask, else itself. */
export function csrfSecretOf(token: string): string {
  return token.length === LENGTH ? token : combine(token.slice(LENGTH), token.slice(0, LENGTH), -1)
}

/** Whether two tokens without fault have the same secret, in constant time. */
export function sameCsrfSecret(a: string, b: string): boolean {
  return timingSafeEqual(csrfSecretOf(a), csrfSecretOf(b))
}

/** Adds the mask to a text character by character, or takes it off. */
function combine(text: string, mask: string, direction: 1 | -1): string {
  return Array.from(text, (character, at) => {
    const sum = LETTERS_AND_DIGITS.indexOf(character) + direction * LETTERS_AND_DIGITS.indexOf(mask.charAt(at))
    return LETTERS_AND_DIGITS.charAt((sum + SIZE) % SIZE)
  }).join('')
}
