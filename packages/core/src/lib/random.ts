/** Tokens and ids, made from an injected source of random bytes. */
import { toBase64Url } from './bytes.ts'

/** Gives `size` cryptographically secure random bytes. */
export type Random = (size: number) => Uint8Array

/** The source of random bytes failed: nothing that must not be guessed can be made. */
export class RandomUnavailable extends Error {
  override readonly name = 'RandomUnavailable'
}

/** A source that gives what it was asked for, or throws `RandomUnavailable`. */
export function checkedRandom(source: Random): Random {
  return (size) => {
    let bytes: Uint8Array
    try {
      bytes = source(size)
    } catch (cause) {
      throw new RandomUnavailable('the source of random bytes failed', { cause })
    }
    if (bytes.length === size) return bytes
    throw new RandomUnavailable(`the source of random bytes gave ${bytes.length} of ${size}`)
  }
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 32

/** A secret of 256 bits: 43 characters of base64url. */
export function makeToken(random: Random): string {
  return toBase64Url(random(32))
}

/** An id of 32 letters and digits (190 bits), each equally likely. */
export function makeId(random: Random): string {
  let id = ''
  while (id.length < ID_LENGTH) {
    // Six bits of a byte choose the character; the two values beyond the alphabet are skipped, so none is favoured.
    for (const byte of random(ID_LENGTH + 8)) {
      if (id.length < ID_LENGTH) id += ALPHANUMERIC.charAt(byte & 63)
    }
  }
  return id
}
