import { describe, expect, it } from 'vitest'
import { hkdf, randomBytes } from '#crypto'
import { makeId, makeToken } from './random.ts'

describe('makeToken', () => {
  it('is 32 bytes in base64url', () => {
    expect(makeToken((size) => new Uint8Array(size).fill(255))).toBe(`${'_'.repeat(42)}8`)
    expect(makeToken(randomBytes)).toMatch(/^[\w-]{43}$/)
  })
})

describe('makeId', () => {
  it('is 32 letters and digits', () => {
    for (let i = 0; i < 100; i++) expect(makeId(randomBytes)).toMatch(/^[a-zA-Z0-9]{32}$/)
  })

  it('favours no character', () => {
    let calls = 0
    const stream = (size: number) => hkdf(`${calls++}`, 'test', size)
    const counts = new Map<string, number>()
    for (let i = 0; i < 2000; i++) {
      for (const char of makeId(stream)) counts.set(char, (counts.get(char) ?? 0) + 1)
    }
    const expected = (2000 * 32) / 62
    const deviation = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(counts.size).toBe(62)
    // Chi-squared with 61 degrees of freedom: one run in a thousand of a fair source exceeds 100.
    expect(deviation).toBeLessThan(100)
  })

  it('asks again when all bytes were skipped', () => {
    let call = 0
    expect(makeId((size) => new Uint8Array(size).fill(call++ === 0 ? 63 : 0))).toBe('A'.repeat(32))
  })
})
