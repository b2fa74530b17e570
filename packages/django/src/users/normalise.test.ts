import { describe, expect, it } from 'vitest'
import { normaliseEmail } from './normalise.ts'
import { passwordProblems, usernameProblem } from './validators.ts'

describe('an address', () => {
  it('keeps all but its last part', () => {
    expect(normaliseEmail('A@B@C.com')).toBe('A@B@c.com')
    expect(normaliseEmail('A@')).toBe('A@')
    expect(normaliseEmail(undefined)).toBe('')
  })

  it('is stripped of what Python calls space', () => {
    expect(normaliseEmail('\u2003\x1c\x85A@B.C\t\n')).toBe('A@b.c')
    // Of no use to Python, and so no space.
    expect(normaliseEmail('\ufeffA@B.C')).toBe('\ufeffA@b.c')
    expect(normaliseEmail(' no at ')).toBe(' no at ')
  })
})

describe('a user name', () => {
  it('has room for so many characters', () => {
    expect(usernameProblem('é'.repeat(150))).toBeNull()
    expect(usernameProblem('é'.repeat(151))).toBe('max_length')
    expect(usernameProblem('𝒜'.repeat(150))).toBeNull()
    expect(usernameProblem('')).toBe('required')
    expect(usernameProblem('e\u0301')).toBe('invalid')
  })
})

describe('a password', () => {
  it('is not too like anything of the user', () => {
    expect(passwordProblems('Alicesmith', { attributes: [null, undefined, '', 'Smith, alice'] })).toEqual([
      'password_too_similar',
    ])
    expect(passwordProblems('alice', { attributes: ['alice'], minLength: 5, maxSimilarity: 1.1 })).toEqual([])
    // A part that is next to nothing of it.
    expect(passwordProblems('aaaaaaaaaaaaaaaaaaaaa', { attributes: ['a'] })).toEqual([])
  })

  it('is counted in characters, and more than digits of whatever script', () => {
    expect(passwordProblems('🔑'.repeat(7))).toEqual(['password_too_short'])
    expect(passwordProblems('🔑'.repeat(8))).toEqual([])
    expect(passwordProblems('١٢٣٤٥٦٧⁸')).toEqual(['password_entirely_numeric'])
    expect(passwordProblems(' PassWord ', { common: new Set(['password']) })).toEqual(['password_too_common'])
  })
})
