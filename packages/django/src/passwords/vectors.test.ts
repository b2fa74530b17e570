/** What Django's hashers did, release by release: every record is replayed, and what differs is named. */
import { createQueue, type Kdf, loadKdf } from '@keystile/core/passwords'
import { describe, expect, it } from 'vitest'
import { type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import type { Algorithm } from './hasher.ts'
import { createHasher, type HasherSettings } from './hashers.ts'
import { type DjangoPasswordsOptions, djangoPasswords } from './passwords.ts'

/** Without randomness and with each key derived once: the releases share most of their records. */
const random = (size: number) => new Uint8Array(size)
const queue = createQueue({ maxWait: Number.POSITIVE_INFINITY })
const loaded = loadKdf(console)
const derived = new Map<string, Promise<Uint8Array>>()
const kdf: Kdf = async (password, recipe) => {
  const question = JSON.stringify([password, recipe])
  const answer = derived.get(question) ?? (await loaded)(password, recipe)
  derived.set(question, answer)
  return answer
}

const camel = (parts: object) =>
  Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]),
  )

/** The form of a value: salts and hashes are counted. */
const formOf = (text: string) => text.replace(/[A-Za-z0-9+/=.]{11,}/g, (run) => String(run.length))

/** Records with what becomes of them here; an exception is a refusal. */
async function withOurs(records: readonly Recorded[], run: (record: Recorded) => Promise<unknown>) {
  return Promise.all(
    records.map(async (record) => ({ ...record, ours: await run(record).catch(() => 'refused') }) as Recorded),
  )
}

const noCrypt = { crypt: 'There is no code for DES crypt: it never verifies and cannot be configured' }

describe.each(recordedVersions)('as recorded of Django %s', (djangoVersion) => {
  const vectors = recorded('passwords', djangoVersion)
  const tools = { kdf, random, version: djangoVersion }

  /** Passwords with hashers under the names of Django's classes, without crypt. */
  function withClasses(paths: readonly string[], options: DjangoPasswordsOptions = {}) {
    const names = paths.map((path): string => vectors.defaults[path.split('.').at(-1) ?? ''].algorithm)
    const hashers = names.filter((name) => name !== 'crypt') as [Algorithm]
    return djangoPasswords({ djangoVersion, hashers, random, kdf, queue, ...options })
  }
  const everything = withClasses(vectors.available_hashers)

  it('makes hashes of given salts', async () => {
    const records = await withOurs(vectors.encode, async ({ hasher: algorithm, params = {}, ...record }) => {
      if (record.made_by) {
        const hasher = createHasher(algorithm, tools)
        const parts = hasher.decode(record.encoded)
        expect(parts).toMatchObject({ variety: record.variety, version: record.version })
        return parts && (await hasher.verify(record.password, parts)) ? record.encoded : 'not verified'
      }
      const { n, r, p } = params
      const settings = n ? { workFactor: n, blockSize: r, parallelism: p } : camel(params)
      return createHasher({ algorithm, ...settings } as HasherSettings, tools).make(record.password, record.salt)
    })
    replay(
      records,
      ({ ours, encoded = 'refused' }) => expect(ours).toBe(encoded),
      {
        ...(vectors.defaults.CryptPasswordHasher ? noCrypt : {}),
        'bcrypt cuts': 'What bcrypt would cut is refused when made, as by bcrypt 5; verifying cuts',
        'bcrypt refuses NUL': 'All bytes are hashed, as by bcrypt 5',
        'bcrypt takes 2x': 'It marks the hashes of a flawed implementation; bcrypt 5 takes it for 2b, others refuse it',
      },
      ({ hasher, password, salt, encoded }) => {
        if (hasher === 'crypt') return 'crypt'
        if (encoded && salt?.startsWith('$2x$')) return 'bcrypt takes 2x'
        if (hasher !== 'bcrypt') return ''
        if (encoded) return Buffer.byteLength(password) > 72 ? 'bcrypt cuts' : ''
        return password.includes('\0') ? 'bcrypt refuses NUL' : ''
      },
    )
  })

  it('judges passwords', async () => {
    // What is preferred does not count; it is made cheap, since it is run where there is nothing to verify.
    const [, ...others] = vectors.available_hashers.map((name: string) => vectors.defaults[name].algorithm)
    const { verify } = djangoPasswords({
      djangoVersion,
      hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1 }, ...others.filter((name: string) => name !== 'crypt')],
      random,
      kdf,
      queue,
    })
    const records = await withOurs(
      vectors.verify,
      async ({ password, encoded }) => (await verify(password, encoded)).valid,
    )
    replay(
      records,
      ({ ours, result = false }) => expect(ours).toBe(result),
      { ...noCrypt, 'no argon2id': 'The right password for a variety that Django 2.2 did not know' },
      ({ encoded, result, note }) => {
        if (result) return encoded.startsWith('crypt$') ? 'crypt' : ''
        return !note && encoded.startsWith('argon2$') ? 'no argon2id' : ''
      },
    )
  })

  it('tells what is to be updated', () => {
    replay(
      vectors.must_update,
      ({ hasher, encoded, result }) =>
        expect(djangoPasswords({ djangoVersion, hashers: [hasher], random, kdf }).mustUpdate(encoded)).toBe(result),
      noCrypt,
      ({ hasher }) => hasher,
    )
  })

  it('takes values apart', () => {
    replay(
      vectors.decode,
      ({ hasher, encoded, result }) => expect(createHasher(hasher, tools).decode(encoded)).toMatchObject(camel(result)),
      { ...noCrypt, 'version 18': "argon2-cffi's name for a value that names none; it is made by version 16" },
      ({ hasher, result }) => (hasher === 'crypt' ? hasher : `version ${result.version}`),
    )
  })

  it('finds the hasher, and whether a password is usable', () => {
    replay(vectors.identify, ({ encoded, result = null }) => expect(everything.identify(encoded)).toBe(result))
    replay(vectors.usable, ({ encoded, result }) => expect(everything.isUsable(encoded)).toBe(result))
  })

  it('judges with the stock hashers, and upgrades where Django does', async () => {
    const { verify } = withClasses(vectors.settings_default_hashers, { upgrade: 'always' })
    const records = await withOurs(vectors.check_password, ({ password, encoded }) => verify(password, encoded))
    replay(records, ({ ours, result, setter_called_with }) =>
      expect(ours).toEqual({ valid: result, rehash: setter_called_with.length > 0 }),
    )
  })

  it('makes passwords of the same form', async () => {
    // The form does not depend on the key.
    const zeros: Kdf = async (_, recipe) =>
      recipe.kind === 'bcrypt' ? Buffer.alloc(31, '.') : Buffer.alloc(recipe.length)
    const records = await withOurs(vectors.make_password, async ({ password, hasher, result }) => {
      const options = hasher ? { hashers: [hasher] as [Algorithm] } : {}
      const made = await djangoPasswords({ djangoVersion, ...options, kdf: zeros }).make(password)
      const { mustUpdate, verify } = djangoPasswords({ djangoVersion, ...options, random, kdf, queue })
      expect(mustUpdate(made)).toBe(false)
      expect(mustUpdate(result)).toBe(false)
      return { form: formOf(made), valid: (await verify(password, result)).valid }
    })
    replay(
      records,
      ({ ours, password, result }) =>
        expect(ours).toEqual(result ? { form: formOf(result), valid: password !== null } : 'refused'),
      { 'no text': 'Refused, as since Django 3.2' },
      ({ password, result }) => (result && password !== null && typeof password !== 'string' ? 'no text' : ''),
    )
  })
})
