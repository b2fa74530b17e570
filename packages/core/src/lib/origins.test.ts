import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestOf } from '../../test/best-of.ts'
import { isHttpUrl, matchesOrigin, originMatcher, originOf } from './origins.ts'

const own = 'http://localhost:3000'
const callback = { allowRelativePaths: true }

const accepted = [
  ...['/', '/dash', '/a/b?c=d&e=%20f', '/@me', '/a?u=a+b', '/a//b', '/a/../b', '/a?b=c'],
  ...[own, `${own}/x?y#z`, 'http://LOCALHOST:3000'],
]

const rejected = [
  ...['//evil.com', '/\\evil.com', '/%2fevil.com', '/%2Fevil.com', '/%5cevil'],
  ...['/a#frag', '/a?x=http://evil.com', '/a b', '/a:b', '/a,b', '/a;b', '/~user', '/é', '/a\\b', '/a?b=c#d', '/a%20b'],
  ...['/a?x[]=1', '/a?t=1:2', '/a?x=1?y', 'dash', '', '/\t/evil.com', '/a\n', ' //evil.com', '\t//evil.com'],
  ...['https://localhost:3000', 'http://localhost:3001', 'javascript:alert(1)', 'data:text/html,x'],
  ...['http://localhost:3000.evil.com', 'http://localhost:3000@evil.com', 'http://[::1', `blob:${own}/x`],
  ...['http://localhost:30\t00', `${own}/\n`],
]

/** value, pattern, whether it matches. */
const pairs: [string, string, boolean][] = [
  ['https://a.com:443/x', 'https://a.com', true],
  ['https://a.com', 'https://a.com/', false],
  ['https://a.com/', 'https://a.com/', false],
  ['https://a.com.evil.com', 'https://a.com', false],
  ['https://a.com@evil.com', 'https://a.com', false],
  ['https://user@a.com', 'https://a.com', true],
  ['https://x.a.com', '*.a.com', true],
  ['http://x.a.com', '*.a.com', true],
  ['https://x.y.a.com', '*.a.com', true],
  ['https://a.com', '*.a.com', false],
  ['https://x.a.com:8080', '*.a.com', false],
  ['https://x.a.com:8080', '*.a.com:*', true],
  ['https://x.a.com', 'https://*.a.com', true],
  ['https://x.y.a.com/z?q', 'https://*.a.com', true],
  ['https://*.a.com', 'https://*.a.com', true],
  ['http://x.a.com', 'https://*.a.com', false],
  ['https://x.a.com:8443', 'https://*.a.com', false],
  ['https://evil.com?.a.com', 'https://*.a.com', false],
  ['https://evil.com?.a.com', '*.a.com', false],
  ['https://evil.com/.a.com', 'https://*.a.com', false],
  ['https://evil.com#.a.com', '*.a.com', false],
  ['https://evil.com\\.a.com', 'https://*.a.com', false],
  ['https://preview-1.a.com', 'https://preview-?.a.com', true],
  ['https://preview-12.a.com', 'https://preview-?.a.com', false],
  ['http://localhost:5173', 'http://localhost:*', true],
  ['https://anything.at.all:1/x', '*', true],
  ['myapp://host', '*', true],
  ['myapp:/cb', '*', true],
  ['dash', '*', false],
  ['null', '*', false],
  ['', '*', false],
  ['javascript:alert(1)', '*', false],
  ['JavaScript://a.com/%0aalert(1)', '*://**', false],
  ['data:text/html,x', '*', false],
  ['blob:https://a.com/x', 'https://*', false],
  ['exp://192.168.1.2:8081/--/cb', 'exp://192.168.*.*:*/**', true],
  ['exp://10.0.0.1:8081/--/cb', 'exp://192.168.*.*:*/**', false],
  ['exp://evil.com/192.168.1.2:8081/', 'exp://192.168.*.*:*/**', false],
  ['myapp://evil?x.a.com/cb', 'myapp://*.a.com/**', false],
  ['myapp://evil#x.a.com/cb', 'myapp://*.a.com/**', false],
  ['myapp://x.a.com@evil/cb', 'myapp://*.a.com/**', false],
  ['myapp://host/cb/../../evil', 'myapp://host/cb/**', false],
  ['myapp://host/cb/x%2f..%2f..%2fevil', 'myapp://host/cb/**', false],
  ['myapp://cb', 'myapp://', true],
  ['myapp:/cb', 'myapp://', true],
  ['myapp://x', 'myapp://', true],
  ['myapp.evil://x', 'myapp://', false],
  ['MYAPP://CB', 'myapp://cb', true],
  ['myapp://cb', 'MYAPP://CB', true],
  ['myapp://callback.attacker.tld', 'myapp://callback', false],
  ['myapp://callback@attacker.tld', 'myapp://callback', false],
  ['myapp://callback:81', 'myapp://callback', false],
  ['myapp:callback', 'myapp://callback', false],
  ['myapp:/callback', 'myapp://callback', false],
  ['myapp://host/cb', 'myapp://host/cb', true],
  ['myapp://host/cb/', 'myapp://host/cb', true],
  ['myapp://host/cb?x#y', 'myapp://host/cb', true],
  ['myapp://host/cb/deep', 'myapp://host/cb', true],
  ['myapp://host/c%62/deep', 'myapp://host/cb/', true],
  ['myapp://host/deep', 'myapp://host', true],
  ['myapp://host', 'myapp://host/', true],
  ['myapp://host', 'myapp://host/cb', false],
  ['myapp://host/cb/../evil', 'myapp://host/cb', false],
  ['myapp://host/cb%2f..%2fevil', 'myapp://host/cb', false],
  ['myapp://host/cb%5c..%5cevil', 'myapp://host/cb', false],
  ['myapp://host/cb/x%5c..%5c..%5cevil', 'myapp://host/cb', false],
  ['myapp://host/cb/%2e%2e/evil', 'myapp://host/cb', false],
  ['myapp://host/cb/%ff', 'myapp://host/cb', false],
  ['myapp://host/cbx', 'myapp://host/cb', false],
  ['chrome-extension://abc', 'chrome-extension://abc', true],
  ['chrome-extension://abcd', 'chrome-extension://abc', false],
  ['null', 'null', false],
  ['https://a.com', 'a.com', false],
  ['a.com', 'a.com', false],
  ['/x', '/x', false],
  ['https://app.example.com', 'https://app.example.com', true],
  ['http://app.example.com', 'https://app.example.com', false],
  ['https://app.example.com:8443', 'https://app.example.com', false],
  ['https://app.example.com.', 'https://app.example.com', false],
  ['https://APP.example.com', 'https://app.example.com', true],
  ['https://app.example.com', 'https://APP.example.com', false],
  ['http://a, http://b', 'http://a', false],
  ['http://a,http://b', 'http://a', false],
  ['http://b, http://a', 'http://a', false],
  ['https://x', '', false],
]

