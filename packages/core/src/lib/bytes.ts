/** Bytes and their texts (RFC 4648). Decoders are total: what is not the one canonical form of some bytes is `null`. */

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BASE64 = encoder.encode(`${LETTERS_AND_DIGITS}+/`)
const BASE64_URL = encoder.encode(`${LETTERS_AND_DIGITS}-_`)

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return encode(bytes, BASE64) + '='.repeat((3 - (bytes.length % 3)) % 3)
}

/** The bytes of standard base64 with its padding, else `null`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0) return null
  return decode(text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text, base64Values)
}

/** base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return encode(bytes, BASE64_URL)
}

/** The bytes of base64url without padding, else `null`. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  return decode(text, base64UrlValues)
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte]
  return text
}

/** The bytes of lower-case hexadecimal, else `null`. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const base64Values = valuesOf(BASE64)
const base64UrlValues = valuesOf(BASE64_URL)

/** The six bits that each character code below 128 stands for, 64 where it stands for none. */
function valuesOf(codes: Uint8Array): Uint8Array {
  const values = new Uint8Array(128).fill(64)
  for (const [value, code] of codes.entries()) values[code] = value
  return values
}

function encode(bytes: Uint8Array, codes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  for (let i = 0, at = 0; i < bytes.length; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    // The last writes of a group that is not whole fall beyond the end, where a typed array ignores them.
    text[at++] = codes[bits >> 18] as number
    text[at++] = codes[(bits >> 12) & 63] as number
    text[at++] = codes[(bits >> 6) & 63] as number
    text[at++] = codes[bits & 63] as number
  }
  return decoder.decode(text)
}

function decode(text: string, values: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array((text.length * 6) >> 3)
  let at = 0
  let bits = 0
  let held = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? 64
    if (value === 64) return null
    bits = ((bits << 6) | value) & 0xfff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = bits >> held
    }
  }
  // Bits left over beyond the last byte must be zero, or several texts would stand for the same bytes.
  return (bits & ((1 << held) - 1)) === 0 ? bytes : null
}
