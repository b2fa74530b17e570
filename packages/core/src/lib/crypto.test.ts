import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64Url, toHex, utf8 } from './bytes.ts'
import * as node from './crypto.node.ts'
import { pooled } from './crypto.ts'
import * as web from './crypto.web.ts'

const secret = 'keystile-test-secret-0123456789abcdef0123456789'
const platforms: [string, typeof node][] = [
  ['node', node],
  ['web', web],
]

describe.each(platforms)('#crypto on %s', (_name, crypto) => {
  const key = crypto.hmacKey(secret)

  it.each([
    ['AbCdEfGhIjKlMnOpQrStUvWxYz012345', 'JB9/uO3NjZ7fPfYhZw2FiZNIJXfFvi5kq+IEB/dEesc='],
    ['true', 'aZGbuGvWObKfKl5prPM97oaGpPArEhtecNXgDJn0mrw='],
    ['state_-ABC123', 'qouOT4TbUlc+Blp25sClErop6+BmNCmeGaBxjo4H7cI='],
  ])('signs %s', (text, mac) => {
    expect(crypto.hmac(key, text)).toBe(mac)
    expect(crypto.hmacMatches(key, text, mac)).toBe(true)
  })

  it('signs the same twice, with text and bytes of a key alike (RFC 4231, case 2)', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    for (const jefe of [crypto.hmacKey('Jefe'), crypto.hmacKey(utf8('Jefe'))]) {
      for (let i = 0; i < 2; i++) {
        const mac = fromBase64(crypto.hmac(jefe, 'what do ya want for nothing?'))
        expect(mac && toHex(mac)).toBe(expected)
      }
    }
  })

  it('takes an HMAC in its canonical form alone', () => {
    const mac = crypto.hmac(key, 'true')
    const noise = String.fromCharCode(...Array.from(mac, (char) => char.charCodeAt(0) + 256))
    for (const other of ['', mac.slice(0, -1), `${mac}=`, mac.replace('w=', 'x='), mac.toLowerCase(), noise]) {
      expect(crypto.hmacMatches(key, 'true', other)).toBe(false)
    }
    expect(crypto.hmacMatches(crypto.hmacKey('other'), 'true', mac)).toBe(false)
  })

  it('keeps the secret out of what a log prints', () => {
    expect(JSON.stringify(key)).toBe('{}')
    expect(Object.values(key).every((value) => typeof value === 'function')).toBe(true)
  })

  it('hashes', () => {
    expect(toHex(crypto.sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(toBase64Url(crypto.sha256('reset-password:abcdefghijklmnopqrstuvwx'))).toBe(
      'kW4Kkq2Pg7p8F2L5uPiAC2_-waW7ek7XNPF_g2EcuPc',
    )
    expect(crypto.hashToken('a'.repeat(128))).toBe('h1.aDbPE7rEAOkQUHHNavRwhN-srU5eMCyUv-0k4BOvtz4')
  })

  it('derives keys per purpose', () => {
    // From `openssl kdf`: the inputs of RFC 5869's own vectors are not text.
    const expected = 'a1124a1bdcfa8252280ee41d0b0d760cf97e262c80193c9dcad7ba464cde0f9c'
    expect(toHex(crypto.hkdf(secret, 'state', 32))).toBe(expected)
    expect(toHex(crypto.hkdf(secret, 'other', 32))).not.toBe(expected)
    expect(crypto.hkdf(secret, 'state', 64).length).toBe(64)
  })

  it('compares in constant time what has the same length, and refuses what has not', () => {
    expect(crypto.timingSafeEqual('abc', 'abc')).toBe(true)
    expect(crypto.timingSafeEqual('abc', 'abd')).toBe(false)
    expect(crypto.timingSafeEqual('abc', 'abcd')).toBe(false)
    expect(crypto.timingSafeEqual('', '')).toBe(true)
    expect(crypto.timingSafeEqual('\u0141', 'A')).toBe(false)
    expect(crypto.timingSafeEqual(utf8('abc'), utf8('abc'))).toBe(true)
    expect(crypto.timingSafeEqual(utf8('abc'), utf8('xbc'))).toBe(false)
    expect(crypto.timingSafeEqual(utf8('abc'), utf8('ab'))).toBe(false)
  })

  it('gives random bytes of any size, never the same', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 1000; i++) seen.add(toHex(crypto.randomBytes(16)))
    expect(seen.size).toBe(1000)
    const large = crypto.randomBytes(200_000)
    expect(large.length).toBe(200_000)
    for (let at = 0; at < large.length; at += 20_000)
      expect(new Set(large.slice(at, at + 1000)).size).toBeGreaterThan(200)
    expect(crypto.randomBytes(0).length).toBe(0)
  })

  it('has at least one thread', () => {
    expect(crypto.threads()).toBeGreaterThanOrEqual(1)
  })
})

describe('both platforms', () => {
  it('agree on every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, text) => {
        expect(web.hmac(web.hmacKey(key), text)).toBe(node.hmac(node.hmacKey(key), text))
        expect(web.hashToken(text)).toBe(node.hashToken(text))
        expect(web.hkdf(key, text, 32)).toEqual(node.hkdf(key, text, 32))
      }),
    )
  })
})

describe('pooled', () => {
  it('hands out each byte of the source once, and keeps none', () => {
    let next = 0
    const random = pooled((bytes) => {
      for (let i = 0; i < bytes.length; i++) bytes[i] = (next++ % 255) + 1
    })
    const first = random(100)
    expect([...first]).toEqual(Array.from({ length: 100 }, (_, i) => (i % 255) + 1))
    expect(first.buffer.byteLength).toBe(100)
    expect(random(1)[0]).toBe(101)
    for (let i = 0; i < 200; i++) expect(random(100)).not.toContain(0)
  })

  it('wipes what it handed out', () => {
    let source = new Uint8Array()
    const random = pooled((bytes) => {
      source = bytes.fill(7)
    })
    random(100)
    expect([...source.slice(98, 102)]).toEqual([0, 0, 7, 7])
  })
})