describe('matchesOrigin', () => {
  it.each(accepted)('takes the callback URL %s', (value) => {
    expect(matchesOrigin(value, own, callback)).toBe(true)
  })

  it.each(rejected)('refuses the callback URL %j', (value) => {
    expect(matchesOrigin(value, own, callback)).toBe(false)
  })

  it('takes paths as callback URLs only', () => {
    for (const path of accepted.filter((value) => value.startsWith('/'))) {
      expect(matchesOrigin(path, own)).toBe(false)
      expect(matchesOrigin(path, '*', { allowRelativePaths: false })).toBe(false)
    }
  })

  it.each(pairs)('%j | %s: %s', (value, pattern, expected) => {
    expect(matchesOrigin(value, pattern)).toBe(expected)
    expect(originMatcher(['https://other.example', pattern, 'https://*.other.example'])(value)).toBe(expected)
  })

  it('lets a star be one label only, when told to', () => {
    const pattern = 'https://*-preview.example.com'
    expect(matchesOrigin('https://a.b-preview.example.com', pattern)).toBe(true)
    expect(matchesOrigin('https://a.b-preview.example.com', pattern, { oneLabel: true })).toBe(false)
    expect(matchesOrigin('https://a-preview.example.com', pattern, { oneLabel: true })).toBe(true)
    expect(originMatcher(['*.a.com'], { oneLabel: true })('https://x.y.a.com')).toBe(false)
  })

  it('trusts nothing without patterns', () => {
    expect(originMatcher([])(own)).toBe(false)
  })

  it('never trusts what a browser on this server would resolve to a foreign place', () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        '\\',
        ':',
        '@',
        '?',
        '#',
        '.',
        '..',
        '%2f',
        '%5c',
        '%',
        '\t',
        '\n',
        ' ',
        'http:',
        'https:',
        'javascript:',
      ],
      ...['localhost:3000', 'localhost', '3000', 'a.com', 'x.a.com', 'evil.com', '//', own, 'x', 'é', '[', '&', '='],
    )
    const value = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    const trusted = originMatcher([own, 'https://*.a.com'])
    fc.assert(
      fc.property(
        fc.oneof(
          value,
          value.map((rest) => own + rest),
          fc.webUrl(),
          fc.string(),
        ),
        (text) => {
          if (!trusted(text, callback)) return
          for (const base of [own, `${own}/deep/path?x=1`]) {
            const { origin } = new URL(text, base)
            expect(origin === own || /^https:\/\/[^/:]*\.a\.com$/.test(origin)).toBe(true)
          }
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('takes linear time', async () => {
    const trusted = originMatcher([own, 'https://*.a.com', '*.b.com', 'myapp://host/cb', 'exp://*/**'])
    const values = [
      '/a'.repeat(50_000),
      `/${'%'.repeat(99_999)}`,
      `/?${'%2'.repeat(50_000)}#`,
      `https://${'a.'.repeat(49_000)}`,
    ]
    for (const text of [...values, `myapp://host/${'../'.repeat(33_000)}`, `exp://x/${'a/'.repeat(50_000)}`]) {
      expect(await bestOf(8, () => trusted(text, callback))).toBeLessThan(250)
    }
  })
})

it('originOf gives the origin of what has one', () => {
  expect(originOf('https://user@A.com:443/x?y')).toBe('https://a.com')
  expect(originOf('http://localhost:3000')).toBe(own)
  for (const text of ['myapp://x', 'null', '', '/x', 'a.com', 'https://', 'data:,']) expect(originOf(text)).toBeNull()
})

it('isHttpUrl tells absolute web addresses', () => {
  for (const text of ['https://a.com', 'HTTP://a.com/x']) expect(isHttpUrl(text)).toBe(true)
  for (const text of ['', '/x', 'ftp://a.com', 'javascript:1', 'https://', 'blob:https://a.com']) {
    expect(isHttpUrl(text)).toBe(false)
  }
})
