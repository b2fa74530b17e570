import { timingSafeEqual as equalBytes } from 'node:crypto'

/** Equality of two texts in constant time; of different lengths they are never equal. */
export function timingSafeEqual(a: string, b: string): boolean {
  // UTF-16 keeps apart what UTF-8 makes one: a lone surrogate and U+FFFD.
  const left = Buffer.from(a, 'utf16le')
  const right = Buffer.from(b, 'utf16le')
  return left.length === right.length && equalBytes(left, right)
}
