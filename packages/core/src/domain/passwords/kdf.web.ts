/** `#kdf` where there is no Node: JavaScript that gives way to other work every few milliseconds. */
import { sha1 } from '@noble/hashes/legacy.js'
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Argon2Recipe, BcryptRecipe, Engines, Pbkdf2Recipe, ScryptRecipe } from './recipe.ts'

export const argon2Engines: Engines<Argon2Recipe> = []
export const bcryptEngines: Engines<BcryptRecipe> = []

export function scrypt(password: Uint8Array, { N, r, p, salt, length }: ScryptRecipe): Promise<Uint8Array> {
  return scryptAsync(password, salt, { N, r, p, dkLen: length })
}

const digests = { sha1, sha256 }

export function pbkdf2(password: Uint8Array, { digest, iterations, salt, length }: Pbkdf2Recipe): Promise<Uint8Array> {
  return pbkdf2Async(digests[digest], password, salt, { c: iterations, dkLen: length })
}
