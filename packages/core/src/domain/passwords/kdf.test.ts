import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../lib/bytes.ts'
import * as node from './kdf.node.ts'
import { createKdf, loadKdf } from './kdf.ts'
import * as web from './kdf.web.ts'
import type { Argon2Recipe, BcryptRecipe, Pbkdf2Recipe, ScryptRecipe } from './recipe.ts'

const small: Argon2Recipe = {
  kind: 'argon2',
  variety: 'argon2id',
  version: 19,
  m: 256,
  t: 2,
  p: 1,
  salt: utf8('somesalt'),
  length: 32,
}
const answer = '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe'

const bcrypt: BcryptRecipe = { kind: 'bcrypt', cost: 4, salt: 'abcdefghijklmnopqrstuu', prehash: false }

describe('key derivation', () => {
  it('is native where it can be, without a warning', async () => {
    const warnings: string[] = []
    const kdf = await loadKdf({ warn: (message) => void warnings.push(message) })
    await kdf('password', small)
    await kdf('password', { ...small, version: 16 })
    await kdf('password', bcrypt)
    expect(warnings).toEqual([])
  })

  // RFC 9106's vectors have a secret and associated data, which no stored password has; these are the ones of the
  // reference implementation (password, somesalt, m = 256 KiB, t = 2).
  it.each([
    ['argon2i', 16, 1, 'fd4dd83d762c49bdeaf57c47bdcd0c2f1babf863fdeb490df63ede9975fccf06'],
    ['argon2i', 19, 1, '89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f'],
    ['argon2id', 19, 1, answer],
    ['argon2id', 19, 2, '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037'],
  ] as const)('%s version %d, %d lanes', async (variety, version, p, expected) => {
    const kdf = await loadKdf({ warn: () => {} })
    const recipe: Argon2Recipe = {
      kind: 'argon2',
      variety,
      version,
      m: 256,
      t: 2,
      p,
      salt: utf8('somesalt'),
      length: 32,
    }
    expect(toHex(await kdf('password', recipe))).toBe(expected)
  })

  it('falls back to JavaScript, with one warning, where no native argon2 loads or answers right', async () => {
    const warnings: string[] = []
    const missing = () => Promise.reject(new Error('no binary for this system'))
    const broken = async () => async () => new Uint8Array(16)
    const kdf = createKdf(
      { ...node, argon2Engines: [missing, broken] },
      { warn: (message) => void warnings.push(message) },
    )
    for (let i = 0; i < 2; i++) expect(toHex(await kdf('password', small))).toBe(answer)
    expect(warnings).toEqual([expect.stringContaining('No native argon2')])
  })

  it('gives the same by native bcrypt and by JavaScript, which warns once', async () => {
    const warnings: string[] = []
    const missing = () => Promise.reject(new Error('no binary for this system'))
    const broken = async () => async () => new Uint8Array(31)
    const native = await loadKdf({ warn: (message) => void warnings.push(message) })
    const javascript = createKdf(
      { ...node, bcryptEngines: [missing, broken] },
      { warn: (message) => void warnings.push(message) },
    )
    // The last bits of a salt beyond its sixteen bytes are let be.
    const recipes = [bcrypt, { ...bcrypt, prehash: true }, { ...bcrypt, salt: `${bcrypt.salt.slice(0, -1)}v`, cost: 5 }]
    for (const password of [
      'password',
      '',
      'nul\0byte',
      '\ufeffmark',
      'x'.repeat(72),
      'x'.repeat(73),
      '\u00e9'.repeat(37),
    ]) {
      for (const recipe of recipes) {
        expect(toHex(await javascript(password, recipe))).toBe(toHex(await native(password, recipe)))
      }
    }
    expect(warnings).toEqual([expect.stringContaining('No native bcrypt')])
  })

  it('is JavaScript from the start where there is no Node', async () => {
    const warnings: string[] = []
    const kdf = createKdf(web, { warn: (message) => void warnings.push(message) })
    expect(toHex(await kdf('password', small))).toBe(answer)
    expect(await kdf('password', bcrypt)).toEqual(utf8('ghE8Ev8uGFaUgY2cNEySvxngrb/Jzdm'))
    expect(warnings).toEqual([])
  })

  it('gives the same with Node and without', async () => {
    const password = utf8('p\u00e4ssword')
    const salt = utf8('salt')
    const scrypt: ScryptRecipe = { kind: 'scrypt', N: 16, r: 8, p: 2, salt, length: 64 }
    expect(toHex(await web.scrypt(password, scrypt))).toBe(toHex(await node.scrypt(password, scrypt)))
    for (const digest of ['sha1', 'sha256'] as const) {
      const pbkdf2: Pbkdf2Recipe = { kind: 'pbkdf2', digest, iterations: 10, salt, length: 32 }
      expect(toHex(await web.pbkdf2(password, pbkdf2))).toBe(toHex(await node.pbkdf2(password, pbkdf2)))
    }
  })

  it('has memory for the greatest scrypt that is read', async () => {
    const recipe: ScryptRecipe = { kind: 'scrypt', N: 32768, r: 64, p: 1, salt: utf8('salt'), length: 64 }
    expect(await node.scrypt(utf8('password'), recipe)).toHaveLength(64)
  })
})
