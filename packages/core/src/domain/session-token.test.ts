import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashedForm, isStoredForm, tokenForms } from './session-token.ts'

const older = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'
const ours = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345678901234-_'
const hash = (token: string) => `h1.${createHash('sha256').update(token).digest('base64url')}`

describe('a token that rests hashed', () => {
  const { atRest, handleOf, mayRestInClear, resting } = tokenForms(false)

  it('is looked for in clear only where it has the older form', () => {
    expect(resting(older)).toEqual({ in: [hash(older), older] })
    for (const token of [
      ours,
      `${older}6`,
      `-${older}`,
      older.slice(1),
      older.replace('A', '-'),
      `${older.slice(1)}-`,
      '',
      hash(ours),
    ]) {
      expect(mayRestInClear(token)).toBe(false)
      expect(resting(token)).toBe(hash(token))
    }
  })

  it('is known to others by its stored form, which stays what it is', () => {
    for (const token of [older, ours]) {
      expect(atRest(token)).toBe(hash(token))
      expect(handleOf(token)).toBe(hash(token))
      expect(handleOf(hash(token))).toBe(hash(token))
    }
  })
})

it('a token that rests plain has one form, and is never brought into another', () => {
  const { atRest, handleOf, mayRestInClear, resting } = tokenForms(true)
  for (const token of [older, ours]) {
    expect([atRest(token), handleOf(token), resting(token)]).toEqual([token, token, token])
    expect(mayRestInClear(token)).toBe(false)
  }
})

it('only what begins as a stored form is one', () => {
  expect([hash(ours), 'h1.'].map(isStoredForm)).toEqual([true, true])
  expect([ours, `x${hash(ours)}`, 'h2.', 'h1', ''].map(isStoredForm)).toEqual([false, false, false, false, false])
  expect(hashedForm(`x${hash(ours)}`)).toBe(hash(`x${hash(ours)}`))
})
