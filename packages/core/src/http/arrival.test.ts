import { describe, expect, it } from 'vitest'
import { arrivalWatch } from './arrival.ts'
import { resolveBaseURL } from './base-url.ts'

const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example.com' }

function warnings(
  baseURL: Parameters<typeof resolveBaseURL>[0]['baseURL'],
  trust: boolean,
  ...arrivals: [string, object?][]
) {
  const lines: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void lines.push(message) }
  const options = { database: ':memory:', baseURL, advanced: { trustedProxyHeaders: trust } }
  const watch = arrivalWatch(resolveBaseURL(options, {}, []), trust, logger)
  for (const [url, headers = {}] of arrivals) watch(url, new Headers({ ...headers }))
  return lines
}

describe('where requests arrive', () => {
  const app = 'https://app.example.com'

  it.each([
    ['http://app.example.com/api/auth/ok'],
    ['http://10.0.0.7:3000/api/auth/ok'],
    ['https://app.example.com:8443/api/auth/ok'],
    ['https://app.example.com.evil.example/'],
    ['http://10.0.0.7:3000/x?next=https://app.example.com/'],
  ])('is told once where the public URL is another: %s', (url) => {
    const lines = warnings(app, false, [url], [url], [`${app}/x`])
    expect(lines).toEqual([
      expect.stringContaining(`baseURL is ${app}, but a request arrived at ${new URL(url).origin}`),
    ])
    for (const setting of ["app.set('trust proxy', 1)", 'trustProxy', 'app.proxy', 'trustedProxyHeaders', 'baseURL']) {
      expect(lines[0]).toContain(setting)
    }
  })

  it('is told of a few others, so that a host that somebody made up does not hide the proxy', () => {
    const made = Array.from({ length: 9 }, (_, i): [string] => [`http://made-up-${i}.example/`])
    const lines = warnings(app, false, ['http://evil.example/'], ['http://10.0.0.7:3000/x'], ...made)
    expect(lines).toHaveLength(5)
    expect(lines[1]).toContain('arrived at http://10.0.0.7:3000: behind a proxy')
  })

  it.each([
    ['http://localhost:3000', 'http://127.0.0.1:3000'],
    ['http://127.0.0.1:3000', 'http://localhost:3000'],
    ['http://localhost:3000', 'http://[::1]:3000'],
    ['https://localhost', 'http://127.0.0.1'],
  ])('names no proxy between %s and %s', (baseURL, arrived) => {
    const [line, ...others] = warnings(baseURL, false, [`${arrived}/api/auth/ok`])
    expect(others).toEqual([])
    expect(line).toContain(`open ${baseURL}, or add it`)
    expect(line).not.toContain('proxy')
  })

  it.each([
    ['http://localhost:3000', 'http://10.0.0.7:3000'],
    [app, 'http://localhost:3000'],
    ['http://localhost:3000', 'http://localhost.example.com'],
    ['http://localhost:3000', 'http://localhost:3000.example.com'],
    ['http://127.0.0.1.example.com', 'http://127.0.0.1'],
  ])('names the proxy that may be between %s and %s', (baseURL, arrived) => {
    const lines = warnings(baseURL, false, [`${arrived}/api/auth/ok`])
    expect(lines).toEqual([expect.stringContaining(`arrived at ${arrived}: behind a proxy`)])
  })

  it('is told where trusted headers say nothing', () => {
    const lines = warnings(
      app,
      true,
      ['http://10.0.0.7:3000/x'],
      ['http://10.0.0.8/x', { 'x-forwarded-proto': 'https' }],
    )
    expect(lines).toEqual([
      expect.stringContaining('arrived at http://10.0.0.7:3000:'),
      expect.stringContaining('arrived at http://10.0.0.8:'),
    ])
  })

  it('is told however many requests arrived as they should', () => {
    expect(warnings(app, false, [`${app}/a`], [`${app}/b`], ['http://app.example.com/a'])).toHaveLength(1)
  })

  it.each([
    ['as it should be', app, false, [`${app}/api/auth/ok`]],
    ['as trusted headers say', app, true, ['http://10.0.0.7:3000/x', forwarded]],
    ['of a URL without a host', app, false, ['nonsense']],
    ['on one of several hosts', { allowedHosts: ['app.example.com'] }, false, ['http://10.0.0.7/x', forwarded]],
    ['without a public URL', undefined, false, ['http://here.example/x']],
    ['without one, forwarded to the same', undefined, false, ['https://app.example.com/x', forwarded]],
    ['without one, as trusted headers say', undefined, true, ['http://10.0.0.7:3000/x', forwarded]],
  ] as const)('is not told %s', (_title, baseURL, trust, arrival) => {
    expect(warnings(baseURL, trust, [...arrival])).toEqual([])
  })

  it('without a public URL is told where a proxy is in front that nobody trusts', () => {
    const lines = warnings(
      undefined,
      false,
      ['http://10.0.0.7:3000/x', forwarded],
      ['http://10.0.0.7:3000/x', forwarded],
    )
    expect(lines).toEqual([expect.stringContaining(`set baseURL: '${app}'`)])
  })
})
