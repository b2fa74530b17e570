import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, fromBase64Url, fromHex, toBase64, toBase64Url, toHex, utf8 } from './bytes.ts'

const codecs: [string, (bytes: Uint8Array) => string, (text: string) => Uint8Array | null, BufferEncoding][] = [
  ['base64', toBase64, fromBase64, 'base64'],
  ['base64url', toBase64Url, fromBase64Url, 'base64url'],
  ['hex', toHex, fromHex, 'hex'],
]

describe.each(codecs)('%s', (_name, encode, decode, reference) => {
  it('writes what Node writes, and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(encode(bytes)).toBe(Buffer.from(bytes).toString(reference))
        expect(decode(encode(bytes))).toEqual(bytes)
      }),
    )
  })

  it('reads nothing but the one text of some bytes, and never throws', () => {
    const letters = fc.constantFrom(...'ABab019+/-_==é\u0141 ')
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: letters, maxLength: 8 }), fc.string()), (text) => {
        const bytes = decode(text)
        if (bytes !== null) expect(encode(bytes)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })
})

it.each(['Zh==', 'Zg', 'Zg=', 'Zg===', '=', '====', 'Z', 'Zm9v\n', 'Zm 9'])('base64 refuses %j', (text) => {
  expect(fromBase64(text)).toBeNull()
})

it.each(['Zh', 'Zg==', 'Z', 'Zm9v=', '+/+/', 'Zg\u0141\u0141'])('base64url refuses %j', (text) => {
  expect(fromBase64Url(text)).toBeNull()
})

it.each(['0', 'AB', '0g', ' 00', '00\n'])('hex refuses %j', (text) => {
  expect(fromHex(text)).toBeNull()
})

it('utf8 gives the bytes of a text', () => {
  expect([...utf8('é€')]).toEqual([0xc3, 0xa9, 0xe2, 0x82, 0xac])
})
