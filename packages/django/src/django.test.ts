import { ConfigError } from '@keystile/core'
import { createQueue, loadKdf } from '@keystile/core/passwords'
import { describe, expect, it } from 'vitest'
import { djangoLogin, djangoLogout, djangoSession } from './api.ts'
import { djangoDatabase } from './database/database.ts'
import { type Django, django } from './django.ts'
import type { DjangoOptions } from './options.ts'
import { makeFakeDriver } from './testing/fake-driver.ts'

const NOW = Date.UTC(2025, 0, 1, 12)

describe('django', () => {
  const options = () => ({ driver: makeFakeDriver().driver, secretKey: 'the key' })

  it('names every problem of its options at once, each with what to do', () => {
    const wrong = {
      driver: {},
      secretKey: '',
      djangoVersion: '1.0',
      sessionTable: 'a"b',
      sessions: 'file',
      cookies: { session: { name: 'a b', age: 0 } },
      csrf: { trustedOrigins: ['example.com'] },
      databaseTimeZone: 'Nowhere/At_All',
      backends: ['a.Backend'],
      backendPath: 'b.Backend',
    }
    const problems = problemsOf(wrong)
    expect(problems.map(({ code }) => code)).toEqual([
      'NO_DRIVER',
      'NO_SECRET_KEY',
      'UNKNOWN_VERSION',
      'BAD_NAME',
      'UNKNOWN_ENGINE',
      'UNSAFE_COOKIE',
      'BAD_OPTION',
      'UNTRUSTWORTHY_ORIGIN',
      'BAD_OPTION',
      'UNKNOWN_BACKEND',
    ])
    for (const { fix } of problems) expect(fix).not.toBe('')
  })

  it.each([
    ['NO_SECRET_KEY', { secretKeyFallbacks: [''] }],
    ['BAD_HASHER', { passwordHashers: ['nothing'] }],
    ['UNSAFE_COOKIE', { cookies: { csrf: { path: '/;a' } } }],
    ['UNKNOWN_BACKEND', { backends: [] }],
    ['BAD_OPTION', { cookies: { session: { age: 1.5 } } }],
    ['OPTION_UNKNOWN', { secretKeyFallback: ['old'] }],
    ['OPTION_UNKNOWN', { cookies: { session: { samesite: 'Strict' } } }],
    ['OPTION_INVALID', { acceptSha1SessionHash: 'false' }],
    ['OPTION_INVALID', { csrf: { useForwardedHost: 'false' } }],
    ['OPTION_INVALID', { passwordUpgrade: 'strongest' }],
    ['UNKNOWN_ENGINE', { sessions: 5 }],
    ['UNKNOWN_ENGINE', { sessions: {} }],
    ['OPTION_INVALID', { secretKeyFallbacks: 'old key' }],
    ['OPTION_INVALID', { backends: 'django.contrib.auth.backends.ModelBackend' }],
    ['OPTION_INVALID', { csrf: { allowedHosts: 'example.com' } }],
    ['OPTION_INVALID', { csrf: { trustedOrigins: 'https://example.com' } }],
    ['OPTION_INVALID', { passwordHashers: 'argon2' }],
    ['OPTION_INVALID', { sessionTable: 5 }],
    ['OPTION_INVALID', { csrf: { secureProxyHeader: { name: 'x-forwarded-proto' } } }],
  ])('refuses %s alone', (code, more) => {
    expect(problemsOf({ ...options(), ...more }).map((one) => one.code)).toEqual([code])
  })

  it('takes every option', async () => {
    const cookie = { domain: 'a.com', path: '/', secure: true, httpOnly: true }
    const kdf = await loadKdf({ warn: () => {} })
    const all: Required<DjangoOptions> = {
      ...options(),
      secretKeyFallbacks: ['old key'],
      usersTable: 'people',
      usernameField: 'name',
      pkField: 'id',
      djangoVersion: '5.2',
      passwordHashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }, 'argon2'],
      passwordUpgrade: 'never',
      hashing: { queue: createQueue(), kdf, maxPasswordLength: 100 },
      sessions: 'signed_cookies',
      sessionTable: 'sessions',
      sessionSalt: 'salt',
      acceptLegacySessions: true,
      acceptSha1SessionHash: true,
      backends: ['a.Backend', 'b.Backend'],
      backendPath: 'b.Backend',
      cookies: {
        session: { ...cookie, name: 'a', sameSite: false, age: 5, expireAtBrowserClose: true, saveEveryRequest: true },
        csrf: { ...cookie, name: 'b', sameSite: 'Strict', maxAge: 5 },
      },
      csrf: {
        trustedOrigins: ['https://a.com'],
        headerName: 'x-token',
        useSessions: true,
        allowedHosts: ['a.com'],
        useForwardedHost: true,
        secureProxyHeader: { name: 'x-forwarded-proto', value: 'https' },
      },
      databaseTimeZone: 'Europe/Berlin',
      clock: Date.now,
      random: (size) => new Uint8Array(size),
      logger: console,
    }
    expect(problemsOf(all)).toEqual([])
  })

  it.each([
    ['djangoSession()', djangoSession, { chek: () => false }],
    ['djangoLogin()', djangoLogin, { throttel: { window: 1, max: 1 } }],
    ['djangoLogin()', djangoLogin, { check: true }],
    ['djangoLogout()', djangoLogout, { djnago: {} }],
    ['djangoDatabase()', djangoDatabase, { ...options(), backends: 'x' }],
    ['djangoDatabase()', djangoDatabase, { ...options(), backend: 'x' }],
  ])('%s refuses what it would not read (%#)', (owner, make, given) => {
    const message = expect.stringContaining(`${owner}: The`)
    expect(() => (make as (given: object) => unknown)(given)).toThrow(
      expect.objectContaining({ message, problems: [expect.anything()] }),
    )
  })

  function problemsOf(given: object) {
    try {
      django(given as DjangoOptions)
    } catch (error) {
      if (error instanceof ConfigError) return error.problems
      throw error
    }
    return []
  }

  it('asks nothing of the database before something is asked of it', async () => {
    const { driver, texts } = makeFakeDriver()
    const site = django({ driver, secretKey: 'the key' })
    const request = site.open({
      method: 'GET',
      url: '/',
      headers: new Headers({ cookie: `sessionid=${'k'.repeat(32)}` }),
    })
    expect(await request.finish(200)).toEqual([])
    const session = await site.openSession()
    const user = site.userFromSession(session)
    expect(user.isAnonymous).toBe(true)
    await user.load()
    expect(texts).toEqual([])
  })

  it('makes one statement of a session, whose user is loaded by one more, however often', async () => {
    const { driver, texts } = makeFakeDriver()
    const site = django({ driver, secretKey: 'the key' })
    await site.openSession('k'.repeat(32))
    expect(texts).toHaveLength(1)
  })

  it('knows what clients send, by its name', () => {
    const names = (more: Partial<DjangoOptions> = {}) => django({ ...options(), ...more }).names
    expect(names()).toEqual({ sessionCookie: 'sessionid', csrfCookie: 'csrftoken', csrfHeader: 'X-CSRFToken' })
    expect(
      names({ cookies: { session: { name: 'sid' }, csrf: { name: 'xsrf' } }, csrf: { headerName: 'X-XSRF' } }),
    ).toEqual({ sessionCookie: 'sid', csrfCookie: 'xsrf', csrfHeader: 'X-XSRF' })
    expect(names({ csrf: { useSessions: true } }).csrfCookie).toBeUndefined()
  })

  it('DJ-07 says that hosts are missing where no page could pass without them', async () => {
    const secret = 'abcdefghijklmnopqrstuvwxyzABCDEF'
    const post = (site: Django, origin?: string) =>
      site
        .open({
          method: 'POST',
          url: 'http://example.com/',
          headers: new Headers({ cookie: `csrftoken=${secret}`, 'x-csrftoken': secret, ...(origin && { origin }) }),
        })
        .checkCsrf()
    const none = django(options())
    await expect(post(none, 'http://example.com')).rejects.toMatchObject({ code: 'NO_ALLOWED_HOSTS' })
    await post(none)
    await post(django({ ...options(), csrf: { allowedHosts: ['example.com'] } }), 'http://example.com')
    const trusting = django({ ...options(), csrf: { trustedOrigins: ['https://other.com'] } })
    await post(trusting, 'https://other.com')
    await expect(post(trusting, 'http://example.com')).rejects.toMatchObject({ code: 'CSRF_FAILED' })
  })

  it('keeps sessions where it is told', async () => {
    const asked: string[] = []
    const engine = {
      load: async (key: string) => {
        asked.push(key)
        return null
      },
      create: async () => 'key',
      save: async () => null,
      replace: async () => null,
      remove: async () => {},
    }
    await django({ ...options(), sessions: engine }).openSession('k'.repeat(32))
    const made = django({
      ...options(),
      sessions: ({ cookieName, clock }) => {
        asked.push(`${cookieName} ${clock()}`)
        return engine
      },
      cookies: { session: { name: 'sid' } },
      clock: () => NOW,
    })
    await made.openSession('j'.repeat(32))
    expect(asked).toEqual(['k'.repeat(32), `sid ${NOW}`, 'j'.repeat(32)])
  })
})
