import { LOWER_AND_DIGITS, type Random, randomText, systemRandom } from '../primitives/random.ts'

/** The key of a new session: 32 lower-case letters and digits. */
export function newSessionKey(random: Random = systemRandom): string {
  return randomText(random, 32, LOWER_AND_DIGITS)
}

/** Whether a row is looked up for it. Anything else that a client sends counts as no key. */
export function isSessionKey(key: unknown): key is string {
  // Python counts code points.
  return typeof key === 'string' && [...key].length >= 8
}
