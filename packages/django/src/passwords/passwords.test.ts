import { createQueue, type Kdf, loadKdf, type Recipe } from '@keystile/core/passwords'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Algorithm } from './hasher.ts'
import type { HasherSettings } from './hashers.ts'
import { type DjangoPasswordsOptions, djangoPasswords } from './passwords.ts'

const loaded = loadKdf(console)

/** Passwords by the real key derivation, with what they had derived. */
function setUp(options: DjangoPasswordsOptions = {}) {
  const derived: Recipe[] = []
  const kdf: Kdf = async (password, recipe) => {
    derived.push(recipe)
    return (await (options.kdf ?? (await loaded)))(password, recipe)
  }
  return { ...djangoPasswords({ ...options, kdf }), derived }
}

/** A hasher of each kind, at little cost. */
const cheap = [
  { algorithm: 'pbkdf2_sha256', iterations: 8 },
  { algorithm: 'pbkdf2_sha1', iterations: 8 },
  { algorithm: 'argon2', memoryCost: 64, timeCost: 1, parallelism: 1 },
  { algorithm: 'bcrypt_sha256', rounds: 5 },
  { algorithm: 'bcrypt', rounds: 5 },
  { algorithm: 'scrypt', workFactor: 16, parallelism: 1 },
  { algorithm: 'md5' },
] as const satisfies readonly HasherSettings[]
type Hashers = NonNullable<DjangoPasswordsOptions['hashers']>

/** With this hasher first, and all others after it. */
const preferring = (algorithm: Algorithm): Hashers => [
  cheap.find((each) => each.algorithm === algorithm) ?? algorithm,
  ...cheap.filter((each) => each.algorithm !== algorithm),
]

// Of the password `password`, as Django wrote them.
const stored = {
  pbkdf2_sha256: 'pbkdf2_sha256$1$seasalt1$y1SjWE1tQpXjUv71Kk9vBUfU/M4OIXVAHXhllBGawFc=',
  pbkdf2_sha1: 'pbkdf2_sha1$1$seasalt1$o/Ath5d+B9TfoVznLM07zqS91kk=',
  argon2: 'argon2$argon2id$v=19$m=64,t=2,p=2$c2Vhc2FsdHNlYXNhbHQ$kOH2Me923bxRswSIwgb9ow',
  bcrypt_sha256: 'bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuavYyybW8SwBYgHrVfEOHIljvgCGgHr2',
  bcrypt: 'bcrypt$$2b$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm',
  scrypt:
    'scrypt$16$seasalt$8$1$f/UZ5ciwOTKz0E7+pB7/Luubwyl5lh+pWQERgX17rAQDbty25Tg3writ9hULN4OFKi/+pbO8b9tQEIS5AeeIXA==',
  md5: 'md5$seasalt$1e9bf2bf5606aa5c39852cc30f0f6f22',
  sha1: 'sha1$seasalt$6292fe549ea4fd63a742ce4c58115c04e58732ea',
  unsalted_md5: '5f4dcc3b5aa765d61d8327deb882cf99',
  unsalted_sha1: 'sha1$$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8',
  crypt: 'crypt$$abJnggxhB/yWI',
} as const
const weak = ['md5', 'sha1', 'unsalted_md5', 'unsalted_sha1'] as const
const wrong = { valid: false, rehash: false }

