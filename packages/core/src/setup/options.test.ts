import { describe, expect, it } from 'vitest'
import type { Problem } from '../lib/errors.ts'
import { checkNames } from './known-options.ts'

function problemsOf(options: object) {
  const problems: Problem[] = []
  checkNames(options, problems)
  return problems
}

describe('the names of options', () => {
  it('that are known say nothing', () => {
    const known = {
      database: ':memory:',
      baseURL: 'https://app.example.com',
      emailAndPassword: { enabled: true, password: { hash: undefined } },
      session: { expiresIn: 1, additionalFields: { anything: {} }, cookieCache: { enabled: true } },
      advanced: { cookies: { any_name: { name: 'x' } }, ipAddress: { ipv6Subnet: 64 } },
      rateLimit: { customRules: { '/any': false } },
      hooks: { anything: 1 },
      telemetry: { enabled: false },
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
