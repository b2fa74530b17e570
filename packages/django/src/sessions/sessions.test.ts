import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { timestampSigner } from '../signing/signer.ts'
import { codeOf, type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { since } from '../version.ts'
import { cookieCodec, rowCodec } from './codec.ts'
import { expiryOf, setExpiry } from './expiry.ts'
import { type JsonObject, parsePythonJson, pythonJson } from './json.ts'
import { isSessionKey, newSessionKey } from './key.ts'

const NOW = 1_735_732_800

/** What Python has that JSON has not, by how Python prints it. */
const unfit: Readonly<Record<string, unknown>> = {
  "{'d': datetime.datetime(2025, 1, 1, 0, 0)}": { d: new Date(0) },
  "{'b': b'bytes'}": { b: new Uint8Array(2) },
  "{'s': {1, 2}}": { s: new Set([1, 2]) },
}

/** Data as the recordings spell it. */
function spelled(data: JsonObject): unknown {
  return JSON.parse(pythonJson(data).replaceAll('NaN', '"(float nan)"'))
}

describe.each(recordedVersions)('as recorded of Django %s', (djangoVersion) => {
  const sessions = recorded('sessions', djangoVersion)

  it('DJ-03 writes rows', () => {
    replay(sessions.encode, ({ now, python_json, encoded, compressed, python_repr, key: secretKey }) => {
      const codec = rowCodec({ secretKey: secretKey ?? sessions.secret_key, djangoVersion, clock: () => now * 1000 })
      if (python_repr) {
        expect(codeOf(() => codec.encode(unfit[python_repr] as JsonObject))).toBe('NOT_JSON')
        return
      }
      const text = python_json.result
      const data = parsePythonJson(text) as JsonObject
      expect(pythonJson(data)).toBe(text)
      const ours = codec.encode(data)
      // Builds of zlib differ in what they make of the same bytes, and so in whether it is shorter.
      if (!compressed && !ours.startsWith('.')) expect(ours).toBe(encoded)
      for (const row of [ours, encoded]) expect(pythonJson(codec.decode(row))).toBe(text)
    })
  })

  it('reads rows', () => {
    const strict = 'Python reads base64 over junk; here it has its one canonical form'
    replay(
      sessions.decode,
      ({ encoded, key: secretKey, result }) => {
        const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
        const codec = rowCodec({ secretKey, djangoVersion })
        expect(spelled(codec.decode(encoded))).toEqual(isObject ? result : {})
      },
      since(djangoVersion, '3.1')
        ? {}
        : { 'newline appended': strict, 'padding appended': strict, 'dot in front': strict },
    )
  })

  it('reads rows of before 3.1 where it writes them, or is told to', () => {
    replay(sessions.legacy, ({ object, encoded, key: secretKey }) => {
      const read = (acceptLegacySessions?: boolean) =>
        spelled(rowCodec({ secretKey, djangoVersion, acceptLegacySessions }).decode(encoded))
      expect(read(true)).toEqual(object)
      expect(read(false)).toEqual({})
      expect(read()).toEqual(since(djangoVersion, '3.1') ? {} : object)
      expect(rowCodec({ secretKey, djangoVersion: '2.2' }).encode(object)).toBe(encoded)
    })
  })

  it('DJ-03 writes and reads cookies that hold the session', () => {
    replay(sessions.signed_cookies, ({ key: secretKey, now, object, cookie_value, load }) => {
      const codecAt = (seconds: number) => cookieCodec({ secretKey, djangoVersion, clock: () => seconds * 1000 })
      const cookie = cookie_value.result
      const text = pythonJson(codecAt(now).decode(cookie))
      expect(JSON.parse(text)).toEqual(object)
      const ours = codecAt(now).encode(parsePythonJson(text) as JsonObject)
      if (!cookie.startsWith('.')) expect(ours).toBe(cookie)
      replay(load, ({ now: later, result }) => {
        for (const value of [ours, cookie]) expect(JSON.parse(pythonJson(codecAt(later).decode(value)))).toEqual(result)
      })
    })
  })

  it('makes and takes keys', () => {
    replay(sessions.key, ({ sample, length, session_key, result }) => {
      if (sample) for (const key of [sample, newSessionKey()]) expect(key).toMatch(new RegExp(`^[a-z0-9]{${length}}$`))
      else expect(isSessionKey(session_key)).toBe(typeof result === 'string')
    })
  })

  it('reckons when sessions end', () => {
    const dates: Record<string, (now: number) => Date> = {
      'timedelta 90s': (now) => new Date(now + 90_000),
      datetime: (now) => new Date(now + 3_600_000),
    }
    replay(sessions.expiry, ({ set, now: text, result, encoded }) => {
      const now = Date.parse(text)
      const data: JsonObject = { x: 1 }
      const value = set === 'none' ? null : set.startsWith('int ') ? Number(set.slice(4)) : dates[set]?.(now)
      if (encoded?.error || (typeof value === 'object' && value && !since(djangoVersion, '4.1'))) {
        // 2.2 was not asked to store a date; like 3.2 it could not.
        expect(codeOf(() => setExpiry(data, value as Date, djangoVersion))).toBe('UNREADABLE_EXPIRY')
        setExpiry(data, value as Date)
      } else if (value !== undefined) {
        setExpiry(data, value, djangoVersion)
        // JavaScript's clock has no microseconds.
        const stored = typeof result.stored === 'string' ? result.stored.replace('.123456', '.123000') : result.stored
        expect(data._session_expiry ?? null).toBe(stored)
        if (encoded && typeof stored !== 'string') {
          const codec = rowCodec({ secretKey: sessions.secret_key, djangoVersion, clock: () => NOW * 1000 })
          expect(codec.encode(data)).toBe(encoded.result)
        }
      }
      const { age, date, atBrowserClose } = expiryOf(data, {}, now)
      const expected: Recorded = {
        age: result.age,
        date: new Date(result.date),
        at_browser_close: result.at_browser_close,
      }
      expect({ age, date, at_browser_close: atBrowserClose }).toEqual(expected)
    })
  })

  it('has the defaults of the settings', () => {
    const { settings } = sessions
    expect(expiryOf({}, {}, 0).age).toBe(settings.SESSION_COOKIE_AGE)
    expect(expiryOf({}, {}, 0).atBrowserClose).toBe(settings.SESSION_EXPIRE_AT_BROWSER_CLOSE)
  })
})

describe('rowCodec', () => {
  const secretKey = 'a key of this test'
  const codec = rowCodec({ secretKey })

  it('reads the rows of fallback keys and writes with the first', () => {
    const old = rowCodec({ secretKey: 'old' })
    const both = rowCodec({ secretKey, secretKeyFallbacks: ['old'], acceptLegacySessions: true })
    expect({ ...both.decode(old.encode({ a: 1 })) }).toEqual({ a: 1 })
    const legacy = rowCodec({ secretKey: 'old', djangoVersion: '2.2' })
    expect({ ...both.decode(legacy.encode({ a: 1 })) }).toEqual({ a: 1 })
    expect({ ...codec.decode(both.encode({ a: 1 })) }).toEqual({ a: 1 })
    expect({ ...codec.decode(old.encode({ a: 1 })) }).toEqual({})
  })

  it('keeps the store classes of a project apart, in both forms', () => {
    for (const djangoVersion of ['2.2', '6.1'] as const) {
      const own = rowCodec({ secretKey, djangoVersion, sessionSalt: 'django.contrib.sessions.OwnStore' })
      const row = own.encode({ a: 1 })
      expect({ ...own.decode(row) }).toEqual({ a: 1 })
      expect({ ...rowCodec({ secretKey, djangoVersion }).decode(row) }).toEqual({})
    }
  })

  it('compresses what gets shorter by it', () => {
    expect(codec.encode({ a: 'x'.repeat(100) })).toMatch(/^\.[\w-]{10,40}:/)
    expect(codec.encode({ a: 'x' })).toMatch(/^[\w-]+:/)
  })

  it('reads no row that inflates beyond its ceiling', () => {
    const bomb = `.${deflateSync(`{"a":"${'x'.repeat(1024 * 1024)}"}`).toString('base64url')}`
    const row = timestampSigner({ secretKey, salt: 'django.contrib.sessions.SessionStore' }).sign(bomb)
    expect({ ...codec.decode(row) }).toEqual({})
    expect(Object.keys(rowCodec({ secretKey, maxInflated: 2 ** 21 }).decode(row))).toEqual(['a'])
  })

  it('gives each reader data of its own, of rows it knows too', () => {
    const row = codec.encode({ a: 1, b: 2.5 })
    for (let i = 0; i < 2; i++) {
      const data = codec.decode(row)
      expect({ ...data }).toEqual({ a: 1, b: 2.5 })
      data.a = 'changed'
    }
    expect(pythonJson(codec.decode(codec.encode(parsePythonJson('{"f":1.0}') as JsonObject)))).toBe('{"f":1.0}')
  })

  it('does not keep what rows inflate to', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100; i++) codec.decode(codec.encode({ a: 'x'.repeat(900_000), i }))
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000)
  })

  it('gives data without a prototype', () => {
    const row = timestampSigner({ secretKey, salt: 'django.contrib.sessions.SessionStore' }).sign(
      Buffer.from('{"__proto__":{"admin":true},"a":1}').toString('base64url'),
    )
    const data = codec.decode(row)
    expect(Object.getPrototypeOf(data)).toBeNull()
    expect(data.admin).toBeUndefined()
    expect(Object.keys(data)).toEqual(['__proto__', 'a'])
    expect(Object.getPrototypeOf(codec.decode('junk'))).toBeNull()
  })
})

