import { describe, expect, it } from 'vitest'
import { createAuth } from '../auth.ts'
import type { ConfigError, Problem } from '../lib/errors.ts'
import { checked } from '../lib/kinds.ts'
import { optionKinds } from './options.ts'

function problemsOf(options: object) {
  const problems: Problem[] = []
  checked(options, optionKinds, problems)
  return problems
}

describe('the names of options', () => {
  it('that are known say nothing', () => {
    const known = {
      database: ':memory:',
      baseURL: 'https://app.example.com',
      emailAndPassword: { enabled: true, password: { hash: undefined } },
      session: { expiresIn: 1, additionalFields: { anything: { type: 'string' } }, cookieCache: { enabled: true } },
      advanced: { cookies: { any_name: { name: 'x' } }, ipAddress: { ipv6Subnet: 64 } },
      rateLimit: { customRules: { '/any': false } },
      hooks: { before: () => {} },
      telemetry: { enabled: false },
      trustedOrigins: ['https://a.com', null, undefined, false],
      notThere: undefined,
    }
    expect(problemsOf(known)).toEqual([])
  })

  it.each([
    [{ emailAndPasword: { enabled: true } }, 'emailAndPasword', 'emailAndPassword'],
    [{ baseUrl: 'x' }, 'baseUrl', 'baseURL'],
    [{ baseURL: { allowedHost: ['a'] } }, 'baseURL.allowedHost', 'baseURL.allowedHosts'],
    [{ emailAndPassword: { enable: true } }, 'emailAndPassword.enable', 'emailAndPassword.enabled'],
    [
      { advanced: { ipAddress: { trustedProxy: ['10.0.0.1'] } } },
      'advanced.ipAddress.trustedProxy',
      'advanced.ipAddress.trustedProxies',
    ],
    [{ trustedProxies: [] }, 'trustedProxies', 'advanced.ipAddress.trustedProxies'],
    [{ session: { secret: 'x' } }, 'session.secret', 'secret'],
    [{ constructor: 1 }, 'constructor', undefined],
    [{ socialProviders: {} }, 'socialProviders', undefined],
  ])('%o: %s is meant as %s', (options, written, meant) => {
    const fix = meant ? `write ${meant} instead` : `leave ${written} out: nothing reads it`
    expect(problemsOf(options)).toMatchObject([{ code: 'OPTION_UNKNOWN', seen: written, fix }])
  })

  it('show no value', () => {
    expect(JSON.stringify(problemsOf({ secrt: 'hush-hush' }))).not.toContain('hush')
  })
})