describe('verifying', () => {
  it('DJ-01 judges right and wrong passwords by the stock hashers, weak ones only where they are listed', async () => {
    const stock = setUp({ hashers: [cheap[0], 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'scrypt'] })
    for (const name of ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'scrypt'] as const) {
      expect(await stock.verify('password', stored[name]), name).toMatchObject({ valid: true })
      for (const other of ['passwore', 'Password', 'password ', 'password\0a', '', null]) {
        expect(await stock.verify(other, stored[name]), `${name}: ${other}`).toEqual(wrong)
      }
    }
    for (const name of [...weak, 'bcrypt', 'crypt'] as const) {
      expect(await stock.verify('password', stored[name]), name).toEqual(wrong)
    }
    for (const name of [...weak, 'bcrypt'] as const) {
      const { verify } = setUp({ hashers: [cheap[0], name] })
      expect(await verify('password', stored[name]), name).toMatchObject({ valid: true })
      expect(await verify('passwore', stored[name]), name).toEqual(wrong)
    }
    for (const unusable of ['!', '!password', `!${stored.pbkdf2_sha256}`, '!'.padEnd(41, 'a')]) {
      for (const password of ['', '!', 'password', unusable, unusable.slice(1)]) {
        expect(await stock.verify(password, unusable)).toEqual(wrong)
      }
      expect(stock.isUsable(unusable)).toBe(false)
    }
  })

  it('DJ-15 refuses what would cost too much, before any work', async () => {
    const { verify, derived } = setUp({ hashers: preferring('md5') })
    const b64 = 'A'.repeat(86)
    for (const hostile of [
      'pbkdf2_sha256$1000000000$seasalt1$y1SjWE1tQpXjUv71Kk9vBUfU/M4OIXVAHXhllBGawFc=',
      'pbkdf2_sha256$10000001$seasalt1$y1SjWE1tQpXjUv71Kk9vBUfU/M4OIXVAHXhllBGawFc=',
      `pbkdf2_sha256$${'9'.repeat(400)}$seasalt1$y1SjWE1tQpXjUv71Kk9vBUfU/M4OIXVAHXhllBGawFc=`,
      `pbkdf2_sha1$1$${'s'.repeat(100_000)}$o/Ath5d+B9TfoVznLM07zqS91kk=`,
      'argon2$argon2id$v=19$m=4294967295,t=1,p=1$c2Vhc2FsdHNlYXNhbHQ$kOH2Me923bxRswSIwgb9ow',
      'argon2$argon2id$v=19$m=64,t=4294967295,p=1$c2Vhc2FsdHNlYXNhbHQ$kOH2Me923bxRswSIwgb9ow',
      'argon2$argon2id$v=19$m=65536,t=1,p=16777215$c2Vhc2FsdHNlYXNhbHQ$kOH2Me923bxRswSIwgb9ow',
      'bcrypt$$2b$31$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm',
      'bcrypt_sha256$$2b$17$abcdefghijklmnopqrstuuavYyybW8SwBYgHrVfEOHIljvgCGgHr2',
      `scrypt$1073741824$seasalt$8$1$${b64}==`,
      `scrypt$16384$seasalt$1073741824$1$${b64}==`,
      `scrypt$16384$seasalt$8$1073741824$${b64}==`,
    ]) {
      expect(await verify('password', hostile), hostile.slice(0, 60)).toEqual(wrong)
    }
    expect(derived).toEqual([])
  })

  it.each([
    ['pbkdf2_sha256', ['$01$', '$+1$', '$ 1$', '$1_0$', '$1.0$', '$0x1$', '$-1$', '$0$', '$\uff11$'], '$1$'],
    ['pbkdf2_sha256', ['=\n', '==', '', '=A', '=\0', '$'], '='],
    ['pbkdf2_sha256', ['_', '%2F', ' ', '\0'], '/'],
    ['argon2', ['ow=', 'ow==', 'ox', 'o', 'ow\n', 'ow$', 'ow\0'], 'ow'],
    ['argon2', ['$c2Vhc2FsdHNlYXNhbHR$', '$c2Vhc2FsdHNlYXNhbHQ=$', '$$'], '$c2Vhc2FsdHNlYXNhbHQ$'],
    ['argon2', ['v=18', 'v=0', 'v=20', 'v=019', 'V=19'], 'v=19'],
    ['argon2', ['m=064', 'm=64,m=64', 'm=4', 't=1'], 'm=64'],
    ['bcrypt', ['$$2x$', '$$2$', '$$2c$', '$2b$', '$$2B$', '$$$2b$'], '$$2b$'],
    ['bcrypt', ['$4$', '$004$', '$03$', '$00$', '$+4$'], '$04$'],
    ['scrypt', ['$15$', '$1$', '$0$', '$17$'], '$16$'],
    ['md5', ['F22', 'f2', 'f222', 'f22\n', ''], 'f22'],
    ['unsalted_md5', ['F99', 'f9', 'f99\n'], 'f99'],
  ] as const)('takes %s in its exact form only: %j for %j', async (name, others, part) => {
    const { verify } = setUp({ hashers: [cheap[0], name] })
    expect(stored[name]).toContain(part)
    expect(await verify('password', stored[name])).toMatchObject({ valid: true })
    for (const other of others)
      expect(
        await verify(
          'password',
          stored[name].replace(part, () => other),
        ),
        other,
      ).toEqual(wrong)
  })

  it.each(cheap)('$algorithm takes every byte as typed', async ({ algorithm }) => {
    const { make, verify } = setUp({ hashers: preferring(algorithm) })
    // HMAC fills keys up with NULs, so PBKDF2 and scrypt cannot tell one at the very end apart, in Django neither.
    for (const password of ['', ' ', 'p\u00e4ss', 'nul\0byte', '\ufeffmark', '\u{1f511}']) {
      const encoded = await make(password)
      expect(await verify(password, encoded)).toEqual({ valid: true, rehash: false })
      for (const other of [`${password} `, `${password}\0a`, password.normalize('NFD'), 'nul', 'mark', 'nul\0bytf']) {
        if (other !== password) expect(await verify(other, encoded), JSON.stringify([password, other])).toEqual(wrong)
      }
    }
  })

  it('is never an exception, whatever a row holds', async () => {
    const { verify, mustUpdate, identify } = setUp({ hashers: preferring('md5') })
    const mangled = fc
      .tuple(
        fc.constantFrom(...Object.values(stored)),
        fc.nat(100),
        fc.nat(4),
        fc.oneof(fc.string({ maxLength: 3, unit: 'binary' }), fc.constantFrom('$', '$$', '9', '0', '=', '\0', '!')),
      )
      .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
    await fc.assert(
      fc.asyncProperty(fc.oneof(mangled, fc.string({ unit: 'binary' })), async (text) => {
        identify(text)
        mustUpdate(text)
        expect((await verify('another', text)).valid).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('looks at no password that is too long or has no UTF-8', async () => {
    const { verify, make } = setUp({ hashers: preferring('md5'), maxPasswordLength: 12 })
    const { make: makeLong } = setUp({ hashers: preferring('md5') })
    expect(await verify('a'.repeat(12), await make('a'.repeat(12)))).toMatchObject({ valid: true })
    expect(await verify('a'.repeat(13), await makeLong('a'.repeat(13)))).toEqual(wrong)
    expect(await verify('\ud800', await make('\ufffd'))).toEqual(wrong)
    await expect(make('a'.repeat(13))).rejects.toMatchObject({ code: 'PASSWORD_TOO_LONG' })
    await expect(make('\ud800')).rejects.toMatchObject({ code: 'UNENCODABLE_PASSWORD' })
  })
})

describe('a failure costs what it would for a new value', () => {
  const absent = [null, undefined, '', '!', '!unusable', 'plain', 'unknown$1$salt$hash', stored.crypt]
  const broken = ['pbkdf2_sha256', 'pbkdf2_sha256$abc$salt$hash', 'argon2$bad', 'bcrypt$', 'pbkdf2_sha1$10000001$s$h']

  const iterations = (derived: readonly Recipe[]) =>
    derived.reduce((sum, recipe) => sum + (recipe.kind === 'pbkdf2' ? recipe.iterations : Number.NaN), 0)

  it.each([...absent, ...broken, ...weak.map((name) => stored[name])])('PBKDF2: %j', async (encoded) => {
    const { verify, derived } = setUp({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 800 }, 'argon2', ...weak] })
    expect(await verify('wrong', encoded)).toEqual(wrong)
    expect(iterations(derived)).toBe(800)
  })

  it('PBKDF2: without a password, and of fewer iterations', async () => {
    const { verify, derived } = setUp({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 800 }] })
    for (const password of [null, undefined, 'wrong', 'a'.repeat(5000), '\udc00']) {
      derived.length = 0
      expect(await verify(password, stored.pbkdf2_sha256)).toEqual(wrong)
      expect(iterations(derived)).toBe(800)
    }
    derived.length = 0
    expect(await verify('password', stored.pbkdf2_sha256)).toMatchObject({ valid: true })
    expect(iterations(derived)).toBe(1)
  })

  it.each(['bcrypt', 'bcrypt_sha256'] as const)('%s: of a lower cost', async (algorithm) => {
    const { verify, derived } = setUp({ hashers: [{ algorithm, rounds: 7 }] })
    const rounds = () =>
      derived.reduce((sum, recipe) => sum + (recipe.kind === 'bcrypt' ? 2 ** recipe.cost : Number.NaN), 0)
    expect(await verify('wrong', stored[algorithm])).toEqual(wrong)
    expect(rounds()).toBe(2 ** 7)
    derived.length = 0
    expect(await verify('wrong', null)).toEqual(wrong)
    expect(rounds()).toBe(2 ** 7)
  })
})