describe('expiryOf', () => {
  const now = Date.UTC(2025, 0, 1)
  const age = (stored: unknown) => expiryOf({ _session_expiry: stored } as JsonObject, { cookieAge: 100 }, now).age

  it.each([
    ['2025-01-01T00:00:10+00:00', 10],
    ['2025-01-01 00:00:10.9', 10],
    ['2025-01-01T00:00:10.999999Z', 10],
    ['2025-01-01T01:00:10+01:00', 10],
    ['2024-12-31T23:59:59.5+00:00', -1],
    [-5, -5],
    ['soon', 100],
    ['2025-13-01T00:00:00', 100],
    ['', 100],
    [true, 100],
    [null, 100],
    [{}, 100],
  ])('%j ends after %d seconds', (stored, expected) => {
    expect(age(stored)).toBe(expected)
  })

  it('ends with what Python can date at the latest', () => {
    expect(expiryOf({ _session_expiry: Number.MAX_VALUE }, {}, now).date.getUTCFullYear()).toBe(9999)
  })

  it('lasts as long as the browser is open where the settings say so and the session does not', () => {
    const atClose = (data: JsonObject) => expiryOf(data, { expireAtBrowserClose: true }, now).atBrowserClose
    expect(atClose({})).toBe(true)
    expect(atClose({ _session_expiry: 300 })).toBe(false)
    expect(atClose({ _session_expiry: 0 })).toBe(true)
  })
})

