/** Django itself, as Debian has it, judges what is written here. */
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resetTokens } from '../src/auth/reset-token.ts'
import { sessionHashes } from '../src/auth/session-hash.ts'
import { encodeUid } from '../src/auth/uid.ts'
import { csrfSecret } from '../src/csrf/secret.ts'
import { csrfSecretOf } from '../src/csrf/token.ts'
import { djangoPasswords } from '../src/passwords/passwords.ts'
import { quoteCookie } from '../src/primitives/cookie-text.ts'
import { cookieCodec, rowCodec } from '../src/sessions/codec.ts'
import type { JsonObject, JsonValue } from '../src/sessions/json.ts'
import { dumps } from '../src/signing/payload.ts'
import { signedCookies } from '../src/signing/signed-cookies.ts'
import { signer, timestampSigner } from '../src/signing/signer.ts'
import { DJANGO_VERSIONS, NEWEST_DJANGO, since } from '../src/version.ts'
import { type Item, judge, python, secretKey } from './judge.ts'

/** A value that JSON carries to the judge as it is. */
const values = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)))

// The release that judges is the one whose forms are written.
const release = python ? judge([], ['--about']).lines[0].django.split('.').slice(0, 2).join('.') : undefined
const keys = { secretKey, djangoVersion: DJANGO_VERSIONS.find((version) => version === release) }
const now = 1_735_732_800
const clock = () => now * 1000

function sessions(): Item[] {
  const objects: JsonObject[] = [
    {},
    { _auth_user_id: '1', _auth_user_hash: 'f'.repeat(64) },
    { name: 'ünïcödé 🔑 \u2028 \u007f </script>', lone: '\ud83d' },
    { long: 'abc'.repeat(500), é: [1, 1.5, 1e21, 1e-7, true, null, { '': '' }] },
    ...(fc.sample(fc.dictionary(fc.string(), values), { numRuns: 200, seed: 14 }) as JsonObject[]),
  ]
  return objects.flatMap((data) => [
    { kind: 'session', session_data: rowCodec({ ...keys, clock }).encode(data), expect: data },
    { kind: 'signed_cookie_session', value: cookieCodec({ ...keys, clock }).encode(data), now, expect: data },
  ])
}

function changedSessions(): Item[] {
  const json = '{"f":1.0,"g":1e+16,"h":1e-07,"z":-0.0,"big":9007199254740993,"nan":NaN,"inf":[Infinity,-Infinity]'
  const payload = Buffer.from(`${json}}`).toString('base64url')
  const codec = rowCodec(keys)
  const data = codec.decode(timestampSigner({ ...keys, salt: 'django.contrib.sessions.SessionStore' }).sign(payload))
  data.new = 'value'
  return [{ kind: 'session', session_data: codec.encode(data), expect_json: `${json},"new":"value"}` }]
}

function signatures(): Item[] {
  const texts = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 50, seed: 14 })
  return ['', 'hello', 'a:b:c', 'ünï🔑', 'with space', ...texts].flatMap((value) => {
    const stamped = timestampSigner({ ...keys, clock }).sign(value)
    const salted = signer({ ...keys, salt: value, separator: '|' }).sign(value)
    return [
      { kind: 'signer', signed: signer(keys).sign(value), expect: value },
      { kind: 'signer', signed: salted, salt: value, sep: '|', expect: value },
      { kind: 'timestamp_signer', signed: stamped, now: now + 10, max_age: 10, expect: value },
      { kind: 'timestamp_signer', signed: stamped, now: now + 11, max_age: 10, expect_error: 'SignatureExpired' },
      { kind: 'timestamp_signer', signed: `${stamped}x`, expect_error: 'BadSignature' },
    ]
  })
}

