import { describe, expect, it } from 'vitest'
import type { Options } from '../contract/options.ts'
import type { Problem } from '../lib/errors.ts'
import { resolveBaseURL, schemeAndHost } from './base-url.ts'

function resolved(options: Partial<Options>) {
  const problems: Problem[] = []
  return { ...resolveBaseURL({ database: ':memory:', ...options }, {}, problems), problems }
}

const trusting = { advanced: { trustedProxyHeaders: true } }
const app = 'https://app.example.com'
const allowedHosts = ['app.example.com', 'localhost:*', '127.0.0.1', '[::1]:*']

describe('the base path', () => {
  it.each([
    [undefined, '/api/auth'],
    ['/', ''],
    ['', ''],
    ['///', ''],
    ['auth', '/auth'],
    ['auth/', '/auth'],
    ['/auth//', '/auth'],
  ])('%j is %j', (basePath, path) => {
    for (const baseURL of [undefined, app, { allowedHosts }]) {
      expect(resolved({ baseURL, basePath }).basePath).toBe(path)
    }
  })

  it('of the public URL wins', () => {
    expect(resolved({ baseURL: `${app}/own//`, basePath: '/auth' }).basePath).toBe('/own')
  })
})

describe('problems', () => {
  const invalid = {
    code: 'BASE_URL_INVALID',
    expected: expect.stringContaining('http or https'),
    fix: expect.stringContaining('set baseURL'),
  }

  it.each<[string, Options['baseURL'], object]>([
    ['a public URL without scheme', 'app.example.com', { ...invalid, seen: '"app.example.com"' }],
    ['a fallback of another scheme', { allowedHosts, fallback: 'ftp://b' }, { ...invalid, seen: '"ftp://b"' }],
    ['a fallback without scheme', { allowedHosts, fallback: 'b.example' }, { ...invalid, seen: '"b.example"' }],
    [
      'no allowed hosts',
      { allowedHosts: [] },
      {
        code: 'ALLOWED_HOSTS_EMPTY',
        message: expect.stringContaining('allowedHosts'),
        seen: '[]',
        expected: expect.stringContaining('one host'),
        fix: expect.stringContaining('list the hosts'),
      },
    ],
  ])('%s is one', (_title, baseURL, problem) => {
    expect(resolved({ baseURL }).problems).toEqual([expect.objectContaining(problem)])
  })

  it('are none where all is well', () => {
    for (const baseURL of [undefined, app, { allowedHosts }, { allowedHosts, fallback: app }]) {
      expect(resolved({ baseURL }).problems).toEqual([])
    }
  })
})

describe('the public origin of a call', () => {
  it.each<[string, Options['baseURL'], host: string | null, url: string | undefined, origin: string | undefined]>([
    ['is not known where nothing tells', undefined, null, undefined, undefined],
    ['is not known of a URL without path', undefined, null, app, undefined],
    ['is http for localhost without a URL', { allowedHosts }, 'localhost:3000', undefined, 'http://localhost:3000'],
    ['is http for 127.0.0.1 without a URL', { allowedHosts }, '127.0.0.1', undefined, 'http://127.0.0.1'],
    ['is http for [::1] without a URL', { allowedHosts }, '[::1]:3000', undefined, 'http://[::1]:3000'],
    ['is https for others without a URL', { allowedHosts }, 'app.example.com', undefined, app],
    [
      'is https for a host that only begins like localhost',
      { allowedHosts: ['*.example.com'] },
      'localhost.example.com',
      undefined,
      'https://localhost.example.com',
    ],
  ])('%s', (_title, baseURL, host, url, origin) => {
    const headers = new Headers(host === null ? {} : { host })
    expect(resolved({ baseURL }).originOf(headers, url)).toBe(origin)
  })

  it.each([
    ['http', 'https'],
    ['https', 'http'],
  ])('has the scheme %s that a trusted proxy forwards', (scheme, other) => {
    const { originOf } = resolved({ baseURL: { allowedHosts }, ...trusting })
    const headers = new Headers({ 'x-forwarded-proto': scheme, 'x-forwarded-host': 'app.example.com' })
    expect(originOf(headers, `${other}://10.0.0.7/x`)).toBe(`${scheme}://app.example.com`)
  })

  it.each([
    ['nothing', undefined],
    ['a URL without path', app],
    ['a URL of another host', 'https://evil.example/x'],
  ])('is the fallback, or refused, where %s tells the host', (_title, url) => {
    const headers = new Headers()
    expect(resolved({ baseURL: { allowedHosts, fallback: `${app}/x` } }).originOf(headers, url)).toBe(app)
    expect(() => resolved({ baseURL: { allowedHosts } }).originOf(headers, url)).toThrow(
      expect.objectContaining({ statusCode: 400 }),
    )
  })

  it('takes a scheme and a path off an allowed host, and no scheme from within', () => {
    const { originOf } = resolved({
      baseURL: { allowedHosts: ['HTTPS://app.example.com/some/path', '*https://b.example'] },
    })
    expect(originOf(new Headers(), `${app}/x`)).toBe(app)
    expect(() => originOf(new Headers(), 'https://not-b.example/x')).toThrow()
  })
})

describe('own origins', () => {
  it.each<[string, Options['baseURL'], string[]]>([
    ['none without a public URL', undefined, []],
    ['that of the public URL', `${app}/path`, [app]],
    [
      'both schemes of allowed hosts',
      { allowedHosts: ['https://app.example.com/some/path'] },
      [app, 'http://app.example.com'],
    ],
    ['https alone where that is the protocol', { allowedHosts: ['app.example.com'], protocol: 'https' }, [app]],
    [
      'both schemes of the machine itself',
      { allowedHosts: ['localhost:3000'], protocol: 'https' },
      ['https://localhost:3000', 'http://localhost:3000'],
    ],
    [
      'the fallback',
      { allowedHosts: ['b.example'], protocol: 'https', fallback: `${app}/x` },
      ['https://b.example', app],
    ],
  ])('are %s', (_title, baseURL, origins) => {
    expect(resolved({ baseURL }).ownOrigins).toEqual(origins)
  })
})

describe('scheme and host', () => {
  it.each([
    ['https://app.example.com:8443/x/y?z=https://b.example/', 'https://app.example.com:8443'],
    ['https://app.example.com/', app],
    [app, undefined],
    ['nonsense', undefined],
  ])('of %s', (url, origin) => {
    expect(schemeAndHost(url)).toBe(origin)
  })
})
