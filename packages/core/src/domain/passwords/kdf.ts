/**
 * Key derivation as one function over recipes. What the platform does itself comes through `#kdf`, loaded with the first
 * password; argon2 and bcrypt are the first engine that loads and knows the answer to a small question.
 */
import { sha256, timingSafeEqual } from '#crypto'
import { toHex, utf8 } from '../../lib/bytes.ts'
import type { Logger } from '../../lib/environment.ts'
import type { Argon2Recipe, BcryptRecipe, Engine, Engines, Kdf, Platform, Recipe } from './recipe.ts'

/** Loads what the platform does best. */
export async function loadKdf(logger: Pick<Logger, 'warn'>): Promise<Kdf> {
  return createKdf(await import('#kdf'), logger)
}

export function createKdf(platform: Platform, logger: Pick<Logger, 'warn'>): Kdf {
  const argon2 = new Map<number, Promise<Engine<Argon2Recipe>>>()
  let bcrypt: Promise<Engine<BcryptRecipe>> | undefined

  async function chooseArgon2(version: 16 | 19): Promise<Engine<Argon2Recipe>> {
    const question: Argon2Recipe = { ...smallArgon2, version }
    return (await firstRight(platform.argon2Engines, question, knownArgon2[version], logger)) ?? javascriptArgon2()
  }

  async function chooseBcrypt(): Promise<Engine<BcryptRecipe>> {
    return (await firstRight(platform.bcryptEngines, smallBcrypt, knownBcrypt, logger)) ?? javascriptBcrypt()
  }

  return async (password, recipe) => {
    switch (recipe.kind) {
      case 'argon2': {
        const engine = argon2.get(recipe.version) ?? chooseArgon2(recipe.version)
        argon2.set(recipe.version, engine)
        return (await engine)(utf8(password), recipe)
      }
      case 'scrypt':
        return platform.scrypt(utf8(password), recipe)
      case 'pbkdf2':
        return platform.pbkdf2(utf8(password), recipe)
      case 'bcrypt':
        bcrypt ??= chooseBcrypt()
        return (await bcrypt)(utf8(recipe.prehash ? toHex(sha256(password)) : password), recipe)
    }
  }
}

/** The least of each, for the empty password and a salt of zeros, and what it gives, in hexadecimal. */
const smallArgon2 = {
  kind: 'argon2',
  variety: 'argon2id',
  m: 16,
  t: 1,
  p: 1,
  salt: new Uint8Array(8),
  length: 16,
} as const
const knownArgon2 = { 16: '45ea9d8ba745bbea74746fa408a97864', 19: '107dcdb51b37307b7ac8e9d33acc8966' } as const
const smallBcrypt: BcryptRecipe = { kind: 'bcrypt', cost: 4, salt: '.'.repeat(22), prehash: false }
const knownBcrypt = '773734624c356755374c534a436c5a436c43612e506b7a31346154762f584f'

/** The first engine that loads and answers right: a missing binary or an old OpenSSL costs speed, not sign-ins. */
async function firstRight<R extends Recipe>(
  engines: Engines<R>,
  question: R,
  answer: string,
  logger: Pick<Logger, 'warn'>,
): Promise<Engine<R> | undefined> {
  for (const load of engines) {
    try {
      const engine = await load()
      if (timingSafeEqual(toHex(await engine(new Uint8Array(), question)), answer)) return engine
    } catch {
      // Not here, then: the next.
    }
  }
  if (engines.length > 0) {
    logger.warn(`No native ${question.kind} could be loaded: passwords are hashed in JavaScript, many times slower.`)
  }
  return undefined
}

async function javascriptArgon2(): Promise<Engine<Argon2Recipe>> {
  const { argon2dAsync, argon2iAsync, argon2idAsync } = await import('@noble/hashes/argon2.js')
  const functions = { argon2d: argon2dAsync, argon2i: argon2iAsync, argon2id: argon2idAsync }
  return (password, { variety, version, m, t, p, salt, length }) =>
    functions[variety](password, salt, { version, m, t, p, dkLen: length })
}

async function javascriptBcrypt(): Promise<Engine<BcryptRecipe>> {
  const { hash } = await import('bcryptjs')
  // It takes texts only; a leading byte order mark is part of the password.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return async (password, { cost, salt }) => {
    const hashed = await hash(decoder.decode(password), `$2b$${String(cost).padStart(2, '0')}$${salt}`)
    return utf8(hashed.slice(-31))
  }
}