function payloads(): Item[] {
  return (fc.sample(values, { numRuns: 100, seed: 14 }) as JsonValue[]).flatMap((value) => [
    { kind: 'loads', dumped: dumps(value, { ...keys, clock }), now, max_age: 0, expect: value },
    { kind: 'loads', dumped: dumps(value, { ...keys, salt: 's', compress: true }), salt: 's', expect: value },
    { kind: 'loads', dumped: dumps(value, { ...keys, salt: '' }), salt: '', expect: value },
    { kind: 'loads', dumped: dumps(value, keys), salt: 'other', expect_error: 'BadSignature' },
  ])
}

function cookies(): Item[] {
  const latin1 = fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) })
  const texts = fc.sample(latin1, { numRuns: 50, seed: 14 })
  return ['', 'v', 'a b;c', 'ünï', '"quoted\\"', ...texts].flatMap((value) => {
    const signed = signedCookies({ ...keys, clock }).sign('name', value, 'salt')
    const header = `a=b; name=${quoteCookie(signed)}`
    return [
      { kind: 'signed_cookie', name: 'name', cookie_value: signed, salt: 'salt', now, max_age: 0, expect: value },
      { kind: 'signed_cookie', name: 'name', header, salt: 'salt', expect: value },
      { kind: 'signed_cookie', name: 'other', cookie_value: signed, salt: 'salt', expect_error: 'BadSignature' },
    ]
  })
}

function hashes(): Item[] {
  return ['pbkdf2_sha256$1$seasalt1$abc', '!unusable', '', 'пароль'].flatMap((password) => {
    const hash = sessionHashes(keys).make(password)
    return [
      { kind: 'session_hash', password_field: password, hash },
      { kind: 'session_hash', password_field: `${password}x`, hash, expect: false },
    ]
  })
}

function csrfTokens(): Item[] {
  return Array.from({ length: 20 }, () => csrfSecret(undefined, keys)).flatMap((secret) => {
    const token = secret.token()
    const cookie = secret.toStore()
    secret.rotate()
    return [
      { kind: 'csrf_masked', token, secret: csrfSecretOf(token) },
      { kind: 'csrf_pair', cookie, token },
      { kind: 'csrf_pair', cookie, token: secret.token(), expect: false },
      { kind: 'csrf_pair', cookie: secret.toStore(), token, expect: false },
    ]
  })
}

function resets(): Item[] {
  const password = 'pbkdf2_sha256$1$seasalt1$abc'
  const state = { pk: 42, username: 'alice', password }
  return [null, '2024-05-06T07:08:09.123'].flatMap((login) =>
    ['', 'ünï@example.com'].flatMap((email) => {
      const lastLogin = login === null ? null : new Date(`${login}Z`)
      const token = resetTokens({ ...keys, clock }).make({ id: '42', password, lastLogin, email })
      const user = { ...state, email, last_login: login && `${login}+00:00` }
      return [
        { kind: 'reset_token', user, token, now: '2025-01-01T12:00:00' },
        { kind: 'reset_token', user, token, now: '2025-01-04T12:00:00' },
        { kind: 'reset_token', user, token, now: '2025-01-05T12:00:01', expect: false },
        { kind: 'reset_token', user: { ...user, pk: 43 }, token, now: '2025-01-01T12:00:00', expect: false },
      ]
    }),
  )
}

function uids(): Item[] {
  const ids = ['1', '8f14e45f-ceea-467f-a34e-1b2c3d4e5f60', 'ü']
  return ids.map((id) => ({ kind: 'uid', uidb64: encodeUid(id), expect: id }))
}

function fallbacks(): Item[] {
  const old = { ...keys, secretKey: 'the key before' }
  const given = { secret_key_fallbacks: [old.secretKey], min_django: '4.1' }
  const row = rowCodec(old).encode({ a: 1 })
  return [
    { kind: 'session', session_data: row, expect: {} },
    { kind: 'session', session_data: row, expect: { a: 1 }, ...given },
    { kind: 'signer', signed: signer(old).sign('v'), expect: 'v', ...given },
  ]
}

