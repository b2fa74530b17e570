/**
 * Base64 in its canonical form alone: Node's decoder takes both alphabets and stops at junk, so what it read is
 * compared with what it would have written.
 */

/** The bytes of base64url without padding, else `undefined`. */
export function fromBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** The bytes of standard base64 with its padding, else `undefined`. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
