/** `#base64` where there is no Node. */
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The UTF-8 of a text as base64url without padding (RFC 4648, 5). */
export function textToBase64Url(text: string): string {
  return toBase64Url(utf8(text))
}

/** The text behind the canonical base64url of its UTF-8, else `null`. */
export function textFromBase64Url(base64url: string): string | null {
  const bytes = fromBase64Url(base64url)
  if (bytes === null) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
