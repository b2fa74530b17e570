import { describe, expect, it } from 'vitest'
import { saltedHmac } from '../primitives/salted-hmac.ts'
import { type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { type ResetTokenUser, resetTokens } from './reset-token.ts'
import { sessionHashes } from './session-hash.ts'
import { decodeUid, encodeUid } from './uid.ts'

/** A user as it was recorded. Django drops the zone of `last_login`, which in a database is UTC. */
function userOf({ pk, password, last_login, email }: Recorded): ResetTokenUser {
  const lastLogin = last_login && new Date(`${last_login.slice(0, 19)}Z`)
  return { id: String(pk), password, lastLogin, email }
}

describe.each(recordedVersions)('as recorded of Django %s', (djangoVersion) => {
  it('makes session hashes', () => {
    replay(recorded('session_hash', djangoVersion).cases, (record) => {
      const { password_field: password, secret_key: secretKey, hash, algorithm } = record
      const keys = { secretKey, secretKeyFallbacks: record.fallback_keys ?? [] }
      const hashes = sessionHashes({ ...keys, djangoVersion })
      expect(hashes.make(password)).toBe(hash)
      expect(hash).toHaveLength(algorithm === 'sha1' ? 40 : 64)
      expect(hashes.check(password, hash)).toBe('current')
      for (const other of record.fallback_hashes ?? []) expect(hashes.check(password, other)).toBe('outdated')
      const sha1 = record.legacy_sha1_also_accepted
      if (sha1) {
        expect(hashes.check(password, sha1)).toBe('wrong')
        const lenient = sessionHashes({ ...keys, djangoVersion, acceptSha1SessionHash: true })
        expect(lenient.check(password, sha1)).toBe('outdated')
      }
    })
  })

  const tokens = recorded('reset_tokens', djangoVersion)
  const secretKey = tokens.secret_key
  const now = Date.UTC(2025, 0, 1, 12)

  it('makes reset tokens', () => {
    replay(tokens.make, ({ user, secret, token, timestamp, hash_value }) => {
      expect(resetTokens({ secretKey: secret, djangoVersion, clock: () => now }).make(userOf(user))).toBe(token)
      expect(hash_value).toContain(String(timestamp))
    })
  })

  it('DJ-10 checks reset tokens', () => {
    replay(tokens.check, ({ case: what, token, seconds_later, user, result }) => {
      const clock = () => now + seconds_later * 1000
      const secretKeyFallbacks = what.endsWith('fallbacks=1') ? [tokens.old_secret_key] : []
      expect(resetTokens({ secretKey, secretKeyFallbacks, djangoVersion, clock }).check(userOf(user), token)).toBe(
        result,
      )
    })
  })

  it('writes and reads primary keys in links', () => {
    replay(
      tokens.uid,
      ({ pk, uidb64, decode }) => {
        if (pk !== undefined) expect(encodeUid(pk)).toBe(uidb64)
        else expect(decodeUid(uidb64)).toBe(decode.result)
      },
      { '!!': 'Django reads junk as no text at all; here it is refused' },
      ({ uidb64 }) => uidb64,
    )
  })
})

describe('sessionHashes', () => {
  const hashes = sessionHashes({ secretKey: 'new', secretKeyFallbacks: ['old'] })

  it.each([undefined, null, 5, '', 'x', [], {}])('finds %j wrong', (stored) => {
    expect(hashes.check('password', stored)).toBe('wrong')
  })

  it('finds a hash of another password, in capitals or of a key not configured wrong', () => {
    expect(hashes.check('password', hashes.make('other'))).toBe('wrong')
    expect(hashes.check('password', hashes.make('password').toUpperCase())).toBe('wrong')
    expect(hashes.check('password', sessionHashes({ secretKey: 'third' }).make('password'))).toBe('wrong')
  })

  it('reads the hashes of newer releases where it writes those of old ones', () => {
    const old = sessionHashes({ secretKey: 'new', djangoVersion: '2.2' })
    expect(old.check('password', hashes.make('password'))).toBe('outdated')
    expect(hashes.check('password', old.make('password'))).toBe('wrong')
  })
})

describe('resetTokens', () => {
  const user = { id: '1', password: 'stored', lastLogin: new Date('2024-05-06T23:30:09.999Z'), email: 'a@example.com' }
  const noon = Date.UTC(2025, 0, 1, 12)
  const make = (options: object) => resetTokens({ secretKey: 'k', clock: () => noon, ...options })

  it('is reckoned by the wall clock of the server', () => {
    const berlin = make({ serverTimeZone: 'Europe/Berlin' }).make(user)
    expect(berlin).toBe(make({ clock: () => noon + 3_600_000 }).make(user))
    expect(make({ clock: () => noon + (259_200 + 3_600) * 1000 }).check(user, berlin)).toBe(true)
    expect(make({ clock: () => noon + (259_200 + 3_601) * 1000 }).check(user, berlin)).toBe(false)
  })

  it('prints the last login in the zone of the database', () => {
    const shown = make({ databaseTimeZone: 'Europe/Berlin' }).make(user)
    expect(shown).toBe(make({}).make({ ...user, lastLogin: new Date('2024-05-07T01:30:09Z') }))
  })

  it('has a timeout of its own', () => {
    const token = make({}).make(user)
    expect(make({ timeout: 60, clock: () => noon + 60_000 }).check(user, token)).toBe(true)
    expect(make({ timeout: 60, clock: () => noon + 61_000 }).check(user, token)).toBe(false)
  })

  it('takes no e-mail address like an empty one', () => {
    expect(make({}).make({ ...user, email: null })).toBe(make({}).make({ ...user, email: '' }))
  })

  it('refuses what is no text, and a token of another release', () => {
    for (const token of [undefined, 5, {}, '-', '-x']) expect(make({}).check(user, token)).toBe(false)
    expect(make({}).check(user, make({ djangoVersion: '2.2' }).make(user))).toBe(false)
    expect(make({ djangoVersion: '2.2' }).check(user, make({}).make(user))).toBe(false)
  })
})

describe('decodeUid', () => {
  it.each(['MQ=', 'MR', '_w', 'MQ==MQ==', 'M Q', '===='])('refuses %j', (uid) => {
    expect(decodeUid(uid)).toBeUndefined()
  })
})

it('salts with the class that Django names', () => {
  const salt = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash'
  for (const version of recordedVersions) expect(recorded('session_hash', version).salt).toBe(salt)
  expect(sessionHashes({ secretKey: 'k' }).make('p')).toBe(saltedHmac(salt, 'p', 'k').toString('hex'))
})
