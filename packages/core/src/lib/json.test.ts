import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoText, toJson } from './json.ts'

describe('toJson', () => {
  it('gives the text of JSON.stringify', () => {
    const anything = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, key: fc.string() })
    fc.assert(
      fc.property(anything, (value) => {
        expect(toJson(value)).toBe(JSON.stringify(value))
      }),
    )
  })

  it.each([
    ['a value that tells its own JSON', { a: { toJSON: () => 'own' }, b: new URL('https://example.com') }],
    ['a value of a class', { list: new Map([[1, 2]]), error: new Error('no') }],
    ['keys that mean something to JavaScript', JSON.parse('{"__proto__":{"a":1},"constructor":2}')],
    ['dates that are none', [new Date(Number.NaN)]],
    ['nothing', undefined],
  ])('leaves alone %s', (_, value) => {
    expect(toJson(value)).toBe(JSON.stringify(value))
  })

  it('leaves the value as it is', () => {
    const value = Object.freeze({ at: new Date(0), list: Object.freeze([new Date(1)]) })
    expect(toJson(value)).toBe('{"at":"1970-01-01T00:00:00.000Z","list":["1970-01-01T00:00:00.001Z"]}')
    expect(value.at).toBeInstanceOf(Date)
  })
})

describe('isoText', () => {
  it('gives the text of Date.prototype.toJSON for every date there is', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: false }), (date) => {
        expect(isoText(date)).toBe(date.toJSON())
      }),
    )
  })

  it('goes on after more days than it remembers', () => {
    for (let i = 0; i < 3000; i++) {
      const date = new Date(i * 86_400_000 + i)
      expect(isoText(date)).toBe(date.toJSON())
    }
  })
})
