/** `#kdf` on Node: asynchronous functions that work in the pool of threads. */
import * as crypto from 'node:crypto'
import { promisify } from 'node:util'
import type { Argon2Recipe, BcryptRecipe, Engine, Engines, Pbkdf2Recipe, ScryptRecipe } from './recipe.ts'

const deriveScrypt = promisify<Uint8Array, Uint8Array, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)
const derivePbkdf2 = promisify(crypto.pbkdf2)

export const argon2Engines: Engines<Argon2Recipe> = [nodeArgon2, nativeArgon2]
export const bcryptEngines: Engines<BcryptRecipe> = [nativeBcrypt]

export function scrypt(password: Uint8Array, { N, r, p, salt, length }: ScryptRecipe): Promise<Uint8Array> {
  // Node allows 32 MiB unless told; OpenSSL counts 128·r·(N + p + 2).
  return deriveScrypt(password, salt, length, { N, r, p, maxmem: 128 * r * (N + p + 2) })
}

export function pbkdf2(password: Uint8Array, { digest, iterations, salt, length }: Pbkdf2Recipe): Promise<Uint8Array> {
  return derivePbkdf2(password, salt, iterations, length, digest)
}

/** `crypto.argon2`, new in Node 24.7 and absent from the types of Node 20. */
interface WithArgon2 {
  argon2(
    algorithm: string,
    parameters: {
      message: Uint8Array
      nonce: Uint8Array
      parallelism: number
      tagLength: number
      memory: number
      passes: number
    },
    callback: (error: Error | null, key: Buffer) => void,
  ): void
}

async function nodeArgon2(): Promise<Engine<Argon2Recipe>> {
  const { argon2 } = crypto as typeof crypto & Partial<WithArgon2>
  if (!argon2) throw new Error('this Node has no argon2')
  const derive = promisify(argon2)
  return async (message, { variety, version, m, t, p, salt, length }) => {
    if (version !== 19) throw new Error('Node knows the present version of argon2 only')
    return derive(variety, { message, nonce: salt, parallelism: p, tagLength: length, memory: m, passes: t })
  }
}

// The enums of @node-rs/argon2 exist in its types alone; these are their values.
const algorithms = { argon2d: 0, argon2i: 1, argon2id: 2 } as const
const versions = { 16: 0, 19: 1 } as const

async function nativeArgon2(): Promise<Engine<Argon2Recipe>> {
  const { hashRaw } = await import('@node-rs/argon2')
  return (password, { variety, version, m, t, p, salt, length }) =>
    hashRaw(password, {
      algorithm: algorithms[variety],
      version: versions[version],
      memoryCost: m,
      timeCost: t,
      parallelism: p,
      outputLen: length,
      salt,
    })
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const base64 = `${letters}+/`
const bcryptBase64 = `./${letters}`

async function nativeBcrypt(): Promise<Engine<BcryptRecipe>> {
  const { hash } = await import('@node-rs/bcrypt')
  return async (password, { cost, salt }) => {
    // It takes the sixteen bytes of the salt: a text would be its bytes, not what it encodes.
    const translated = salt.replace(/./g, (letter) => base64.charAt(bcryptBase64.indexOf(letter)))
    const hashed = await hash(password, cost, Buffer.from(translated, 'base64'))
    return Buffer.from(hashed.slice(-31))
  }
}
