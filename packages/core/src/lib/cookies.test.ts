import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hmacKey } from '#crypto'
import { bestOf } from '../../test/best-of.ts'
import { cookieValues, isCookieName, readSignedValue, serializeCookie, signCookieValue } from './cookies.ts'

const key = hmacKey('keystile-test-secret-0123456789abcdef0123456789')
const oldKey = hmacKey('the secret before')
const session = 'better-auth.session_token'

const vectors = [
  [
    'AbCdEfGhIjKlMnOpQrStUvWxYz012345',
    'AbCdEfGhIjKlMnOpQrStUvWxYz012345.JB9%2FuO3NjZ7fPfYhZw2FiZNIJXfFvi5kq%2BIEB%2FdEesc%3D',
  ],
  ['true', 'true.aZGbuGvWObKfKl5prPM97oaGpPArEhtecNXgDJn0mrw%3D'],
  ['state_-ABC123', 'state_-ABC123.qouOT4TbUlc%2BBlp25sClErop6%2BBmNCmeGaBxjo4H7cI%3D'],
] as const

/** A value as it comes back in a `Cookie` header. */
const received = (wire: string) => cookieValues(`c=${wire}`, 'c')[0] as string

describe('serializeCookie', () => {
  it('writes attributes in the order of the protocol', () => {
    expect(
      serializeCookie('sid', 'x', {
        partitioned: true,
        sameSite: 'none',
        secure: true,
        httpOnly: true,
        expires: new Date('2026-01-01T00:00:00Z'),
        path: '/',
        domain: '.example.com',
        maxAge: 604800,
      }),
    ).toBe(
      'sid=x; Max-Age=604800; Domain=.example.com; Path=/; Expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=None; Partitioned',
    )
  })

  it('leaves out what is not given', () => {
    expect(serializeCookie('a', '')).toBe('a=')
    expect(serializeCookie('a', 'b', { httpOnly: false, secure: false, maxAge: undefined })).toBe('a=b')
  })

  it('ends a cookie with Max-Age=0', () => {
    const attributes = { path: '/', httpOnly: true, sameSite: 'lax' } as const
    const ended = `${session}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`
    expect(serializeCookie(session, '', { ...attributes, maxAge: 0 })).toBe(ended)
    expect(serializeCookie(session, '', { ...attributes, maxAge: -5 })).toBe(ended)
  })

  it('takes capitalised SameSite, and whole seconds only', () => {
    expect(serializeCookie('a', 'b', { sameSite: 'Strict', maxAge: 1.9 })).toBe('a=b; Max-Age=1; SameSite=Strict')
  })

  it('gives prefixed names what browsers demand, in any case of letters', () => {
    expect(serializeCookie('__Secure-a', 'b', { domain: 'x.com' })).toBe('__Secure-a=b; Domain=x.com; Secure')
    for (const name of ['__Host-a', '__HOST-a']) {
      expect(serializeCookie(name, 'b', { domain: 'x.com', path: '/p' })).toBe(`${name}=b; Path=/; Secure`)
    }
    expect(serializeCookie('a__Secure-', 'b', { domain: 'x.com' })).toBe('a__Secure-=b; Domain=x.com')
    expect(serializeCookie('a__Host-', 'b', { domain: 'x.com' })).toBe('a__Host-=b; Domain=x.com')
    expect(serializeCookie('a', 'b', { partitioned: true })).toBe('a=b; Secure; Partitioned')
  })

  it('refuses more than 400 days', () => {
    expect(serializeCookie('a', 'b', { maxAge: 34_560_000 })).toBe('a=b; Max-Age=34560000')
    for (const maxAge of [34_560_001, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(() => serializeCookie('a', 'b', { maxAge })).toThrow(RangeError)
    }
  })

  it.each(['', 'a;b', 'a b', 'é', 'a=b', 'a\n', 'a,b', '"a"'])('refuses the name %j', (name) => {
    expect(isCookieName(name)).toBe(false)
    expect(() => serializeCookie(name, 'x')).toThrow(TypeError)
  })

  it('refuses whatever would leave its place in the header', () => {
    for (const text of ['a;b', 'a\nb', 'a\r\nSet-Cookie: b=c', 'a\0', 'é']) {
      expect(() => serializeCookie('a', text)).toThrow(TypeError)
      expect(() => serializeCookie('a', 'b', { path: text })).toThrow(TypeError)
      expect(() => serializeCookie('a', 'b', { domain: text })).toThrow(TypeError)
    }
  })

  it('says what is wrong, and of which cookie', () => {
    expect(() => serializeCookie('a b', '')).toThrow('Invalid cookie name')
    expect(() => serializeCookie('sid', ';')).toThrow('The value of cookie sid must be encoded')
    expect(() => serializeCookie('sid', '', { domain: ';' })).toThrow('Invalid domain of cookie sid')
    expect(() => serializeCookie('sid', '', { path: ';' })).toThrow('Invalid path of cookie sid')
    const eternal = { maxAge: Number.POSITIVE_INFINITY }
    expect(() => serializeCookie('sid', '', eternal)).toThrow(
      'The maxAge of cookie sid must be at most 400 days (34560000 seconds)',
    )
  })

  it('takes the output of encodeURIComponent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const header = serializeCookie('a', encodeURIComponent(text))
        expect(cookieValues(header, 'a')).toEqual([text])
      }),
    )
  })
})

