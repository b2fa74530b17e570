/** `#base64` on Node. */
import { Buffer, isUtf8 } from 'node:buffer'

/** The UTF-8 of a text as base64url without padding (RFC 4648, 5). */
export function textToBase64Url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/** The text behind the canonical base64url of its UTF-8, else `null`. */
export function textFromBase64Url(base64url: string): string | null {
  const bytes = Buffer.from(base64url, 'base64url')
  // Node skips what is no base64url: only the canonical form comes back the same.
  return isUtf8(bytes) && bytes.toString('base64url') === base64url ? bytes.toString('utf8') : null
}
