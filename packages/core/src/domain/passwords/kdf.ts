/**
 * Key derivation as one function over recipes. What the platform does itself comes through `#kdf`, loaded with the first
 * password; argon2 is the first engine that loads and knows the answer to a small question.
 */
import { sha256, timingSafeEqual } from '#crypto'
import { toHex, utf8 } from '../../lib/bytes.ts'
import type { Logger } from '../../lib/environment.ts'
import type { Argon2, Argon2Recipe, Kdf, Platform } from './recipe.ts'

/** Loads what the platform does best. */
export async function loadKdf(logger: Pick<Logger, 'warn'>): Promise<Kdf> {
  return createKdf(await import('#kdf'), logger)
}

export function createKdf(platform: Platform, logger: Pick<Logger, 'warn'>): Kdf {
  const engines = new Map<number, Promise<Argon2>>()

  return async (password, recipe) => {
    switch (recipe.kind) {
      case 'argon2': {
        const engine = engines.get(recipe.version) ?? chooseArgon2(platform, recipe.version, logger)
        engines.set(recipe.version, engine)
        return (await engine)(utf8(password), recipe)
      }
      case 'scrypt':
        return platform.scrypt(utf8(password), recipe)
      case 'pbkdf2':
        return platform.pbkdf2(utf8(password), recipe)
      case 'bcrypt': {
        const { hash } = await import('bcryptjs')
        const text = recipe.prehash ? toHex(sha256(password)) : password
        const hashed = await hash(text, `$2b$${String(recipe.cost).padStart(2, '0')}$${recipe.salt}`)
        return utf8(hashed.slice(-31))
      }
    }
  }
}

/** What argon2id gives for the empty password, a salt of eight zeros, 16 KiB and one pass, by version. */
const knownAnswers = {
  16: '45ea9d8ba745bbea74746fa408a97864',
  19: '107dcdb51b37307b7ac8e9d33acc8966',
} as const

/** The first engine that loads and answers right: a missing binary or an old OpenSSL costs speed, not sign-ins. */
async function chooseArgon2(platform: Platform, version: 16 | 19, logger: Pick<Logger, 'warn'>): Promise<Argon2> {
  const question: Argon2Recipe = {
    kind: 'argon2',
    variety: 'argon2id',
    version,
    m: 16,
    t: 1,
    p: 1,
    salt: new Uint8Array(8),
    length: 16,
  }
  for (const load of platform.argon2Engines) {
    try {
      const engine = await load()
      if (timingSafeEqual(toHex(await engine(new Uint8Array(), question)), knownAnswers[version])) return engine
    } catch {
      // Not here, then: the next.
    }
  }
  if (platform.argon2Engines.length > 0) {
    logger.warn('No native argon2 could be loaded: passwords are hashed in JavaScript, many times slower.')
  }
  return javascriptArgon2()
}

async function javascriptArgon2(): Promise<Argon2> {
  const { argon2dAsync, argon2iAsync, argon2idAsync } = await import('@noble/hashes/argon2.js')
  const functions = { argon2d: argon2dAsync, argon2i: argon2iAsync, argon2id: argon2idAsync }
  return (password, { variety, version, m, t, p, salt, length }) =>
    functions[variety](password, salt, { version, m, t, p, dkLen: length })
}
