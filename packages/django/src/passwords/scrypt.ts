/** `scrypt`, new in Django 4.0: `scrypt$<work factor>$<salt>$<block size>$<parallelism>$<base64>`. */
import { affordable, type ScryptRecipe } from '@keystile/core/passwords'
import { timingSafeEqual } from '../primitives/compare.ts'
import { since } from '../version.ts'
import { checkedRecipe, checkedSalt, type Hasher, NUMBER, newSalt, type Parts, type Tools } from './hasher.ts'

export interface ScryptParameters {
  /** N: a power of two. */
  readonly workFactor: number
  /** r. */
  readonly blockSize: number
  /** p. */
  readonly parallelism: number
}

export interface ScryptParts extends Parts, ScryptParameters {
  readonly algorithm: 'scrypt'
  readonly salt: string
  /** Standard base64. */
  readonly hash: string
}

const pattern = new RegExp(`^scrypt\\$${NUMBER}\\$([^$]+)\\$${NUMBER}\\$${NUMBER}\\$([^$]+)$`)

export function scrypt(tools: Tools, parameters: Partial<ScryptParameters> = {}): Hasher<ScryptParts> {
  const parallelism = since(tools.version, '5.1') ? 5 : 1
  const written: ScryptParameters = { workFactor: 16_384, blockSize: 8, parallelism, ...parameters }
  const recipeOf = (salt: string, { workFactor: N, blockSize: r, parallelism: p }: ScryptParameters): ScryptRecipe => ({
    kind: 'scrypt',
    N,
    r,
    p,
    salt: Buffer.from(salt),
    length: 64,
  })
  const hashOf = async (password: string, recipe: ScryptRecipe) =>
    Buffer.from(await tools.kdf(password, recipe)).toString('base64')
  checkedRecipe(recipeOf('', written))

  return {
    algorithm: 'scrypt',
    weak: false,
    decode(encoded) {
      const [whole, N, salt = '', r, p, hash = ''] = pattern.exec(encoded) ?? []
      if (whole === undefined) return null
      return { algorithm: 'scrypt', workFactor: Number(N), salt, blockSize: Number(r), parallelism: Number(p), hash }
    },
    verify(password, parts) {
      const recipe = recipeOf(parts.salt, parts)
      if (!affordable(recipe)) return null
      return hashOf(password, recipe).then((hash) => timingSafeEqual(hash, parts.hash))
    },
    async make(password, salt = newSalt(tools)) {
      const hash = await hashOf(password, recipeOf(checkedSalt(salt), written))
      return `scrypt$${written.workFactor}$${salt}$${written.blockSize}$${written.parallelism}$${hash}`
    },
    mustUpdate: (parts) =>
      parts.workFactor !== written.workFactor ||
      parts.blockSize !== written.blockSize ||
      parts.parallelism !== written.parallelism,
    weaker: (parts) => workOf(parts) < workOf(written),
  }
}

function workOf({ workFactor, blockSize, parallelism }: ScryptParameters): number {
  return workFactor * blockSize * parallelism
}
