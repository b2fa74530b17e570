import { describe, expect, it } from 'vitest'
import type { Problem } from '../lib/errors.ts'
import { resolveSettings } from './settings.ts'

const problemsOf = (session: object) => {
  const problems: Problem[] = []
  resolveSettings({ database: ':memory:', session }, '/api/auth', true, problems)
  return problems.map(({ message }) => message)
}

describe('the times of a session', () => {
  it.each([
    { expiresIn: 86400 * 400 },
    { updateAge: 0 },
    { freshAge: 0 },
    { absoluteExpiresIn: false },
    { expiresIn: 3600, updateAge: 60 },
    { cookieCache: { enabled: true, maxAge: 60 } },
  ])('may be %o', (session) => {
    expect(problemsOf(session)).toEqual([])
  })

  it.each([
    [{ expiresIn: 86400 * 400 + 1 }, 'session.expiresIn is 34560001, not between 1 and 34560000'],
    [{ expiresIn: 0, updateAge: 0 }, 'session.expiresIn is 0, not between 1 and 34560000'],
    [{ expiresIn: Number.NaN, updateAge: 0 }, 'session.expiresIn is NaN, not between 1 and 34560000'],
    [{ freshAge: -1 }, 'session.freshAge is -1, not between 0 and 9007199254740991'],
    [{ updateAge: -1 }, 'session.updateAge is -1, not between 0 and 9007199254740991'],
  ])('may not be %o', (session, message) => {
    expect(problemsOf(session)).toContain(message)
  })
})
