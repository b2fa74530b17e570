import { APIError } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { username } from './index.ts'
import { type UsernameOptions, usernameRules } from './rules.ts'

/** The code a name is refused with, `null` when it may be one. */
async function verdict(check: Promise<void>): Promise<string | null> {
  try {
    await check
    return null
  } catch (error) {
    if (error instanceof APIError) return `${error.statusCode} ${error.code}`
    throw error
  }
}

describe('what a user name may be', () => {
  const shout: UsernameOptions = { usernameValidator: (name) => name === name.toUpperCase() }
  it.each<[string, UsernameOptions, string, string | null]>([
    ['letters, digits, _ and .', {}, 'Ada_L.1', null],
    ['two characters', {}, 'ab', '422 USERNAME_TOO_SHORT'],
    ['three characters', {}, 'abc', null],
    ['thirty-one characters', {}, 'a'.repeat(31), '422 USERNAME_TOO_LONG'],
    ['a space', {}, 'ada l', '422 INVALID_USERNAME'],
    ['a letter outside ASCII', {}, 'adä', '422 INVALID_USERNAME'],
    ['longer than the app allows', { maxUsernameLength: 4 }, 'adaaa', '422 USERNAME_TOO_LONG'],
    ['refused by the app', { usernameValidator: async () => false }, 'ada', '422 INVALID_USERNAME'],
    ['judged as typed', shout, 'ADA', null],
    [
      'judged as stored',
      { ...shout, validationOrder: { username: 'post-normalization' } },
      'ADA',
      '422 INVALID_USERNAME',
    ],
  ])('%s', async (_title, options, name, expected) => {
    const rules = usernameRules(options)
    expect(await verdict(rules.check(name))).toBe(expected)
    expect(await rules.isValid(name)).toBe(expected === null)
  })

  it('at sign-in the explicit order means the stored form', async () => {
    const explicit = usernameRules({ ...shout, validationOrder: { username: 'pre-normalization' } })
    expect(await verdict(explicit.checkAtSignIn('ADA'))).toBe('422 INVALID_USERNAME')
    expect(await verdict(usernameRules(shout).checkAtSignIn('ADA'))).toBe(null)
  })

  it('goes out under the status of the caller', async () => {
    expect(await verdict(usernameRules({}).check('a', 400))).toBe('400 USERNAME_TOO_SHORT')
  })
})

describe('the stored form', () => {
  it('is lower case, unless the app says otherwise', () => {
    expect(usernameRules({}).normal('Ada_L')).toBe('ada_l')
    expect(usernameRules({ usernameNormalization: false }).normal('Ada_L')).toBe('Ada_L')
    expect(usernameRules({ usernameNormalization: (name) => name.slice(0, 3) }).normal('Ada_L')).toBe('Ada')
    expect(usernameRules({}).normalDisplay('Ada L')).toBe('Ada L')
  })
})

describe('options of the plugin', () => {
  it.each<[string, object]>([
    ['OPTION_UNKNOWN', { minLength: 3 }],
    ['OPTION_INVALID', { minUsernameLength: '3' }],
    ['OPTION_INVALID', { availabilityCheck: 'false' }],
    ['OPTION_INVALID', { validationOrder: { username: 'after' } }],
  ])('%s: %o', (code, options) => {
    const message = expect.stringMatching(/^username\(\): /)
    expect(() => username(options)).toThrow(
      expect.objectContaining({ code, problems: [expect.objectContaining({ message })] }),
    )
  })
})