describe('a new hash after a right password', () => {
  const upgrades = ['always', 'stronger', 'never'] as const

  it.each<[string, Hashers, string, (string | undefined)?]>([
    ['more work', preferring('pbkdf2_sha256'), 'always stronger', stored.pbkdf2_sha256],
    ['a short salt', [{ algorithm: 'pbkdf2_sha256', iterations: 1 }], 'always', stored.pbkdf2_sha256],
    ['less work', [{ algorithm: 'pbkdf2_sha256', iterations: 1 }], 'always', undefined],
    ['another hasher, as strong', ['pbkdf2_sha256', { algorithm: 'argon2', memoryCost: 64 }], 'always', stored.argon2],
    ['another hasher, weaker', ['pbkdf2_sha256', 'argon2'], 'always stronger', stored.argon2],
    ['another variety alone', [{ algorithm: 'argon2', memoryCost: 64, parallelism: 2 }], 'always', stored.argon2],
    [
      'scrypt of more work',
      [{ algorithm: 'scrypt', workFactor: 32, parallelism: 1 }],
      'always stronger',
      stored.scrypt,
    ],
    ['scrypt of less work', [{ algorithm: 'scrypt', workFactor: 8, parallelism: 1 }], 'always', stored.scrypt],
    ['scrypt of the same', [{ algorithm: 'scrypt', workFactor: 16, parallelism: 1 }], '', stored.scrypt],
    ['bcrypt of a higher cost', [{ algorithm: 'bcrypt', rounds: 5 }], 'always stronger', stored.bcrypt],
    ['bcrypt by an old name', [{ algorithm: 'bcrypt', rounds: 4 }], '', stored.bcrypt.replace('2b', '2y')],
    ['a weak digest', preferring('md5').toReversed() as unknown as Hashers, 'always stronger', stored.md5],
    ['a digest without salt', [cheap[0], 'unsalted_md5'], 'always stronger', stored.unsalted_md5],
    ['a weak digest with a short salt that is preferred', ['md5'], 'always', stored.md5],
    ['a strong hasher where a weak one is preferred', preferring('md5'), 'always', stored.bcrypt],
  ])('%s', async (_, hashers, expected, encoded) => {
    const value =
      encoded ?? (await setUp({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 2 }] }).make('password'))
    for (const upgrade of upgrades) {
      const { verify } = setUp({ hashers, upgrade })
      const wanted = expected.split(' ').includes(upgrade)
      expect(await verify('password', value), upgrade).toEqual({ valid: true, rehash: wanted })
      expect(await verify('wrong', value), upgrade).toEqual(wrong)
    }
    const { mustUpdate } = setUp({ hashers })
    expect(mustUpdate(value)).toBe(expected.includes('always'))
  })

  it('is by default for strength alone', async () => {
    const hashers: Hashers = [{ algorithm: 'pbkdf2_sha256', iterations: 1 }]
    expect(await setUp({ hashers }).verify('password', stored.pbkdf2_sha256)).toEqual({ valid: true, rehash: false })
  })

  it('is not wanted where the preferred hasher could not make it', async () => {
    const password = 'x'.repeat(73)
    const encoded = await setUp({ hashers: preferring('pbkdf2_sha256') }).make(password)
    const { verify, make } = setUp({ hashers: preferring('bcrypt'), upgrade: 'always' })
    expect(await verify(password, encoded)).toEqual({ valid: true, rehash: false })
    await expect(make(password)).rejects.toMatchObject({ code: 'PASSWORD_TOO_LONG' })
    expect(await verify(password, await make(password.slice(1)))).toEqual({ valid: true, rehash: false })
  })

  it('is false of what no password fits', () => {
    const { mustUpdate } = setUp({ hashers: preferring('md5') })
    for (const value of [null, undefined, '', '!', 'plain', stored.crypt, 'md5$salt$'])
      expect(mustUpdate(value)).toBe(false)
  })
})

