import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as node from './base64.node.ts'
import * as web from './base64.web.ts'

const platforms: [string, typeof node][] = [
  ['node', node],
  ['web', web],
]

describe.each(platforms)('#base64 on %s', (_name, base64) => {
  it.each([
    ['', ''],
    ['{"a":1}', 'eyJhIjoxfQ'],
    ['ÿ>?', 'w78-Pw'],
    ['\ufeffa', '77u_YQ'],
    ['😀', '8J-YgA'],
  ])('writes and reads %j', (text, encoded) => {
    expect(base64.textToBase64Url(text)).toBe(encoded)
    expect(base64.textFromBase64Url(encoded)).toBe(text)
  })

  it.each([
    ['padding', 'YQ=='],
    ['bits left over', 'YR'],
    ['half a byte', 'YWFhY'],
    ['standard base64', 'w78+Pw'],
    ['blanks', 'YW Fh'],
    ['other letters', 'YW\u0141h'],
    ['bytes that are no UTF-8', '_w'],
    ['half a character', '7aCA'],
  ])('refuses %s', (_what, encoded) => {
    expect(base64.textFromBase64Url(encoded)).toBe(null)
  })
})

it('is the same on both', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, other) => {
      const encoded = node.textToBase64Url(text)
      expect(web.textToBase64Url(text)).toBe(encoded)
      for (const given of [encoded, other]) expect(web.textFromBase64Url(given)).toBe(node.textFromBase64Url(given))
    }),
  )
})
