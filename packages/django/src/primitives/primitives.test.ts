import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { type DjangoVersion, since } from '../version.ts'
import { fromBase64, fromBase64Url } from './base64.ts'
import { wallClock } from './clock.ts'
import { timingSafeEqual } from './compare.ts'
import { quoteCookie, unquoteCookie } from './cookie-text.ts'
import { fromBase36, fromBase62, toBase36, toBase62 } from './digits.ts'
import { allKeys } from './keys.ts'
import { LETTERS_AND_DIGITS, LOWER_AND_DIGITS, randomText, systemRandom } from './random.ts'
import { saltedHmac } from './salted-hmac.ts'
import { setCookie } from './set-cookie.ts'

describe.each(recordedVersions)('as recorded of Django %s', (version) => {
  const signing = recorded('signing', version)

  it('salts HMACs', () => {
    replay(signing.salted_hmac, ({ key_salt, value, secret, algorithm, hex }) => {
      expect(saltedHmac(key_salt, value, secret, algorithm).toString('hex')).toBe(hex)
    })
  })

  it('writes numbers in base 62', () => {
    replay(signing.base62, ({ n, result }) => expect(toBase62(n)).toBe(result))
  })

  it('writes and reads numbers in base 36', () => {
    const strict = 'only the form that is written is read: a token is recomputed from it'
    replay(
      recorded('reset_tokens', version).base36,
      ({ n, text, parse }) => {
        if (n !== undefined) expect(toBase36(n)).toBe(text)
        else expect(fromBase36(text)).toBe(parse.result)
      },
      { '-1': strict, A: strict, a_b: strict, ' 1': strict },
      ({ text }) => text,
    )
  })
})

describe('digits', () => {
  it('reads every number it writes', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (number) => fromBase62(toBase62(number)) === number))
    fc.assert(fc.property(fc.maxSafeNat(), (number) => fromBase36(toBase36(number)) === number))
  })

  it.each(['', '-', '-0', '00', '01', '1.0', ' 1', '1\n', '!', 'zzzzzzzzzzzzzz', 'ü'])('does not read %j', (text) => {
    expect(fromBase62(text)).toBeUndefined()
    expect(fromBase36(text)).toBeUndefined()
  })
})

describe('base64', () => {
  it('reads what is written, in its own alphabet', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64Url(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes))
        expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it.each(['a', 'QR', 'QQ=', 'QQ=\n', 'Q Q', '!', '.QQ=='])('does not read %j', (text) => {
    expect(fromBase64Url(text)).toBeUndefined()
    expect(fromBase64(text)).toBeUndefined()
  })

  it.each([
    ['+/8', undefined, undefined],
    ['-_8', 'fbff', undefined],
    ['+/8=', undefined, 'fbff'],
    ['-_8=', undefined, undefined],
  ])('keeps the alphabets apart: %s', (text, url, standard) => {
    expect(fromBase64Url(text)?.toString('hex')).toBe(url)
    expect(fromBase64(text)?.toString('hex')).toBe(standard)
  })
})

describe('timingSafeEqual', () => {
  it('tells texts apart, of any characters and lengths', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ud83d', '\ufffd', '🔑'), maxLength: 4 })
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(timingSafeEqual(a, b)).toBe(a === b)
        expect(timingSafeEqual(a, `${a}`)).toBe(true)
      }),
    )
    expect(timingSafeEqual('\ud83d', '\ufffd')).toBe(false)
    expect(timingSafeEqual('a', 'ab')).toBe(false)
  })
})

describe('randomText', () => {
  it('throws away bytes that would favour characters', () => {
    const bytes = [255, 252, 248, 247, 0, 61, 62]
    const random = () => Uint8Array.from(bytes)
    expect(randomText(random, 4, LETTERS_AND_DIGITS)).toBe('9a9a')
    // 252 is the first beyond seven rounds of 36.
    expect(randomText(random, 5, LOWER_AND_DIGITS)).toBe('65az0')
  })

  it('has the length and the alphabet asked for', () => {
    expect(randomText(systemRandom, 32, LOWER_AND_DIGITS)).toMatch(/^[a-z0-9]{32}$/)
    expect(randomText(systemRandom, 1000, LETTERS_AND_DIGITS)).toMatch(/^[a-zA-Z0-9]{1000}$/)
  })
})

describe('wallClock', () => {
  it.each([
    ['2025-01-01T12:00:00.123Z', 'UTC', '2025-01-01T12:00:00.123Z'],
    ['2025-01-01T12:00:00.123Z', 'Europe/Berlin', '2025-01-01T13:00:00.123Z'],
    ['2025-07-01T22:30:00.000Z', 'Europe/Berlin', '2025-07-02T00:30:00.000Z'],
    ['2024-12-31T23:30:00.000Z', 'Asia/Kathmandu', '2025-01-01T05:15:00.000Z'],
  ])('%s in %s', (time, zone, shown) => {
    expect(new Date(wallClock(Date.parse(time), zone)).toISOString()).toBe(shown)
  })
})

describe('cookies', () => {
  it('reads what it quotes', () => {
    const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) })
    fc.assert(fc.property(latin1, (value) => unquoteCookie(quoteCookie(value)) === value))
  })

  it('leaves nothing in a value that ends it', () => {
    const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) })
    fc.assert(fc.property(latin1, (value) => /^[ -:<-~]*$/.test(quoteCookie(value))))
  })

  it.each(['plain', '"', '"open', 'in "the" middle'])('reads %j as it stands', (text) => {
    expect(unquoteCookie(text)).toBe(text)
  })

  it.each([
    () => quoteCookie('€'),
    () => setCookie('a b', 'x', {}, 0),
    () => setCookie('a', 'x', { path: '/; Domain=evil.test' }, 0),
    () => setCookie('a', 'x', { domain: 'a\r\nb' }, 0),
  ])('refuses what would break the header', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'UNSAFE_COOKIE' }))
  })
})

describe('allKeys', () => {
  it.each([
    { secretKey: '' },
    { secretKey: undefined as unknown as string },
    { secretKey: 'k', secretKeyFallbacks: [''] },
    { secretKey: 'k', secretKeyFallbacks: 'old' as unknown as string[] },
  ])('refuses an empty key', (keys) => {
    expect(() => allKeys(keys)).toThrow(expect.objectContaining({ code: 'NO_SECRET_KEY' }))
  })
})

describe('since', () => {
  it('knows the order of releases, and no others', () => {
    expect(since('4.1', '4.1')).toBe(true)
    expect(since('4.0', '4.1')).toBe(false)
    expect(codeOf(() => since('5.2.1' as DjangoVersion, '4.1'))).toBe('UNKNOWN_VERSION')
  })
})