describe('making', () => {
  it('gives an unusable value for no password, and refuses what is no text', async () => {
    const { make, derived } = setUp()
    const [one, other] = [await make(null), await make(null)]
    expect(one).toMatch(/^![A-Za-z0-9]{40}$/)
    expect(one).not.toBe(other)
    expect(derived).toEqual([])
    for (const value of [1, true, ['a'], undefined, {}]) {
      await expect(make(value as unknown as string)).rejects.toBeInstanceOf(TypeError)
    }
    expect(await setUp({ hashers: preferring('md5') }).verify(one.slice(1), one)).toEqual(wrong)
  })

  it.each<[string, DjangoPasswordsOptions]>([
    ['crypt', { hashers: ['crypt' as Algorithm] }],
    ['crypt, further down', { hashers: ['pbkdf2_sha256', 'crypt' as Algorithm] }],
    ['nothing', { hashers: [] as unknown as Hashers }],
    ['scrypt for a Django without it', { hashers: ['scrypt'], djangoVersion: '3.2' }],
    ['sha1 for a Django without it', { hashers: ['sha1'], djangoVersion: '5.1' }],
    ['a cost that would not be verified', { hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 10_000_001 }] }],
    ['no cost', { hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 0 }] }],
    ['memory beyond bounds', { hashers: [{ algorithm: 'argon2', memoryCost: 2 ** 20 }] }],
    ['a scrypt that is none', { hashers: [{ algorithm: 'scrypt', workFactor: 15 }] }],
    ['a bcrypt of days', { hashers: [{ algorithm: 'bcrypt', rounds: 31 }] }],
  ])('cannot be set to %s', (_, options) => {
    expect(() => djangoPasswords(options)).toThrow(expect.objectContaining({ code: 'BAD_HASHER' }))
  })

  it('takes the values of every release, whatever it writes itself', async () => {
    const { verify } = setUp({ djangoVersion: '2.2', hashers: ['pbkdf2_sha256', 'scrypt', 'argon2'] })
    expect(await verify('password', stored.scrypt)).toMatchObject({ valid: true })
    expect(await verify('password', stored.argon2)).toMatchObject({ valid: true })
  })
})

