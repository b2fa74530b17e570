import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createAuth } from '../auth.ts'
import type { AdvancedOptions, EmailAndPasswordOptions, Options, RateLimitOptions } from '../contract/options.ts'
import type { AnyPlugin, RateLimitRule } from '../contract/plugin.ts'
import { checkedOptions } from '../lib/check-options.ts'
import type { CookieAttributes } from '../lib/cookies.ts'
import { ConfigError, type Problem } from '../lib/errors.ts'
import type { Field } from '../store/table.ts'
import { optionKinds } from './options.ts'

function problemsOf(options: object) {
  const problems: Problem[] = []
  checkedOptions(options, optionKinds, problems)
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
    [{ rateLimit: { disabled: true } }, 'rateLimit.disabled', undefined],
    [{ path: '/' }, 'path', undefined],
    [{ user: { additionalFields: { a: { type: 'string', secret: 1 } } } }, 'user.additionalFields.a.secret', undefined],
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
    [{ baseURL: 5 }, 'baseURL is a number', 'a number', 'a text, or an object with allowedHosts'],
    [{ baseURL: { allowedHosts: 'a.com' } }, 'baseURL.allowedHosts is a text', 'a text', 'a list'],
    [{ secret: 42 }, 'secret is a number', 'a number', 'a text'],
    [{ secrets: 'hush-hush' }, 'secrets is a text', 'a text', 'a list'],
    [{ plugins: [null] }, 'plugins[0] is null', 'null', 'a plugin'],
    [{ plugins: [undefined] }, 'plugins[0] is undefined', 'undefined', 'a plugin'],
    [{ plugins: [() => ({})] }, 'plugins[0] is a function', 'a function', 'a plugin'],
    [
      { user: { additionalFields: { age: 'number' } } },
      'user.additionalFields.age is a text',
      'a text',
      'an object with type',
    ],
    [
      { user: { additionalFields: { age: { type: 'nummer' } } } },
      'user.additionalFields.age.type is',
      'a text',
      '"number"',
    ],
    [{ hooks: { before: {} } }, 'hooks.before is an object', 'an object', 'a function'],
    [
      { databaseHooks: { user: { create: () => {} } } },
      'databaseHooks.user.create is a function',
      'a function',
      'before, after',
    ],
    [
      { rateLimit: { customRules: { '/x': true } } },
      'rateLimit.customRules./x is true',
      'true',
      'false, or a function',
    ],
    [
      { rateLimit: { customStorage: {} } },
      'rateLimit.customStorage is an object',
      'an object',
      'an object with consume',
    ],
    [{ logger: 'error' }, 'logger is a text', 'a text', 'an object with some of disabled, '],
    [{ session: { expiresIn: '3600' } }, 'session.expiresIn is a text', 'the text "3600"', 'a number'],
    [{ session: { absoluteExpiresIn: true } }, 'session.absoluteExpiresIn is true', 'true', 'a number, or false'],
    [{ session: { freshAge: false } }, 'session.freshAge is false', 'false', 'a number'],
    [{ secrets: [{ version: 1, value: 5 }] }, 'secrets[0].value is a number', 'a number', 'a text'],
    [{ secrets: [{ version: 1 }] }, 'secrets[0] lacks value', 'no value', 'a text'],
    [{ baseURL: new URL('https://a.com') }, 'baseURL is an object', 'an object', 'a text, or'],
    [{ emailAndPassword: new Map([['enabled', true]]) }, 'emailAndPassword is an object', 'an object', 'enabled, '],
    [
      { emailAndPassword: { minPasswordLength: -1 } },
      'emailAndPassword.minPasswordLength is',
      'the number -1',
      'from 1',
    ],
    [
      { advanced: { crossSubDomainCookies: { domain: 'a.com' } } },
      'advanced.crossSubDomainCookies lacks',
      'no',
      'true',
    ],
    [{ plugins: [{ id: 'x', gates: {} }] }, 'plugins[0].gates is an object', 'an object', 'a list'],
    [{ plugins: [{ gates: [] }] }, 'plugins[0] lacks id', 'no id', 'a text'],
    [
      { advanced: { defaultCookieAttributes: { sameSite: 'strictt' } } },
      'advanced.defaultCookieAttributes.',
      '"strictt"',
      '"strict"',
    ],
  ])('%o: %s', (options, message, seen, expected) => {
    expect(problemsOf(options)).toMatchObject([
      {
        code: 'OPTION_INVALID',
        message: expect.stringContaining(`The option ${message}`),
        seen: expect.stringContaining(seen),
        expected: expect.stringContaining(expected),
      },
    ])
    // What is left of them starts nothing, nor does it fail in another way.
    const rest = { database: ':memory:', env: { NODE_ENV: 'test' }, logger: { disabled: true } }
    expect(() => createAuth({ ...rest, ...options } as never)).toThrow(ConfigError)
  })

  it('of classes of the app’s own may have names of theirs, and are looked at all the same', () => {
    class Own {
      readonly client = 'any'
      async consume() {
        return { allowed: true, retryAfter: 0 }
      }
      log() {}
      async hash() {
        return ''
      }
      get verify() {
        return 'no function'
      }
    }
    const own = new Own()
    expect(problemsOf({ rateLimit: { customStorage: own }, logger: own })).toEqual([])
    expect(problemsOf({ emailAndPassword: { password: own } })).toMatchObject([
      { code: 'OPTION_INVALID', message: 'The option emailAndPassword.password.verify is a text' },
    ])
  })

  it('may all be set', () => {
    const table = {
      modelName: 'things',
      fields: { createdAt: 'created' },
      additionalFields: { age: { type: 'number' } },
    }
    const around = { before: () => {}, after: () => {} }
    const field: Required<Field> = {
      type: ['a', 'b'],
      required: false,
      unique: true,
      index: true,
      returned: false,
      input: false,
      defaultValue: null,
      onUpdate: () => 'a',
      references: { model: 'user', field: 'id', onDelete: 'set null' },
      bigint: false,
      sortable: true,
      fieldName: 'kind_of',
      transform: { input: (value) => value, output: (value) => value },
      validator: { input: v.string(), output: v.string() },
      extra: true,
    }
    const cookie: Required<CookieAttributes> = {
      maxAge: 5,
      domain: 'a.com',
      path: '/',
      expires: new Date(),
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      partitioned: false,
    }
    const all: Required<Options> = {
      appName: 'App',
      database: ':memory:',
      secret: 'x'.repeat(32),
      secrets: [Object.assign({ version: 2, value: 'y' }, { rotatedAt: new Date() })],
      baseURL: { allowedHosts: ['a.com'], fallback: 'https://a.com', protocol: 'auto' },
      basePath: '/auth',
      trustedOrigins: () => ['https://b.com', null, undefined, false],
      disabledPaths: ['/ok'],
      emailAndPassword: {
        enabled: true,
        disableSignUp: false,
        requireEmailVerification: true,
        autoSignIn: true,
        minPasswordLength: 8,
        maxPasswordLength: 64,
        onExistingUserSignUp: () => {},
        customSyntheticUser: () => ({}),
        password: { hash: async () => '', verify: async () => true },
      } satisfies Required<EmailAndPasswordOptions>,
      emailVerification: { sendVerificationEmail: () => {}, sendOnSignUp: true, sendOnSignIn: true, expiresIn: 60 },
      user: { ...table, additionalFields: { kind: field } } as Required<Options>['user'],
      session: {
        expiresIn: 60,
        updateAge: 0,
        freshAge: 0,
        absoluteExpiresIn: false,
        disableSessionRefresh: true,
        deferSessionRefresh: true,
        storeToken: 'plain',
        cookieCache: { enabled: true, maxAge: 5, strategy: 'compact', version: () => '2' },
        modelName: 'sessions',
        fields: { userId: 'user' },
        additionalFields: { kind: field },
      } as Required<Options>['session'],
      account: table as Required<Options>['account'],
      verification: { ...table, disableCleanup: true } as Required<Options>['verification'],
      rateLimit: {
        enabled: true,
        window: 0.5,
        max: 0,
        customRules: { '/a': { window: 1, max: 2, beforeAuth: true } as RateLimitRule, '/b': false, '/c': () => false },
        storage: 'database',
        customStorage: { consume: async () => ({ allowed: true, retryAfter: 0 }) },
        modelName: 'limits',
        fields: { key: 'k' },
      } satisfies Required<RateLimitOptions>,
      advanced: {
        ipAddress: {
          ipAddressHeaders: ['x-real-ip'],
          disableIpTracking: true,
          ipv6Subnet: 64,
          trustedProxies: ['10.0.0.0/8'],
        },
        useSecureCookies: true,
        cookiePrefix: 'app',
        cookies: { session_token: { name: 'token', attributes: cookie } },
        defaultCookieAttributes: cookie,
        crossSubDomainCookies: { enabled: true, domain: 'a.com' },
        disableCSRFCheck: true,
        disableOriginCheck: ['/a'],
        trustedProxyHeaders: true,
        skipTrailingSlashes: true,
        maxBodySize: Number.POSITIVE_INFINITY,
        database: { generateId: () => false },
        backgroundTasks: { handler: () => {} },
      } satisfies Required<AdvancedOptions>,
      plugins: [{ id: 'x', note: 'of the plugin' } as AnyPlugin],
      hooks: around,
      databaseHooks: { user: { create: around, update: around, delete: around }, note: { create: around } } as object,
      events: { 'user.created': () => {} },
      onAPIError: { throw: true, onError: () => {}, errorURL: '/error' },
      logger: { disabled: true, level: 'warn', log: () => {} },
      preset: 'strict',
      production: true,
      env: process.env,
      clock: () => 0,
      fetch,
      random: (size) => new Uint8Array(size),
      telemetry: {},
    }
    expect(problemsOf(all)).toEqual([])
    const others = [
      { baseURL: 'https://a.com', trustedOrigins: ['https://b.com'], advanced: { disableOriginCheck: true } },
      { advanced: { database: { generateId: 'uuid' } }, session: { cookieCache: { version: '1' } } },
      { plugins: Object.freeze([]), emailAndPassword: Object.assign(Object.create(null), { enabled: true }) },
    ]
    for (const options of others) expect(problemsOf(options)).toEqual([])
  })

  it('that are right are the very objects given', () => {
    const options = { plugins: [{ id: 'x' }], emailAndPassword: { enabled: true } }
    expect(checkedOptions(options, optionKinds, [])).toBe(options)
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
