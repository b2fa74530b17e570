import { expect, it } from 'vitest'
import { affordable } from './bounds.ts'
import type { Recipe } from './recipe.ts'

const bytes = (length: number) => new Uint8Array(length)
const argon2 = (parts: object): Recipe => ({
  ...{ kind: 'argon2', variety: 'argon2id', version: 19, m: 19_456, t: 2, p: 1, salt: bytes(16), length: 32 },
  ...parts,
})
const scrypt = (N: number, r: number, p: number): Recipe => ({ kind: 'scrypt', N, r, p, salt: bytes(16), length: 64 })
const pbkdf2 = (iterations: number): Recipe => ({
  ...{ kind: 'pbkdf2', digest: 'sha256', iterations, salt: bytes(16), length: 32 },
})
const bcrypt = (cost: number): Recipe => ({ kind: 'bcrypt', cost, salt: 'a'.repeat(22), prehash: false })

it.each<[what: string, last: Recipe, beyond: Recipe]>([
  ['salt of argon2', argon2({ salt: bytes(8) }), argon2({ salt: bytes(7) })],
  ['short key', argon2({ length: 16 }), argon2({ length: 15 })],
  ['long key', argon2({ length: 64 }), argon2({ length: 65 })],
  ['first pass', argon2({ t: 1 }), argon2({ t: 0 })],
  ['first lane', argon2({ p: 1 }), argon2({ p: 0 })],
  ['last lane', argon2({ p: 16 }), argon2({ p: 17 })],
  ['least memory', argon2({ m: 8 }), argon2({ m: 7 })],
  ['least memory of two lanes', argon2({ m: 16, p: 2 }), argon2({ m: 15, p: 2 })],
  ['most memory', argon2({ m: 2 ** 18, t: 1 }), argon2({ m: 2 ** 18 + 1, t: 1 })],
  ['longest time', argon2({ m: 2 ** 10, t: 2 ** 11 }), argon2({ m: 2 ** 10, t: 2 ** 11 + 1 })],
  ['smallest N', scrypt(2, 8, 1), scrypt(1, 8, 1)],
  ['N that is a power of two', scrypt(4, 8, 1), scrypt(3, 8, 1)],
  ['largest N of its r', scrypt(2 ** 15, 1, 1), scrypt(2 ** 16, 1, 1)],
  ['first lane of scrypt', scrypt(2, 8, 1), scrypt(2, 8, 0)],
  ['last lane of scrypt', scrypt(2, 8, 16), scrypt(2, 8, 17)],
  ['smallest r', scrypt(2, 1, 1), scrypt(2, 0, 1)],
  ['largest r', scrypt(2, 64, 1), scrypt(2, 65, 1)],
  ['most memory of scrypt', scrypt(2 ** 18, 8, 1), scrypt(2 ** 18, 9, 1)],
  ['longest time of scrypt', scrypt(2 ** 18, 8, 2), scrypt(2 ** 18, 8, 3)],
  ['first iteration', pbkdf2(1), pbkdf2(0)],
  ['last iteration', pbkdf2(10_000_000), pbkdf2(10_000_001)],
  ['lowest cost', bcrypt(4), bcrypt(3)],
  ['highest cost', bcrypt(16), bcrypt(17)],
])('the %s is affordable, and nothing beyond it', (_what, last, beyond) => {
  expect([affordable(last), affordable(beyond)]).toEqual([true, false])
})
