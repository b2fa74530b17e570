import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteCookie, unquoteCookie } from '../primitives/cookie-text.ts'
import { pythonJson } from '../sessions/json.ts'
import { codeOf, type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { since } from '../version.ts'
import { dumps, loads } from './payload.ts'
import { signedCookies } from './signed-cookies.ts'
import { signer, timestampSigner } from './signer.ts'

const NOW = 1_735_732_800
const at = (seconds: number) => () => seconds * 1000
const codes: Record<string, string> = { BadSignature: 'BAD_SIGNATURE', SignatureExpired: 'SIGNATURE_EXPIRED' }

/** Expects what was recorded: a result, or a refusal of the same kind. */
function expectOutcome({ result, error }: Recorded, call: () => unknown): void {
  if (error) expect(codeOf(call)).toBe(codes[error])
  else expect(call()).toEqual(result)
}

describe.each(recordedVersions)('as recorded of Django %s', (djangoVersion) => {
  const signing = recorded('signing', djangoVersion)

  it('signs', () => {
    const signed = signing.signer.filter((record: Recorded) => !record.construct)
    const constructed = signing.signer.filter((record: Recorded) => record.construct)
    replay(signed, ({ key, salt, salt_used, sep, value, signed }) => {
      for (const given of [salt ?? undefined, salt_used]) {
        const one = signer({ secretKey: key, djangoVersion, salt: given, separator: sep })
        expect(one.sign(value)).toBe(signed)
        expect(one.unsign(signed)).toBe(value)
      }
    })
    replay(constructed, ({ sep, construct }) => {
      const code = codeOf(() => signer({ secretKey: 'k', djangoVersion, separator: sep }))
      expect(code).toBe(construct.result ? undefined : 'UNSAFE_SEPARATOR')
    })
  })

  it('DJ-02 checks signatures', () => {
    replay(
      signing.unsign,
      (record) => {
        const { signed, salt_used: salt, key } = record
        expectOutcome(record, () => signer({ secretKey: key, djangoVersion, salt }).unsign(signed))
      },
      djangoVersion === '3.2'
        ? { 'sha1 signature given to the sha256 signer': 'taken where acceptSha1Signatures is set, as below' }
        : {},
    )
  })

  it('signs with the time', () => {
    replay(signing.timestamp, ({ key, salt, salt_used, value, now, signed, unsign }) => {
      const options = { secretKey: key, djangoVersion, salt: salt ?? undefined }
      expect(timestampSigner({ ...options, clock: at(now) }).sign(value)).toBe(signed)
      replay(unsign, (record) => {
        const one = timestampSigner({ ...options, salt: salt_used, clock: at(record.now) })
        expectOutcome(record, () => one.unsign(signed, record.max_age ?? undefined))
      })
    })
  })

  it('dumps', () => {
    replay(signing.dumps, ({ object, salt, compress, now, dumped }) => {
      const options = { secretKey: signing.secret_key, djangoVersion, clock: at(now), salt }
      const ours = dumps(object, { ...options, compress })
      expect(ours.startsWith('.')).toBe(dumped.startsWith('.'))
      // Builds of zlib differ in what they make of the same bytes.
      if (!dumped.startsWith('.')) expect(ours).toBe(dumped)
      for (const text of [ours, dumped]) expect(pythonJson(loads(text, options))).toBe(pythonJson(object))
    })
  })

  it('loads', () => {
    replay(signing.loads, (record) => {
      const options = { secretKey: record.key, djangoVersion, salt: record.salt, clock: at(NOW) }
      if (record.error) expect(codeOf(() => loads(record.dumped, options))).toBe(codes[record.error])
      else expect(pythonJson(loads(record.dumped, options))).toBe(pythonJson(record.result))
    })
  })

  it('tries the fallback keys', () => {
    expect(signing.fallback).toHaveLength(since(djangoVersion, '4.1') ? 3 : 0)
    replay(signing.fallback, ({ secret_key: secretKey, fallbacks, made_with, salt, dumped, signed, ...outcome }) => {
      const options = { secretKey, secretKeyFallbacks: fallbacks, djangoVersion, salt, clock: at(NOW) }
      expect(dumps({ a: 1 }, { ...options, secretKey: made_with })).toBe(dumped)
      expectOutcome(outcome.loads, () => ({ ...(loads(dumped, options) as object) }))
      expectOutcome(outcome.unsign, () => signer(options).unsign(signed))
      expect(signer(options).sign('v')).toBe(signer({ ...options, secretKeyFallbacks: [] }).sign('v'))
    })
  })

  it('DJ-02 signs cookies', () => {
    replay(signing.signed_cookie, (record) => {
      const { name, value, salt, now, cookie_value: cookie, header } = record
      const one = signedCookies({ secretKey: signing.secret_key, djangoVersion, clock: at(now) })
      expect(one.sign(name, value, salt)).toBe(cookie)
      expect(`${name}=${quoteCookie(cookie)}; Path=/`).toBe(header)
      expect(unquoteCookie(header.slice(name.length + 1, -'; Path=/'.length))).toBe(cookie)
      expectOutcome(record.read, () => one.unsign(name, cookie, { salt }))
      expectOutcome(record.read_wrong_salt, () => one.unsign(name, cookie, { salt: 'wrong' }))
    })
  })
})

describe('signer', () => {
  const secretKey = 'a key of this test'

  it('takes SHA-1 signatures only when told to, or where it writes them', () => {
    const { sign } = signer({ secretKey, djangoVersion: '2.2' })
    expect(codeOf(() => signer({ secretKey }).unsign(sign('v')))).toBe('BAD_SIGNATURE')
    expect(codeOf(() => signer({ secretKey, djangoVersion: '3.2' }).unsign(sign('v')))).toBe('BAD_SIGNATURE')
    expect(signer({ secretKey, acceptSha1Signatures: true }).unsign(sign('v'))).toBe('v')
    expect(signer({ secretKey, djangoVersion: '2.2' }).unsign(signer({ secretKey }).sign('v'))).toBe('v')
  })

  it('reads what it signs, and nothing that was changed', () => {
    const one = signer({ secretKey, separator: '.:' })
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (value, place, character) => {
        const signed = one.sign(value)
        expect(one.unsign(signed)).toBe(value)
        const where = place % signed.length
        const changed = signed.slice(0, where) + character + signed.slice(where + 1)
        if (changed !== signed) expect(codeOf(() => one.unsign(changed))).toBe('BAD_SIGNATURE')
      }),
    )
  })

  it('takes an empty salt for none, as Django does', () => {
    expect(signer({ secretKey, salt: '' }).sign('v')).toBe(signer({ secretKey }).sign('v'))
    expect(timestampSigner({ secretKey, salt: '' }).unsign(timestampSigner({ secretKey }).sign('v'))).toBe('v')
  })

  it('never tells a signature', () => {
    const signed = signer({ secretKey }).sign('v')
    expect(() => signer({ secretKey: 'other' }).unsign(signed)).toThrow(/^the signature does not match$/)
  })
})

