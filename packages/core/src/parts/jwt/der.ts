/** As much of DER (X.690) as it takes to see what key a file holds. */

export interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

/**
 * The elements that follow one another in these bytes.
 * @throws RangeError where they are no DER.
 */
export function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = byteAt(bytes, at)
    let length = byteAt(bytes, at + 1)
    let start = at + 2
    if (length > 0x80 && length <= 0x83) {
      const end = start + length - 0x80
      length = 0
      for (; start < end; start++) length = length * 256 + byteAt(bytes, start)
    } else if (length >= 0x80) throw new RangeError('no length of DER')
    if (start + length > bytes.length) throw new RangeError('an element ends before its length')
    elements.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return elements
}

/** @throws RangeError where there are fewer. */
export function elementAt(elements: readonly Element[], index: number): Uint8Array {
  const found = elements[index]
  if (!found) throw new RangeError('an element is missing')
  return found.content
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new RangeError('the bytes end too early')
  return byte
}