describe('the queue', () => {
  it('has every hash run in it, one place for all the work of a verification', async () => {
    const turns: string[] = []
    const queue = {
      run: <T>(task: () => Promise<T>) => {
        turns.push('run')
        return task()
      },
      runNext: <T>(task: () => Promise<T>) => {
        turns.push('next')
        return task()
      },
      idle: async () => {},
    }
    const { verify, make, makeNext } = setUp({ queue, hashers: [cheap[0]] })
    for (const encoded of [null, stored.pbkdf2_sha256, '!']) await verify('wrong', encoded)
    await make('password')
    await makeNext('password')
    expect(turns).toEqual(['run', 'run', 'run', 'run', 'next'])
  })

  it('refuses at once what would wait too long, and runs no more than it may', async () => {
    let running = 0
    let most = 0
    const kdf: Kdf = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return new Uint8Array(32)
    }
    const { verify } = setUp({ kdf, queue: createQueue({ concurrency: 2, now: () => 0 }), hashers: [cheap[0]] })
    const answers = await Promise.allSettled(Array.from({ length: 300 }, () => verify('password', null)))
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(most).toBe(2)
    expect(refused.length).toBeGreaterThan(0)
    for (const reason of refused) expect(reason).toMatchObject({ statusCode: 503, code: 'HASH_QUEUE_FULL' })
  })
})
