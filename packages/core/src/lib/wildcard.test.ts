import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestOf } from '../../test/best-of.ts'
import { wildcard } from './wildcard.ts'

describe('wildcard', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['abc', ['abc', 'abc/', 'abc//'], ['', 'ab', 'abcd', 'ABC', '/abc', 'abc/d']],
    ['*', ['', 'a', 'a.b.c', 'a/'], ['a/b', '/a']],
    ['a*c', ['ac', 'abc', 'a.b.c', 'acc'], ['a/c', 'ab', 'acb']],
    ['*.a.com', ['x.a.com', 'x.y.a.com', '.a.com'], ['a.com', 'x.a.com:80', 'xa.com', 'x.a.com.evil']],
    ['?', ['a', '.', 'a/'], ['', 'ab', '/']],
    ['a?c', ['abc', 'a.c'], ['ac', 'a/c', 'abbc']],
    ['*a*b', ['ab', 'xaxb', 'aabab'], ['a', 'ba', 'abc']],
    ['/sign-in/*', ['/sign-in/email', '/sign-in/', '/sign-in/email/'], ['/sign-in', '/sign-in/a/b', '/sign-up/a']],
    ['/a/**', ['/a', '/a/', '/a/b', '/a/b/c/', '\\a\\b'], ['/ab', '/b/a', 'a', '/']],
    ['**', ['', 'a', '/', '/a/b', 'a/b/'], []],
    ['**/b', ['b', 'a/b', '/a/a/b/', 'b/b'], ['ab', 'b/a', '']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'], ['a', 'ab', 'a/bb', 'a/b/c']],
    ['a/**/b/**/c', ['a/b/c', 'a/1/b/2/c', 'a/b/c/b/c'], ['a/c/b', 'a/b', 'a/c']],
    ['a/b', ['a/b', 'a\\b', 'a//b', 'a/\\b/'], ['ab', 'a', 'a b']],
    ['a//b', ['a/b', 'a//b'], ['a/x/b']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['\\*', ['*', '*/'], ['a', '', '\\*']],
    ['a\\?b', ['a?b'], ['axb']],
    ['(a|b)+[c].$^', ['(a|b)+[c].$^'], ['ac', 'a']],
    ['https://*.a.com', ['https://x.a.com'], ['http://x.a.com', 'https://x.a.com/y', 'https://a.com']],
  ])('%s', (pattern, yes, no) => {
    const matches = wildcard(pattern)
    for (const sample of yes) expect([sample, matches(sample)]).toEqual([sample, true])
    for (const sample of no) expect([sample, matches(sample)]).toEqual([sample, false])
  })

  it('stops at dots when told to', () => {
    const matches = wildcard('https://*-preview.example.com', { oneLabel: true })
    expect(matches('https://a-preview.example.com')).toBe(true)
    expect(matches('https://a.b-preview.example.com')).toBe(false)
    expect(wildcard('a?b', { oneLabel: true })('a.b')).toBe(false)
    expect(wildcard('*.*.com', { oneLabel: true })('a.b.com')).toBe(true)
    expect(wildcard('*.*.com', { oneLabel: true })('a.b.c.com')).toBe(false)
  })

  it('agrees with a plain definition of the language', () => {
    const text = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 9 })
    fc.assert(
      fc.property(
        text('a', '.', '*', '?', '/', '*'),
        text('a', 'b', '.', '/'),
        fc.boolean(),
        (pattern, sample, oneLabel) => {
          expect(wildcard(pattern, { oneLabel })(sample)).toBe(plain(pattern, sample, oneLabel ? '/.' : '/'))
        },
      ),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['*a*a*a*a*a*b', 'a'.repeat(100_000)],
    ['*aaaab', 'a'.repeat(100_000)],
    ['**/a/**/a/**/a/**/b', 'a/'.repeat(50_000)],
    ['**/*a*/**/*a*b', 'aaaa/'.repeat(20_000)],
    ['https://*.a.com', `https://${'x.'.repeat(50_000)}`],
    ['?*?*?*?*?*', `${'a'.repeat(99_999)}/b`],
    ['*'.repeat(50_000), 'a'.repeat(50_000)],
    ['**/'.repeat(16_000), 'a/'.repeat(25_000)],
    ['a'.repeat(50_000), `${'a'.repeat(49_999)}b`],
    ['/', '/\\'.repeat(50_000)],
  ])('takes linear time: %.20s', async (pattern, sample) => {
    const matches = wildcard(pattern)
    // By the square of the length it would be seconds.
    expect(await bestOf(8, () => matches(sample))).toBeLessThan(500)
  })
})

/** Tries every way in which stars can be read; exponential, for short texts. */
function plain(pattern: string, sample: string, stops: string): boolean {
  const segments = pattern.split('/').filter((segment, i) => segment !== '' || i === 0)
  const parts = sample.split(/\/+/)
  const ways = parts.length > 1 && parts.at(-1) === '' ? [parts, parts.slice(0, -1)] : [parts]
  return ways.some((way) => path(segments, way))

  function path(left: readonly string[], right: readonly string[]): boolean {
    const [segment, ...rest] = left
    if (segment === undefined) return right.length === 0
    if (segment === '**') return right.some((_, i) => path(rest, right.slice(i))) || path(rest, [])
    return right.length > 0 && part(segment, right[0] as string) && path(rest, right.slice(1))
  }

  function part(left: string, right: string): boolean {
    if (left === '') return right === ''
    const free = right !== '' && !stops.includes(right[0] as string)
    if (left[0] === '*') return part(left.slice(1), right) || (free && part(left, right.slice(1)))
    return right !== '' && (left[0] === '?' ? free : left[0] === right[0]) && part(left.slice(1), right.slice(1))
  }
}