describe('setExpiry', () => {
  it.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY, new Date(Number.NaN)])('refuses %s', (expiry) => {
    expect(codeOf(() => setExpiry({}, expiry))).toBe('UNREADABLE_EXPIRY')
  })

  it('writes a date without a fraction as Python does', () => {
    const data: JsonObject = {}
    setExpiry(data, new Date(Date.UTC(2025, 0, 1)))
    expect(data).toEqual({ _session_expiry: '2025-01-01T00:00:00+00:00' })
    setExpiry(data, null)
    expect(data).toEqual({})
  })
})

describe('a row that was read before', () => {
  const codec = () => rowCodec({ secretKey: 'the key', clock: () => NOW * 1000 })
  const texts = { b: 'text', a: 'é', 1: 'one', ['__proto__']: 'a name like others' }

  it.each<[string, string]>([
    ['of texts alone', pythonJson(Object.assign(Object.create(null), texts))],
    ['with more below', '{"list": [{"deep": 1.0}], "big": 12345678901234567890, "__proto__": {"a": 1}}'],
  ])('gives the same anew, %s, whatever its readers did', (_what, json) => {
    const reading = codec()
    const stored = reading.encode(parsePythonJson(json) as JsonObject)
    const fresh = codec().decode(stored)
    for (let i = 0; i < 3; i++) {
      const read = reading.decode(stored)
      expect(read).toEqual(fresh)
      expect([pythonJson(read), Object.getPrototypeOf(read)]).toEqual([pythonJson(fresh), null])
      read.added = 'by a reader'
      delete read.a
      const [list] = Object.values(read)
      if (Array.isArray(list)) list.push('by a reader')
    }
  })
})
