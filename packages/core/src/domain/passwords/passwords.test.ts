import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { randomBytes } from '#crypto'
import { loadKdf } from './kdf.ts'
import { createPasswords, type PasswordsOptions } from './passwords.ts'
import type { Kdf, Recipe } from './recipe.ts'
import { currentPrefix, readStored, type Stored } from './stored.ts'

/** Passwords over the real key derivation, counted, with a clock that stands unless a test moves it. */
function setUp(options: Partial<PasswordsOptions> = {}) {
  const warnings: string[] = []
  const computed: { password: string; recipe: Recipe }[] = []
  const waited: number[] = []
  const logger = { warn: (message: string) => void warnings.push(message) }
  const kdf = options.kdf ? Promise.resolve(options.kdf) : loadKdf(logger)
  const passwords = createPasswords({
    random: randomBytes,
    otherHashes: async () => [],
    now: () => 0,
    wait: async (ms) => void waited.push(ms),
    ...options,
    logger,
    kdf: async (password, recipe) => {
      computed.push({ password, recipe })
      return (await kdf)(password, recipe)
    },
  })
  return { ...passwords, warnings, computed, waited }
}

describe('hashing', () => {
  it('writes argon2id with its parameters and a salt of its own', async () => {
    const { hash, verify } = setUp()
    const [one, other] = [await hash('password123'), await hash('password123')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one.startsWith(currentPrefix)).toBe(true)
    expect(one).not.toBe(other)
    expect(await verify('password123', one)).toEqual({ valid: true, rehash: false })
    expect(await verify('password123', other)).toEqual({ valid: true, rehash: false })
    expect(await verify('password124', one)).toEqual({ valid: false, rehash: false })
  })

  it('takes the forms of one text as one password', async () => {
    const { hash, verify } = setUp()
    expect((await verify('Ａ\u00e4', await hash('Aa\u0308'))).valid).toBe(true)
  })

  it('does not look at a password over the maximum length', async () => {
    const { hash, verify, computed } = setUp({ maxPasswordLength: 12 })
    const stored = await hash('a'.repeat(13))
    computed.length = 0
    expect((await verify('a'.repeat(13), stored)).valid).toBe(false)
    expect(computed).toEqual([])
  })
})

describe("better-auth's hashes", () => {
  const salt = '00112233445566778899aabbccddeeff'
  const vectors: [string, string][] = [
    [
      'password123',
      '73122e887cfc14f91396cdef78dfe4b9dec28d459037601c4904cedba5a637ab97b39b40c236df5d42881d0109ca8cf0f85e39dbaba2911c190915bd8f30fe85',
    ],
    [
      'pa\u030assw\u00f6rd\u2122',
      '473aecce126606e12ae1f373b1ed1931e8b97c9492f873b917f46ad234b229bc98f3359451fa2de51012b895314e89e8eef013a6cc331e929eef0c3c20159aa3',
    ],
    [
      'correct horse battery staple',
      'f5b22309b28fe412c82a4b2cab57498b8f8a42c849af16cb908974048f61c13933421858db3a8f111430bdc493c7cef90f61f904061c77206e3820a2e8b11bc2',
    ],
  ]

  it.each(vectors)('verify and are rehashed: %s', async (password, key) => {
    const { verify } = setUp()
    expect(await verify(password, `${salt}:${key}`)).toEqual({ valid: true, rehash: true })
    expect(await verify(`${password}x`, `${salt}:${key}`)).toEqual({ valid: false, rehash: false })
  })
})

interface DjangoRecord {
  readonly password: string | null
  readonly encoded: string | null
  readonly result?: boolean
  readonly note?: string
}

