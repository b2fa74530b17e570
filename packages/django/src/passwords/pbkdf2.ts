/** `pbkdf2_sha256` and `pbkdf2_sha1`: `<algorithm>$<iterations>$<salt>$<base64>`. */
import { affordable, type Pbkdf2Recipe } from '@keystile/core/passwords'
import { timingSafeEqual } from '../primitives/compare.ts'
import type { DjangoVersion } from '../version.ts'
import {
  checkedRecipe,
  checkedSalt,
  type Hasher,
  NUMBER,
  newSalt,
  type Parts,
  saltIsShort,
  type Tools,
} from './hasher.ts'

export interface Pbkdf2Parameters {
  readonly iterations: number
}

export interface Pbkdf2Parts extends Parts, Pbkdf2Parameters {
  readonly algorithm: 'pbkdf2_sha256' | 'pbkdf2_sha1'
  readonly salt: string
  /** Standard base64. */
  readonly hash: string
}

/** What each release writes, for both digests. */
export const iterationsOf: Readonly<Record<DjangoVersion, number>> = {
  '2.2': 150_000,
  '3.0': 180_000,
  '3.1': 216_000,
  '3.2': 260_000,
  '4.0': 320_000,
  '4.1': 390_000,
  '4.2': 600_000,
  '5.0': 720_000,
  '5.1': 870_000,
  '5.2': 1_000_000,
  '6.0': 1_200_000,
  '6.1': 1_500_000,
}

const digests = {
  pbkdf2_sha256: { digest: 'sha256', length: 32 },
  pbkdf2_sha1: { digest: 'sha1', length: 20 },
} as const

export function pbkdf2(
  algorithm: Pbkdf2Parts['algorithm'],
  tools: Tools,
  { iterations = iterationsOf[tools.version] }: Partial<Pbkdf2Parameters> = {},
): Hasher<Pbkdf2Parts> {
  const pattern = new RegExp(`^${algorithm}\\$${NUMBER}\\$([^$]+)\\$([^$]+)$`)
  const recipeOf = (salt: string, count: number): Pbkdf2Recipe => ({
    kind: 'pbkdf2',
    ...digests[algorithm],
    iterations: count,
    salt: Buffer.from(salt),
  })
  const hashOf = async (password: string, recipe: Pbkdf2Recipe) =>
    Buffer.from(await tools.kdf(password, recipe)).toString('base64')
  checkedRecipe(recipeOf('', iterations))

  return {
    algorithm,
    weak: false,
    decode(encoded) {
      const [whole, count, salt = '', hash = ''] = pattern.exec(encoded) ?? []
      return whole === undefined ? null : { algorithm, iterations: Number(count), salt, hash }
    },
    verify(password, parts) {
      const recipe = recipeOf(parts.salt, parts.iterations)
      if (!affordable(recipe)) return null
      return hashOf(password, recipe).then((hash) => timingSafeEqual(hash, parts.hash))
    },
    async make(password, salt = newSalt(tools)) {
      return `${algorithm}$${iterations}$${salt}$${await hashOf(password, recipeOf(checkedSalt(salt), iterations))}`
    },
    mustUpdate: (parts) => parts.iterations !== iterations || saltIsShort(tools, parts.salt),
    weaker: (parts) => parts.iterations < iterations,
    async harden(password, parts) {
      const missing = iterations - parts.iterations
      if (missing > 0) await hashOf(password, recipeOf(parts.salt, missing))
    },
  }
}
