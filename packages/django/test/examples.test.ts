/** The two recorded lists of values that Django took: here it is we who judge them. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resetTokens } from '../src/auth/reset-token.ts'
import { sessionHashes } from '../src/auth/session-hash.ts'
import { decodeUid } from '../src/auth/uid.ts'
import { csrfSecretOf, sameCsrfSecret } from '../src/csrf/token.ts'
import { django } from '../src/django.ts'
import { djangoPasswords } from '../src/passwords/passwords.ts'
import { cookieCodec, rowCodec } from '../src/sessions/codec.ts'
import { loads } from '../src/signing/payload.ts'
import { signedCookies } from '../src/signing/signed-cookies.ts'
import { signer, timestampSigner } from '../src/signing/signer.ts'
import { sqliteDriver } from '../src/sql/sqlite.ts'
import type { Recorded } from '../src/testing/recorded.ts'

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url)
const read = (name: string): Recorded => JSON.parse(readFileSync(fixture(name), 'utf8'))

const passwords = djangoPasswords({
  hashers: [
    { algorithm: 'pbkdf2_sha256', iterations: 1 },
    'pbkdf2_sha1',
    'argon2',
    'bcrypt_sha256',
    'scrypt',
    'bcrypt',
    'md5',
    'sha1',
    'unsalted_md5',
    'unsalted_sha1',
  ],
  upgrade: 'never',
})

/** What is said of an item, by its kind. */
const kinds: Readonly<Record<string, (item: Recorded, secretKey: string) => unknown>> = {
  password: async ({ password, encoded }) => (await passwords.verify(password, encoded)).valid,
  password_current: async ({ password, encoded }) => (await passwords.verify(password, encoded)).valid,
  unusable: ({ encoded }) => !passwords.isUsable(encoded),
  session: ({ session_data }, secretKey) => ({ ...rowCodec({ secretKey }).decode(session_data) }),
  signed_cookie_session: ({ value, now }, secretKey) => ({
    ...cookieCodec({ secretKey, clock: () => now * 1000 }).decode(value),
  }),
  signer: ({ signed, salt, sep }, secretKey) => signer({ secretKey, salt, separator: sep }).unsign(signed),
  timestamp_signer: ({ signed, salt, sep, now, max_age }, secretKey) =>
    timestampSigner({ secretKey, salt, separator: sep, clock: () => now * 1000 }).unsign(signed, max_age),
  loads: ({ dumped, salt, now, max_age }, secretKey) =>
    loads(dumped, { secretKey, salt, clock: () => now * 1000 }, max_age),
  session_hash: ({ password_field, hash, secret_key }, secretKey) =>
    sessionHashes({ secretKey: secret_key ?? secretKey }).check(password_field, hash) === 'current',
  csrf_masked: ({ token, secret }) => csrfSecretOf(token) === secret,
  csrf_pair: ({ cookie, token }) => sameCsrfSecret(cookie, token),
  reset_token: ({ user, token, now }, secretKey) => {
    const { pk, last_login, ...rest } = user
    const state = { ...rest, id: String(pk), lastLogin: last_login && new Date(last_login) }
    return resetTokens({ secretKey, clock: () => Date.parse(`${now}Z`) }).check(state, token)
  },
  uid: ({ uidb64 }) => decodeUid(uidb64),
  signed_cookie: ({ name, cookie_value, salt }, secretKey) =>
    signedCookies({ secretKey, clock: () => 1_735_732_800_000 }).unsign(name, cookie_value, { salt }),
}

it('judges the recorded values as Django does', async () => {
  const { items, secret_key: secretKey } = read('check-example.json')
  for (const item of items) {
    const { kind, name, expect_error, expect: expected = true } = item
    const said = Promise.resolve().then(() => kinds[kind]?.(item, secretKey))
    if (expect_error) await expect(said, name).rejects.toMatchObject({ name: 'DjangoError' })
    else expect({ name, said: await said }).toEqual({ name, said: expected })
  }
  expect(items).toHaveLength(36)
})

it('judges the recorded database as Django does', async () => {
  const { items, secret_key: secretKey, database } = read('check-example-db.json')
  const folder = mkdtempSync(join(tmpdir(), 'keystile-django-'))
  const path = join(folder, 'db.sqlite3')
  copyFileSync(fixture(database), path)
  const site = django({ driver: sqliteDriver(path), secretKey, djangoVersion: '5.2', passwordUpgrade: 'never' })
  for (const { kind, sessionid, username, password, expect: expected } of items as Recorded[]) {
    if (kind === 'whoami') {
      const headers = new Headers({ cookie: `sessionid=${sessionid}` })
      const user = await site.open({ method: 'GET', url: 'http://h/', headers }).user()
      expect([sessionid, user?.get('username') ?? null]).toEqual([sessionid, expected.user])
    } else if (kind === 'login') {
      expect([username, (await site.authenticate(username, password)) !== null]).toEqual([username, expected])
    } else {
      const { fields } = (await site.users.byUsername(username)) ?? expect.fail(`no ${username}`)
      for (const [name, value] of Object.entries(expected as Recorded)) {
        const spelled = typeof value === 'string' ? value.replace('+00:00', 'Z') : value
        expect([username, name, fields[name]]).toEqual([username, name, spelled])
      }
    }
  }
  expect(items).toHaveLength(17)
  await site.close()
  rmSync(folder, { recursive: true })
})
