import { describe, expect, it } from 'vitest'
import { forwardedOrigin, isValidHost } from './proxy.ts'

const valid = [
  'a.com',
  'A.com:8443',
  'localhost',
  'localhost:3000',
  'my_service',
  'x-1.a.com',
  '127.0.0.1',
  '127.0.0.1:80',
  '[::1]',
  '[2001:db8::1]:443',
  'xn--bcher-kva.example',
]
const invalid = [
  ...[
    '',
    ' ',
    'a.com ',
    'evil.com\t',
    'a b',
    'a.com\n',
    'user@a.com',
    'a.com/x',
    'a.com?x',
    'a.com#x',
    'a.com\\x',
    '.a.com',
    'a..com',
    'a.com.',
  ],
  ...[
    'a.com, b.com',
    'a.com,b.com',
    '<a>',
    "a'b",
    'a"b',
    'a\0b',
    'javascript:alert(1)',
    'javascript:80',
    'file:',
    'data:',
    'http://a.com',
    ':80',
    'a.com:',
  ],
  ...[
    'a.com:99999',
    'a.com:x',
    'a.com:80:80',
    '[::1',
    '::1',
    '[fe80::1%eth0]',
    '[fe80::1%25eth0]',
    '[::1]x',
    '[]',
    '999.1.1.1',
    'é.com',
    'a%2ecom',
    '*.a.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(200)}com`,
  ],
]

describe('isValidHost', () => {
  it.each(valid)('takes %s', (host) => expect(isValidHost(host)).toBe(true))
  it.each(invalid)('refuses %j', (host) => expect(isValidHost(host)).toBe(false))
})

describe('forwardedOrigin', () => {
  const origin = (protocol: string | null, host: string | null) =>
    forwardedOrigin({
      get: (name) => (name === 'x-forwarded-proto' ? protocol : name === 'x-forwarded-host' ? host : null),
    })

  it('is canonical', () => {
    expect(origin('https', 'A.com:443')).toBe('https://a.com')
    expect(origin('http', 'a.com:8080')).toBe('http://a.com:8080')
    expect(origin('https', '[::1]:443')).toBe('https://[::1]')
  })

  it.each(invalid)('is none for the host %j', (host) => expect(origin('https', host)).toBeNull())

  it.each([null, '', 'ftp', 'HTTPS', 'https, http', 'https:', 'javascript', ' https'])(
    'is none for the protocol %j',
    (protocol) => {
      expect(origin(protocol, 'a.com')).toBeNull()
    },
  )

  it('is none without both headers', () => {
    expect(origin('https', null)).toBeNull()
    expect(origin(null, null)).toBeNull()
  })
})
