import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../testing/recorded.ts'
import { type JsonObject, type JsonValue, parsePythonJson, pythonJson } from './json.ts'

/** Keys that JavaScript does not move to the front, as it does with whole numbers. */
const key = fc.string({ unit: 'binary' }).filter((text) => !/^\d+$/.test(text))

/** Numbers as Python may print them, and as other writers may. */
const number = fc.oneof(
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,4})?$/),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '1.0', '-0', '-0.0', '1e+16', '1e-07', '9007199254740993', '1e400'),
)

const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small' },
    number,
    fc.constantFrom('true', 'false', 'null'),
    fc.string({ unit: 'binary' }).map(quoted),
    fc.array(tie('text')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(key, tie('text')), { selector: ([name]) => name })
      .map((pairs) => `{${pairs.map(([name, value]) => `${quoted(name)}:${value}`).join(',')}}`),
  ),
}))

function quoted(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

describe('Python JSON', () => {
  it('writes what it read as it was', () => {
    fc.assert(
      // At the top there is nothing that a number could be remembered by.
      fc.property(text, (json) => {
        expect(pythonJson(parsePythonJson(`[${json}]`))).toBe(`[${json}]`)
      }),
    )
  })

  it('reads what JSON.parse reads, with space anywhere', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n '), (value, space) => {
        expect(JSON.parse(pythonJson(parsePythonJson(JSON.stringify(value, null, space))))).toEqual(
          JSON.parse(JSON.stringify(value)),
        )
      }),
    )
  })

  it('refuses what JSON.parse refuses, but for the three words of Python', () => {
    const junk = fc.stringMatching(/^[{}[\],:"\\0-9eE+.\-truefalsn \n]{0,12}$/)
    fc.assert(
      fc.property(junk, (json) => {
        let known = true
        try {
          JSON.parse(json)
        } catch {
          known = false
        }
        expect(codeOf(() => parsePythonJson(json))).toBe(known ? undefined : 'NOT_JSON')
      }),
      { numRuns: 3000 },
    )
  })

  it('writes any value in printable ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const written = pythonJson(value as JsonValue)
        expect(written).toMatch(/^[ -~]*$/)
        expect(JSON.parse(written)).toEqual(value)
      }),
    )
  })

  it('keeps every number that was not touched', () => {
    const source = '{"a":1.0,"b":9007199254740993,"c":NaN,"d":[-0.0,1e+16,Infinity],"e":{"f":2.50},"g":1.0,"h":3.0}'
    const data = parsePythonJson(source) as JsonObject
    data.g = 2
    delete data.h
    data.new = 7.5
    expect(pythonJson(data)).toBe(
      '{"a":1.0,"b":9007199254740993,"c":NaN,"d":[-0.0,1e+16,Infinity],"e":{"f":2.50},"g":2,"new":7.5}',
    )
    expect(data.b).toBe(9007199254740993n)
    expect(data.c).toBeNaN()
  })

  it('takes the last of equal keys', () => {
    const read = parsePythonJson('{"a":1.0,"b":0,"a":1}') as JsonObject
    expect(pythonJson(read)).toBe('{"a":1,"b":0}')
  })

  it('writes negative zero as the float that it is', () => {
    expect(pythonJson([-0, 0])).toBe('[-0.0,0]')
  })

  it('has no prototype for what it reads', () => {
    const read = parsePythonJson('{"__proto__":{"x":1},"constructor":2}') as JsonObject
    expect(Object.getPrototypeOf(read)).toBeNull()
    expect(read.x).toBeUndefined()
    expect(pythonJson(read)).toBe('{"__proto__":{"x":1},"constructor":2}')
  })

  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  it.each<[string, unknown]>([
    ['undefined', { a: undefined }],
    ['a hole', Array(1)],
    ['NaN that was not read there', { a: Number.NaN }],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['a date', { a: new Date(0) }],
    ['a map', new Map()],
    ['bytes', new Uint8Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['an object of a class', new (class Own {})()],
    ['a cycle', cyclic],
  ])('does not write %s', (_what, value) => {
    expect(codeOf(() => pythonJson(value as JsonValue))).toBe('NOT_JSON')
  })

  it('names the key of what it does not write', () => {
    expect(() => pythonJson({ a: { when: new Date(0) } } as unknown as JsonValue)).toThrow(/"when"/)
  })

  it('moves no NaN to another place', () => {
    const read = parsePythonJson('{"a":NaN}') as { a: number; b?: number }
    read.b = read.a
    expect(codeOf(() => pythonJson(read as JsonObject))).toBe('NOT_JSON')
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['space', ' '],
    ['a sign too many', '[1,]'],
    ['a key without quotes', '{a:1}'],
    ['two values', '1 2'],
    ['a line end in a text', '"\n"'],
    ['an open text', '"\\"'],
    ['a wrong escape', '"\\x41"'],
    ['a leading zero', '01'],
    ['a plus', '+1'],
    ['-NaN', '-NaN'],
    ['a word with a tail', 'nullx'],
    ['a no-break space', '\u00a01'],
    ['more digits than Python takes', '9'.repeat(4301)],
    ['more depth than Python takes', '['.repeat(1002) + ']'.repeat(1002)],
  ])('does not read %s', (_what, json) => {
    expect(codeOf(() => parsePythonJson(json))).toBe('NOT_JSON')
  })

  it('reads as many digits and as deep as Python does', () => {
    expect(parsePythonJson('9'.repeat(4300))).toBe(10n ** 4300n - 1n)
    const deep = '['.repeat(1000) + ']'.repeat(1000)
    expect(pythonJson(parsePythonJson(deep))).toBe(deep)
  })
})