const hasherClasses = {
  pbkdf2_sha256: 'PBKDF2PasswordHasher',
  pbkdf2_sha1: 'PBKDF2SHA1PasswordHasher',
  argon2: 'Argon2PasswordHasher',
  bcrypt_sha256: 'BCryptSHA256PasswordHasher',
  bcrypt: 'BCryptPasswordHasher',
  scrypt: 'ScryptPasswordHasher',
  md5: 'MD5PasswordHasher',
} as const

/** Each hasher's, which a Django that prefers the same leaves as they are. */
async function passwords(): Promise<Item[]> {
  const items: Item[] = [{ kind: 'unusable', encoded: await djangoPasswords().make(null) }]
  for (const name of Object.keys(hasherClasses) as (keyof typeof hasherClasses)[]) {
    if (name === 'scrypt' && !since(keys.djangoVersion ?? NEWEST_DJANGO, '4.0')) continue
    const { make } = djangoPasswords({ ...keys, hashers: [name] })
    const settings = { PASSWORD_HASHERS: [`django.contrib.auth.hashers.${hasherClasses[name]}`] }
    for (const password of ['correct horse', 'p\u00e4ss \u{1f511} $!']) {
      const given = { name: `${name}: ${password}`, settings, encoded: await make(password) }
      items.push({ kind: 'password_current', password, ...given })
      items.push({ kind: 'password', password: `${password}x`, ...given, expect: false })
    }
  }
  return items
}

const topics: readonly (readonly [string, () => Item[] | Promise<Item[]>])[] = [
  ['sessions', sessions],
  ['sessions that Python wrote and we changed', changedSessions],
  ['signatures', signatures],
  ['signed values', payloads],
  ['signed cookies', cookies],
  ['session hashes', hashes],
  ['CSRF tokens', csrfTokens],
  ['reset tokens', resets],
  ['primary keys in links', uids],
  ['passwords', passwords],
  ['what was signed with a key of before', fallbacks],
]

describe('Django takes', () => {
  beforeEach(({ skip }) => skip(!python, 'no Django on this machine'))

  const items: Item[] = []
  const ranges = new Map<string, readonly [first: number, end: number]>()
  let verdict: ReturnType<typeof judge>
  beforeAll(async () => {
    if (!python) return
    for (const [name, make] of topics) {
      const first = items.length
      items.push(...(await make()))
      ranges.set(name, [first, items.length])
    }
    verdict = judge(items)
  })

  it.each(topics)('%s', (name) => {
    const [first, end] = ranges.get(name) ?? [0, 0]
    expect(end).toBeGreaterThan(first)
    expect(verdict.lines.filter(({ item }) => item >= first && item < end)).toEqual([])
  })

  it('all of it', () => {
    const { judged, skipped, failed } = verdict.lines.at(-1)
    expect({ all: judged + skipped, failed, status: verdict.status }).toEqual({
      all: items.length,
      failed: 0,
      status: 0,
    })
  })
})

describe('the judge', () => {
  beforeEach(({ skip }) => skip(!python, 'no Django on this machine'))

  it('finds what is wrong', () => {
    const hash = sessionHashes(keys).make('p')
    const { status, lines } = judge([
      { kind: 'session_hash', name: 'right', password_field: 'p', hash },
      { kind: 'session_hash', name: 'wrong', password_field: 'other', hash },
      { kind: 'session', name: 'text for a number', session_data: rowCodec(keys).encode({ a: 1 }), expect: { a: '1' } },
      { kind: 'signer', name: 'forged', signed: 'v:x', expect: 'v' },
      { kind: 'signer', name: 'not forged', signed: signer(keys).sign('v'), expect_error: true },
      { kind: 'unheard of', name: 'unknown' },
    ])
    expect(status).toBe(1)
    const names = lines.slice(0, -1).map(({ name }) => name)
    expect(names).toEqual(['wrong', 'text for a number', 'forged', 'not forged', 'unknown'])
    expect(lines.at(-1)).toMatchObject({ judged: 6, failed: 5 })
  })

  it('is not content with nothing', () => {
    expect(judge([]).status).toBe(1)
  })
})