describe('timestampSigner', () => {
  const secretKey = 'a key of this test'

  it('refuses a value that was signed without a time', () => {
    const salt = 's'
    for (const value of ['v', 'v:', 'v:!', ':']) {
      const signed = signer({ secretKey, salt }).sign(value)
      expect(codeOf(() => timestampSigner({ secretKey, salt }).unsign(signed))).toBe('BAD_SIGNATURE')
    }
  })

  it('counts the fraction of a second', () => {
    const signed = timestampSigner({ secretKey, clock: () => 5_900 }).sign('v')
    const after = (clock: number) => codeOf(() => timestampSigner({ secretKey, clock: () => clock }).unsign(signed, 10))
    expect(after(15_000)).toBe(undefined)
    expect(after(15_001)).toBe('SIGNATURE_EXPIRED')
  })
})

describe('loads', () => {
  const options = { secretKey: 'a key of this test', clock: () => 0 }
  const signed = (payload: string) => timestampSigner({ ...options, salt: 'django.core.signing' }).sign(payload)

  it.each([
    ['neither base64 nor JSON', '*'],
    ['base64 with padding', 'e30='],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['not deflated', `.${Buffer.from('{}').toString('base64url')}`],
    ['nothing', ''],
  ])('refuses a payload that is %s', (_what, payload) => {
    expect(codeOf(() => loads(signed(payload), options))).toBe('BAD_PAYLOAD')
  })

  it('reads bytes as Latin-1, as Django does', () => {
    expect(loads(signed(Buffer.from('"ü"').toString('base64url')), options)).toBe('Ã¼')
  })

  it('inflates to its ceiling and no further', () => {
    const bomb = (size: number) => signed(`.${deflateSync(`"${'x'.repeat(size - 2)}"`).toString('base64url')}`)
    expect(loads(bomb(1024 * 1024), options)).toHaveLength(1024 * 1024 - 2)
    expect(codeOf(() => loads(bomb(1024 * 1024 + 1), options))).toBe('BAD_PAYLOAD')
    expect(codeOf(() => loads(bomb(101), { ...options, maxInflated: 100 }))).toBe('BAD_PAYLOAD')
    expect(loads(bomb(100), { ...options, maxInflated: 100 })).toHaveLength(98)
  })
})

describe('signedCookies', () => {
  const secretKey = 'a key of this test'
  const now = (seconds: number) => ({ secretKey, clock: at(seconds) })

  it('reads the old salt where Django does, or where it is told to', () => {
    const old = signedCookies({ ...now(0), djangoVersion: '4.2' }).sign('c', 'v', 'x')
    expect(signedCookies({ ...now(0), djangoVersion: '5.2' }).unsign('c', old, { salt: 'x' })).toBe('v')
    expect(codeOf(() => signedCookies(now(0)).unsign('c', old, { salt: 'x' }))).toBe('BAD_SIGNATURE')
    expect(signedCookies({ ...now(0), legacySignedCookies: true }).unsign('c', old, { salt: 'x' })).toBe('v')
    const strict = signedCookies({ ...now(0), djangoVersion: '4.2', legacySignedCookies: false })
    expect(codeOf(() => strict.unsign('c', old, { salt: 'x' }))).toBe('BAD_SIGNATURE')
  })

  it('tells a name from the salt of another', () => {
    const signed = signedCookies(now(0)).sign('ab', 'v', 'c')
    expect(codeOf(() => signedCookies(now(0)).unsign('a', signed, { salt: 'cb' }))).toBe('BAD_SIGNATURE')
    expect(codeOf(() => signedCookies(now(0)).unsign('b', signed, { salt: 'ca' }))).toBe('BAD_SIGNATURE')
  })

  it('does not try the old salt for one that is too old', () => {
    const signed = signedCookies(now(0)).sign('c', 'v')
    const late = signedCookies({ ...now(11), legacySignedCookies: true })
    expect(codeOf(() => late.unsign('c', signed, { maxAge: 10 }))).toBe('SIGNATURE_EXPIRED')
  })

  it('counts the characters of a salt as Python does', () => {
    const signed = signedCookies(now(0)).sign('c', 'v', '🔑')
    const salt = 'django.http.cookies.v2:1:🔑c'
    expect(timestampSigner({ secretKey: `django.http.cookies${secretKey}`, salt }).unsign(signed)).toBe('v')
  })
})
