/**
 * Stored hashes, read. Rows come from other libraries, imports and hands: a text that would cost many seconds, a
 * gigabyte or an exception is no hash at all.
 */
import { fromBase64, fromHex, toBase64, utf8 } from '../../lib/bytes.ts'
import type { Random } from '../../lib/random.ts'
import { affordable } from './bounds.ts'
import type { Argon2Recipe, Recipe } from './recipe.ts'

/** A stored hash: how it was made, and the key that came out. */
export interface Stored {
  readonly recipe: Recipe
  readonly key: Uint8Array
  /** Made from the NFKC form of the password, as here and in better-auth; Django and bcrypt take it as typed. */
  readonly normalised: boolean
  /** As a new hash would be made. */
  readonly current: boolean
}

// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const cost = { kind: 'argon2', variety: 'argon2id', version: 19, m: 19456, t: 2, p: 1, length: 32 } as const
const saltLength = 16

/** What every hash of the current format starts with. */
export const currentPrefix = `$${cost.variety}$v=${cost.version}$m=${cost.m},t=${cost.t},p=${cost.p}$`

/** How a new hash is made. */
export function newRecipe(random: Random): Argon2Recipe {
  return { ...cost, salt: random(saltLength) }
}

/** The text of a new hash, in the PHC string format. */
export function writeStored({ salt }: Argon2Recipe, key: Uint8Array): string {
  return `${currentPrefix}${unpadded(salt)}$${unpadded(key)}`
}

/** Reads a stored hash; `null` for what is unknown, malformed or out of bounds. */
export function readStored(text: string): Stored | null {
  if (text.length > 512) return null
  for (const [pattern, read] of formats) {
    const match = pattern.exec(text)
    if (!match) continue
    const stored = read(match)
    return stored && affordable(stored.recipe) ? stored : null
  }
  return null
}

// A number has no sign, leading zero or underscore: Python reads all three, but no library writes them. `$` without the
// m flag is the very end of the text, so a newline is not overlooked.
const number = '([1-9][0-9]{0,9})'
const base64 = '([A-Za-z0-9+/]+={0,2})'
const phc = `\\$(argon2id|argon2i|argon2d)(?:\\$v=(16|19))?\\$m=${number},t=${number},p=${number}\\$${base64}\\$${base64}`
const modularCrypt = '\\$2[aby]\\$([01][0-9])\\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})'

const formats: readonly (readonly [RegExp, (match: RegExpExecArray) => Stored | null])[] = [
  [whole(phc), phcArgon2],
  [whole('([0-9a-f]{32}):([0-9a-f]{128})'), betterAuth],
  [whole(modularCrypt), (match) => bcrypt(match, false)],
  // Django's, with the algorithm's name in front.
  [whole(`pbkdf2_(sha256|sha1)\\$${number}\\$([^$]+)\\$${base64}`), pbkdf2],
  [whole(`argon2${phc}`), argon2],
  [whole(`bcrypt_sha256\\$${modularCrypt}`), (match) => bcrypt(match, true)],
  [whole(`bcrypt\\$${modularCrypt}`), (match) => bcrypt(match, false)],
  [whole(`scrypt\\$${number}\\$([^$]+)\\$${number}\\$${number}\\$${base64}`), scrypt],
]

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

type Variety = Argon2Recipe['variety']

const foreign = { normalised: false, current: false } as const

function argon2([, variety, v = '16', mText, tText, pText, saltText, keyText]: RegExpExecArray): Stored | null {
  const [m, t, p] = [Number(mText), Number(tText), Number(pText)]
  const salt = fromUnpadded(saltText)
  const key = fromUnpadded(keyText)
  if (!salt || !key) return null
  const version = v === '19' ? 19 : 16
  const recipe = { kind: 'argon2', variety: variety as Variety, version, m, t, p, salt, length: key.length } as const
  return { recipe, key, ...foreign }
}

function phcArgon2(match: RegExpExecArray): Stored | null {
  const stored = argon2(match)
  if (stored?.recipe.kind !== 'argon2') return null
  const { salt, length } = stored.recipe
  const current = match[0].startsWith(currentPrefix) && salt.length === saltLength && length === cost.length
  return { ...stored, normalised: true, current }
}

/** better-auth's own: the salt is the ASCII of the hexadecimal text, not what it stands for. */
function betterAuth([, salt = '', keyText = '']: RegExpExecArray): Stored | null {
  const key = fromHex(keyText)
  if (!key) return null
  const recipe = { kind: 'scrypt', N: 16384, r: 16, p: 1, salt: utf8(salt), length: 64 } as const
  return { recipe, key, normalised: true, current: false }
}

function bcrypt([, costText, salt = '', key = '']: RegExpExecArray, prehash: boolean): Stored | null {
  return { recipe: { kind: 'bcrypt', cost: Number(costText), salt, prehash }, key: utf8(key), ...foreign }
}

function pbkdf2([, digest, iterationsText, salt = '', keyText = '']: RegExpExecArray): Stored | null {
  const iterations = Number(iterationsText)
  const length = digest === 'sha256' ? 32 : 20
  const key = fromBase64(keyText)
  // A key cut short would still be the beginning of the right one.
  if (key?.length !== length) return null
  const recipe = { kind: 'pbkdf2', digest: digest as 'sha256' | 'sha1', iterations, salt: utf8(salt), length } as const
  return { recipe, key, ...foreign }
}

function scrypt([, NText, salt = '', rText, pText, keyText = '']: RegExpExecArray): Stored | null {
  const [N, r, p] = [Number(NText), Number(rText), Number(pText)]
  const length = 64
  const key = fromBase64(keyText)
  if (key?.length !== length) return null
  return { recipe: { kind: 'scrypt', N, r, p, salt: utf8(salt), length }, key, ...foreign }
}

function unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, '')
}

function fromUnpadded(text = ''): Uint8Array | null {
  return text.endsWith('=') ? null : fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))
}
