import { DjangoError } from '../errors.ts'
import type { Random } from '../primitives/random.ts'
import { newSessionKey } from './key.ts'

/** As often as a new key is tried. One is taken once in 36^32, unless `random` is no source of chance. */
const TRIES = 10

/**
 * Tries new keys until one is free.
 *
 * @param tryKey whether the key was free, and is taken now
 * @throws {DjangoError} `SESSION_KEY_TAKEN`
 */
export async function withNewKey(random: Random, tryKey: (key: string) => Promise<boolean>): Promise<string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const key = newSessionKey(random)
    if (await tryKey(key)) return key
  }
  throw new DjangoError(
    'SESSION_KEY_TAKEN',
    `${TRIES} new session keys were taken: the source of chance repeats itself`,
  )
}