describe('the values of options', () => {
  it.each<[object, string, string, string]>([
    [{ advanced: { disableCSRFCheck: 'false' } }, 'advanced.disableCSRFCheck is a text', '"false"', 'true or false'],
    [{ emailAndPassword: { enabled: 1 } }, 'emailAndPassword.enabled is a number', 'the number 1', 'true or false'],
    [{ emailAndPassword: true }, 'emailAndPassword is true', 'true', 'an object with some of enabled, '],
    [{ session: { cookieCache: true } }, 'session.cookieCache is true', 'true', 'an object with some of enabled, '],
    [{ session: { storeToken: 'hash' } }, 'session.storeToken is a text', '"hash"', '"hashed" or "plain"'],
    [{ advanced: { maxBodySize: '1mb' } }, 'advanced.maxBodySize is a text', '"1mb"', 'a number'],
    [{ advanced: { maxBodySize: Number.NaN } }, 'advanced.maxBodySize is NaN', 'NaN', 'a number'],
    [{ advanced: null }, 'advanced is null', 'null', 'an object with some of '],
    [{ trustedOrigins: 'https://a.com' }, 'trustedOrigins is a text', 'a text', 'a list, or a function'],
    [{ trustedOrigins: ['https://a.com', 5] }, 'trustedOrigins[1] is a number', 'a number', 'a text'],
    [{ baseURL: 5 }, 'baseURL is a number', 'a number', 'a text, or an object with some of allowedHosts, '],
    [{ baseURL: { allowedHosts: 'a.com' } }, 'baseURL.allowedHosts is a text', 'a text', 'a list'],
    [{ secret: 42 }, 'secret is a number', 'a number', 'a text'],
    [{ secrets: 'hush-hush' }, 'secrets is a text', 'a text', 'a list'],
    [{ plugins: [null] }, 'plugins[0] is null', 'null', 'a plugin'],
    [{ plugins: [undefined] }, 'plugins[0] is undefined', 'undefined', 'a plugin'],
    [{ plugins: [() => ({})] }, 'plugins[0] is a function', 'a function', 'a plugin'],
    [{ user: { additionalFields: { age: 'number' } } }, 'user.additionalFields.age is a text', '', 'with a type'],
    [{ user: { additionalFields: { age: { type: 'nummer' } } } }, 'user.additionalFields.age.type is', '', '"number"'],
    [{ hooks: { before: {} } }, 'hooks.before is an object', 'an object', 'a function'],
    [{ databaseHooks: { user: { create: () => {} } } }, 'databaseHooks.user.create is a function', '', 'before, after'],
    [
      { rateLimit: { customRules: { '/x': true } } },
      'rateLimit.customRules./x is true',
      'true',
      'false, or a function',
    ],
    [{ rateLimit: { customStorage: {} } }, 'rateLimit.customStorage is an object', '', 'an object with consume'],
    [{ logger: 'error' }, 'logger is a text', 'a text', 'an object with some of disabled, '],
  ])('%o: %s', (options, message, seen, expected) => {
    expect(problemsOf(options)).toMatchObject([
      {
        code: 'OPTION_INVALID',
        message: expect.stringContaining(`The option ${message}`),
        seen: expect.stringContaining(seen),
        expected: expect.stringContaining(expected),
      },
    ])
  })

  it('of a class of the app’s own are taken as they are', () => {
    class Storage {
      readonly client = 'any'
      async consume() {
        return { allowed: true, retryAfter: 0 }
      }
    }
    expect(problemsOf({ rateLimit: { customStorage: new Storage() } })).toEqual([])
  })

  it('show no secret', () => {
    const wrong = { secrets: 'hush-hush', secret: ['hush-hush'], trustedOrigins: { a: 'hush-hush' }, env: 'hush-hush' }
    expect(problemsOf(wrong)).toHaveLength(4)
    expect(JSON.stringify(problemsOf(wrong))).not.toContain('hush')
  })

  it.each([null, undefined, 'x', []])('options that are %o are told', (options) => {
    expect(problemsOf(options as never)).toMatchObject([
      { code: 'OPTION_INVALID', message: expect.stringMatching(/^The options are (null|undefined|a text|a list)$/) },
    ])
  })

  it('of names of fields are fields there are', () => {
    const wrong = { user: { fields: { emial: 'mail' } }, session: { fields: { token: 'key', userID: 'user' } } }
    try {
      createAuth({ ...wrong, database: ':memory:', env: { NODE_ENV: 'test' }, logger: { disabled: true } } as never)
      expect.unreachable()
    } catch (error) {
      expect((error as ConfigError).problems).toMatchObject([
        { code: 'OPTION_UNKNOWN', seen: 'user.fields.emial', fix: 'write user.fields.email instead' },
        { code: 'OPTION_UNKNOWN', seen: 'session.fields.userID', fix: 'write session.fields.userId instead' },
      ])
    }
  })

  it('are told with all else that is wrong', () => {
    const wrong = { database: 5, secret: 'short', trustedOrigins: 'https://a.com', basePath: 7, plugins: [undefined] }
    const codes = ['DATABASE_UNKNOWN', 'OPTION_INVALID', 'OPTION_INVALID', 'OPTION_INVALID', 'SECRET_WEAK']
    try {
      createAuth({ ...wrong, env: {}, baseURL: 'https://app.example.com' } as never)
      expect.unreachable()
    } catch (error) {
      expect((error as ConfigError).problems.map(({ code }) => code).sort()).toEqual(codes)
    }
  })
})
