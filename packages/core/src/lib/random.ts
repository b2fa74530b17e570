/** Tokens and ids, made from an injected source of random bytes. */
import { toBase64Url } from './bytes.ts'

/** Gives `size` cryptographically secure random bytes. */
export type Random = (size: number) => Uint8Array

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