describe.each(['2.2', '5.2'])("Django %s's hashes", (version) => {
  const file = new URL(`../../../fixtures/django/passwords-${version}.json`, import.meta.url)
  const records = (JSON.parse(readFileSync(file, 'utf8')) as { verify: DjangoRecord[] }).verify
  const weak = /^(?:sha1|md5|crypt)\$|^[0-9a-f]{32}$/i
  // Django 2.2 knew argon2i alone; later ones verify the other varieties, and so do we.
  const unknownThen = (record: DjangoRecord) =>
    version === '2.2' && !record.note && /^argon2\$argon2i?d\$/.test(record.encoded ?? '')

  it('are judged as recorded, and the weak ones never verify', async () => {
    const { verify } = setUp({ maxPasswordLength: 300 })
    const verified = new Set<string | undefined>()
    for (const record of records) {
      if (record.password === null) continue
      const expected = (record.result === true && !weak.test(record.encoded ?? '')) || unknownThen(record)
      const verdict = await verify(record.password, record.encoded)
      expect(verdict, JSON.stringify(record)).toEqual({ valid: expected, rehash: expected })
      if (expected) verified.add(record.encoded?.split('$')[0])
    }
    const scrypt = version === '2.2' ? [] : ['scrypt']
    expect([...verified].sort()).toEqual([
      'argon2',
      'bcrypt',
      'bcrypt_sha256',
      'pbkdf2_sha1',
      'pbkdf2_sha256',
      ...scrypt,
    ])
  })
})

it('verifies bare bcrypt, the password as typed', async () => {
  const { verify } = setUp()
  const stored = '$2b$04$abcdefghijklmnopqrstuuTNWzNSKikSjaCS4YOaxzq43uxdLGfqy'
  expect(await verify('pa\u0308ss', stored)).toEqual({ valid: true, rehash: true })
  expect((await verify('p\u00e4ss', stored)).valid).toBe(false)
})