describe('cookieValues', () => {
  it.each(['=x; a=1', '=x', 'a=1', ''])('finds nothing of an empty name, and ends: %j', (header) => {
    expect(cookieValues(header, '')).toEqual([])
  })

  it.each<[string | null, string[]]>([
    [null, []],
    ['', []],
    ['a=1', ['1']],
    ['a=', ['']],
    ['b=2; a=1', ['1']],
    ['a=1; b=2; a=3', ['1', '3']],
    ['a=1;a=2;  a=3 ;\ta=4', ['1', '2', '3', '4']],
    ['ba=1; a=2', ['2']],
    ['b=a=1; a=2', ['2']],
    ['b=; a=1', ['1']],
    ['A=1', []],
    ['a', []],
    ['%61=1', []],
    ['__Secure-a=1', []],
    ['a=x=y', ['x=y']],
    ['a="q"', ['q']],
    ['a=%2B%2f', ['+/']],
    ['a=%zz', ['%zz']],
    ['a=%', ['%']],
    ['a=%ff', ['%ff']],
    ['a=+/=', ['+/=']],
  ])('%j', (header, values) => {
    expect(cookieValues(header, 'a')).toEqual(values)
  })

  it('finds what a plain parser finds, and never throws', () => {
    const piece = fc.constantFrom('a', 'b', '=', ';', ' ', '"', '%', '%41', '; ', 'a=', 'x')
    const header = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.oneof(header, fc.string({ unit: 'binary' })), (text) => {
        expect(cookieValues(text, 'a')).toEqual(plainValues(text, 'a'))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads 200 cookies of 3 kB, and hostile repetition, at once', async () => {
    const long = Array.from({ length: 200 }, (_, i) => `c${i}=${'x'.repeat(3000)}`).join('; ')
    const hostile = ['a='.repeat(300_000), `${' '.repeat(300_000)}a=1`, ' a='.repeat(200_000), ';'.repeat(600_000)]
    for (const header of [long, ...hostile]) {
      expect(await bestOf(8, () => cookieValues(`${header}; a=1`, 'a'))).toBeLessThan(250)
    }
    const signed = Array.from({ length: 200 }, () => `a=${'x'.repeat(3000)}.${'A'.repeat(43)}=`).join('; ')
    const read = () => cookieValues(signed, 'a').map((value) => readSignedValue(value, [key, oldKey]))
    expect(read()).toEqual(Array(200).fill(null))
    expect(await bestOf(8, read)).toBeLessThan(250)
  })
})

/** The long way: split, trim, compare. */
function plainValues(header: string, name: string): string[] {
  const values: string[] = []
  for (const pair of header.split(';')) {
    const blanks = /^[ \t]*/.exec(pair)?.[0].length ?? 0
    if (!pair.startsWith(`${name}=`, blanks)) continue
    let value = pair.slice(blanks + name.length + 1).trim()
    if (value.startsWith('"')) value = value.slice(1, -1)
    try {
      values.push(decodeURIComponent(value))
    } catch {
      values.push(value)
    }
  }
  return values
}

describe('signed values', () => {
  it.each(vectors)('%s', (value, wire) => {
    expect(signCookieValue(value, key)).toBe(wire)
    expect(readSignedValue(received(wire), [key])).toEqual({ value, keyIndex: 0 })
    // A client that has decoded the value sends it with `+`, `/` and `=`.
    expect(readSignedValue(received(decodeURIComponent(wire)), [key])).toEqual({ value, keyIndex: 0 })
  })

  it('may hold dots, and must hold something', () => {
    expect(readSignedValue(received(signCookieValue('a.b.', key)), [key])).toEqual({ value: 'a.b.', keyIndex: 0 })
    expect(readSignedValue(received(signCookieValue('a', key)), [key])).toEqual({ value: 'a', keyIndex: 0 })
    expect(readSignedValue(received(signCookieValue('', key)), [key])).toBeNull()
  })

  it('come back whole, whichever of the keys signed them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.boolean(), (value, old) => {
        const wire = signCookieValue(value, old ? oldKey : key)
        expect(readSignedValue(received(wire), [key, oldKey])).toEqual({ value, keyIndex: old ? 1 : 0 })
        expect(readSignedValue(received(wire), [old ? key : oldKey])).toBeNull()
        expect(readSignedValue(received(wire), [])).toBeNull()
      }),
    )
  })

  it('are refused after any change', () => {
    const signed = received(signCookieValue('AbCdEfGhIjKlMnOpQrStUvWxYz012345', key))
    fc.assert(
      fc.property(fc.nat(signed.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }), (at, cut, put) => {
        const changed = signed.slice(0, at) + put + signed.slice(at + cut)
        fc.pre(changed !== signed)
        expect(readSignedValue(changed, [key])).toBeNull()
      }),
      { numRuns: 2000 },
    )
  })

  it('are read in the canonical form of the signature alone', () => {
    const signed = received(signCookieValue('true', key))
    const mac = signed.slice('true.'.length)
    const bytes = Buffer.from(mac, 'base64')
    for (const other of [
      bytes.toString('hex'),
      bytes.toString('base64url'),
      mac.slice(0, -1),
      `${mac}=`,
      `${mac} `,
      mac.replace('w=', 'x='),
      mac.replaceAll('+', ' '),
    ].filter((form) => form !== mac)) {
      expect(readSignedValue(`true.${other}`, [key])).toBeNull()
    }
    for (const other of ['true', 'true.', '', '.', mac, `.${mac}`, `false.${mac}`]) {
      expect(readSignedValue(other, [key])).toBeNull()
    }
  })

  it('can be bound to the name of their cookie', () => {
    const signed = received(signCookieValue('true', key, '__Host-a'))
    expect(readSignedValue(signed, [key], '__Host-a')).toEqual({ value: 'true', keyIndex: 0 })
    expect(readSignedValue(signed, [key], '__Host-b')).toBeNull()
    expect(readSignedValue(signed, [key])).toBeNull()
  })
})