describe('where there is no hash to compare with', () => {
  it.each([null, undefined, '', '!unusable', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', `${currentPrefix}AAAA`])(
    'the work of a wrong password is done, for %j',
    async (stored) => {
      const { verify, hash, computed } = setUp()
      const real = await hash('right')
      computed.length = 0
      expect(await verify('wrong', real)).toEqual({ valid: false, rehash: false })
      expect(await verify('wrong', stored)).toEqual({ valid: false, rehash: false })
      const work = computed.map(({ recipe }) => ({ ...recipe, salt: null }))
      expect(work).toHaveLength(2)
      expect(work[0]).toEqual(work[1])
    },
  )

  it('no password fits, not even where the derived key is all zeros', async () => {
    const { verify } = setUp({ kdf: async () => new Uint8Array(32) })
    for (const password of ['', 'null', 'undefined']) expect((await verify(password, null)).valid).toBe(false)
  })

  it('a hash that cannot be read is logged once, without a word of it', async () => {
    const { verify, warnings } = setUp()
    await verify('wrong', null)
    await verify('wrong', '!unusable')
    expect(warnings).toEqual([])
    await verify('wrong', 'plain-text-password')
    expect(warnings).toEqual(['A stored password hash is malformed or of no known format'])
  })
})

describe('the pace of failures', () => {
  const scrypt = 'scrypt$16384$salt$8$5$'.concat('A'.repeat(86), '==')
  const bcrypt = '$2b$10$abcdefghijklmnopqrstuuTNWzNSKikSjaCS4YOaxzq43uxdLGfqy'

  /** A clock that only hashes and waiting move, by what they are said to take. */
  function paced(hashes: string[], takes: Record<Recipe['kind'], number> | ((recipe: Recipe) => number)) {
    let time = 0
    const asked: number[] = []
    const waits: number[] = []
    const pass = (ms: number) => {
      time += ms
    }
    const kdf: Kdf = async (_, recipe) => {
      pass(typeof takes === 'function' ? takes(recipe) : takes[recipe.kind])
      return new Uint8Array(32)
    }
    const passwords = setUp({
      kdf,
      now: () => time,
      wait: async (ms) => {
        waits.push(ms)
        pass(ms)
      },
      otherHashes: async () => {
        asked.push(time)
        return [...hashes]
      },
    })
    const failure = async (stored: string | null) => {
      const before = time
      await passwords.verify('wrong', stored)
      return time - before
    }
    return { ...passwords, asked, waits, failure, pass }
  }

  it('is kept by the clock of the machine where the app brings none', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const takes: Partial<Record<Recipe['kind'], number>> = { argon2: 10, scrypt: 90 }
    const { verify } = setUp({
      now: undefined,
      wait: undefined,
      otherHashes: async () => [scrypt],
      kdf: async (_, { kind }) => {
        vi.advanceTimersByTime(takes[kind] ?? 0)
        return new Uint8Array(32)
      },
    })
    await Promise.all([verify('wrong', null), vi.advanceTimersByTimeAsync(1000)])
    let answered = false
    const failure = verify('wrong', null).then(() => {
      answered = true
    })
    await vi.advanceTimersByTimeAsync(79)
    expect(answered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(answered).toBe(true)
    await failure
  })

  it('is the current format’s where there is no other', async () => {
    const takes = { argon2: 12, scrypt: 90, bcrypt: 0, pbkdf2: 0 }
    const { failure, hash, asked } = paced([], takes)
    const stored = (await hash('right')).replace(/.$/, 'E')
    for (const each of [null, stored, null]) expect(await failure(each)).toBe(12)
    takes.argon2 = 10
    expect(await failure(null)).toBe(10)
    expect(asked).toHaveLength(1)
  })

  it('is the slowest format’s that the database holds', async () => {
    const { failure, hash } = paced([scrypt, bcrypt], { argon2: 12, scrypt: 90, bcrypt: 60, pbkdf2: 0 })
    const stored = (await hash('right')).replace(/.$/, 'E')
    await failure(null)
    for (const each of [null, stored, scrypt, bcrypt, 'nonsense', null]) expect(await failure(each)).toBe(90)
  })

  it('is the current format’s where the others are faster: then nothing waits', async () => {
    const { failure, waits } = paced([bcrypt], { argon2: 12, scrypt: 0, bcrypt: 2, pbkdf2: 0 })
    await failure(null)
    for (const each of [null, bcrypt, null]) expect(await failure(each)).toBe(12)
    expect(waits).toEqual([10])
  })

  const key = 'A'.repeat(43)
  const salt = 'A'.repeat(22)
  it.each<[kind: string, slow: string, fast: string]>([
    ['argon2', `$argon2id$v=19$m=2048,t=2,p=1$${salt}$${key}`, `$argon2id$v=19$m=1024,t=2,p=1$${salt}$${key}`],
    ['scrypt', `scrypt$16384$salt$8$5$${'A'.repeat(86)}==`, `scrypt$8192$salt$8$5$${'A'.repeat(86)}==`],
    ['pbkdf2', `pbkdf2_sha256$2000$salt$${key}=`, `pbkdf2_sha256$1000$salt$${key}=`],
    ['bcrypt', bcrypt, bcrypt.replace('$10$', '$04$')],
  ])('is that of the slowest cost of %s', async (_kind, slow, fast) => {
    const cost = ({ m = 0, N = 0, iterations = 0, cost = 0 }: Partial<Record<string, number>>) =>
      m + N + iterations + cost
    const slowest = cost((readStored(slow) as Stored).recipe as object)
    const takes = (recipe: Recipe) => (cost(recipe as object) === slowest ? 90 : 10)
    const { failure, warnings } = paced([slow, 'nonsense', fast], takes)
    await failure(null)
    expect([await failure(null), warnings]).toEqual([90, []])
  })

  it('comes down slowly when hashes take less', async () => {
    const takes = { argon2: 12, scrypt: 90, bcrypt: 0, pbkdf2: 0 }
    const { failure } = paced([scrypt], takes)
    await failure(null)
    takes.scrypt = 10
    await failure(scrypt)
    expect(await failure(null)).toBe(86)
  })

  it('learns from a hash no sample showed', async () => {
    const { failure } = paced([], { argon2: 12, scrypt: 90, bcrypt: 0, pbkdf2: 0 })
    expect(await failure(null)).toBe(12)
    expect(await failure(scrypt)).toBe(90)
    expect(await failure(null)).toBe(90)
  })

  it('is looked up again after an hour, until nothing of another format is left', async () => {
    const hashes = [scrypt]
    const { failure, asked, pass, idle } = paced(hashes, { argon2: 12, scrypt: 90, bcrypt: 0, pbkdf2: 0 })
    await failure(null)
    expect(await failure(null)).toBe(90)
    expect(asked).toHaveLength(1)
    hashes.length = 0
    pass(3_600_000)
    await failure(null)
    await idle()
    expect(asked).toHaveLength(2)
    pass(3_600_000)
    expect(await failure(null)).toBe(12)
    expect(asked).toHaveLength(2)
  })

  it('doubles at most by a stall', async () => {
    const takes = { argon2: 12, scrypt: 90, bcrypt: 0, pbkdf2: 0 }
    const { failure } = paced([scrypt], takes)
    await failure(null)
    takes.scrypt = 60_000
    await failure(scrypt)
    expect(await failure(null)).toBe(180)
  })

  it('asks again where the database did not answer', async () => {
    let answers = 0
    const { verify, warnings } = setUp({
      otherHashes: async () => {
        if (++answers === 1) throw new Error('busy')
        return []
      },
    })
    for (let i = 0; i < 3; i++) expect((await verify('wrong', null)).valid).toBe(false)
    expect(answers).toBe(2)
    expect(warnings).toEqual(['The formats of the stored passwords could not be looked up'])
  })

  it('does not hold up the right password', async () => {
    const { verify, hash, waited } = setUp({ otherHashes: async () => [scrypt] })
    const stored = await hash('right')
    expect((await verify('right', stored)).valid).toBe(true)
    expect(waited).toEqual([])
  })
})

describe("the app's own functions", () => {
  const custom = () => {
    const calls: string[] = []
    return {
      calls,
      custom: {
        hash: async (password: string) => {
          calls.push('hash')
          return `own:${password}`
        },
        verify: async (input: { hash: string; password: string }) => {
          calls.push('verify')
          return input.hash === `own:${input.password}`
        },
      },
    }
  }

  it('take the place of ours, and get the password as typed', async () => {
    const { hash, verify, computed } = setUp(custom())
    expect(await hash('Aa\u0308')).toBe('own:Aa\u0308')
    expect(await verify('Aa\u0308', 'own:Aa\u0308')).toEqual({ valid: true, rehash: false })
    expect(await verify('b', 'own:a')).toEqual({ valid: false, rehash: false })
    expect(computed).toEqual([])
  })

  it('are called once, whether there is a user or not', async () => {
    const { custom: own, calls } = custom()
    const { verify } = setUp({ custom: own })
    await verify('b', 'own:a')
    expect(calls).toHaveLength(1)
    expect(await verify('null', null)).toEqual({ valid: false, rehash: false })
    expect(calls).toHaveLength(2)
  })

  it('hashes of ours are not rehashed into a format that is not ours', async () => {
    const stored = '$2b$04$abcdefghijklmnopqrstuuTNWzNSKikSjaCS4YOaxzq43uxdLGfqy'
    const { verify } = setUp({ custom: { hash: async (password) => `own:${password}` } })
    expect(await verify('pa\u0308ss', stored)).toEqual({ valid: true, rehash: false })
  })
})

it('hashes no more at once than it may, and none beyond the queue', async () => {
  let running = 0
  let most = 0
  const kdf: Kdf = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    return new Uint8Array(32)
  }
  const { verify, computed, idle } = setUp({ kdf, concurrency: 3 })
  const answers = await Promise.allSettled(Array.from({ length: 500 }, () => verify('password', null)))
  const refused = answers.filter(({ status }) => status === 'rejected')
  await idle()
  expect(most).toBe(3)
  expect(refused.length).toBeGreaterThan(0)
  expect(computed).toHaveLength(500 - refused.length)
  expect(refused).toEqual(
    refused.map(() => ({ status: 'rejected', reason: expect.objectContaining({ statusCode: 503 }) })),
  )
})

it('a further hash of a caller passes those who wait, and all are done when there is none left', async () => {
  const gates: (() => void)[] = []
  const kdf: Kdf = async () => {
    await new Promise<void>((resolve) => gates.push(resolve))
    return new Uint8Array(32)
  }
  const { hash, hashNext, idle, computed } = setUp({ kdf, concurrency: 1 })
  const done: string[] = []
  const all: Promise<unknown>[] = [hash('first'), hash('waiting'), hashNext('further')]
  for (let i = 0; i < 3; i++) {
    await vi.waitFor(() => expect(gates).toHaveLength(i + 1), { timeout: 60_000 })
    if (i === 0) all.push(idle().then(() => done.push('idle')))
    await Promise.resolve()
    expect(done).toEqual([])
    gates[i]?.()
  }
  await Promise.all(all)
  expect(computed.map(({ password }) => password)).toEqual(['first', 'further', 'waiting'])
})
