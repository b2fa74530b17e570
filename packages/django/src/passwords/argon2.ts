/** `argon2`: the name, then a PHC string. */
import { type Argon2Recipe, affordable } from '@keystile/core/passwords'
import { timingSafeEqual } from '../primitives/compare.ts'
import { type DjangoVersion, since } from '../version.ts'
import { checkedRecipe, type Hasher, NUMBER, newSalt, type Parts, saltIsShort, type Tools } from './hasher.ts'

export interface Argon2Parameters {
  readonly variety: 'argon2i' | 'argon2d' | 'argon2id'
  /** Passes. */
  readonly timeCost: number
  /** In KiB. */
  readonly memoryCost: number
  /** Lanes. */
  readonly parallelism: number
  /**
   * Bytes of the key. Django leaves it to argon2-cffi, of which releases before 21.2 make 16 and later ones 32.
   */
  readonly hashLength: number
}

export interface Argon2Parts extends Parts, Argon2Parameters {
  readonly algorithm: 'argon2'
  readonly version: 16 | 19
  /** One character a byte. */
  readonly salt: string
  /** Base64 without padding. */
  readonly hash: string
}

/** What each release writes; the length is what came with it when it was new. */
function defaultsOf(version: DjangoVersion): Argon2Parameters {
  const hashLength = since(version, '6.0') ? 32 : 16
  return since(version, '3.2')
    ? { variety: 'argon2id', timeCost: 2, memoryCost: 102_400, parallelism: 8, hashLength }
    : { variety: 'argon2i', timeCost: 2, memoryCost: 512, parallelism: 2, hashLength }
}

const base64 = '([A-Za-z0-9+/]+)'
const pattern = new RegExp(
  `^argon2\\$(argon2i|argon2d|argon2id)(?:\\$v=(16|19))?\\$m=${NUMBER},t=${NUMBER},p=${NUMBER}\\$${base64}\\$${base64}$`,
)

/** The version of every new value (RFC 9106), and the one of values that name none. */
const PRESENT = 19
const UNNAMED = 16

export function argon2(tools: Tools, parameters: Partial<Argon2Parameters> = {}): Hasher<Argon2Parts> {
  const written = { version: PRESENT, ...defaultsOf(tools.version), ...parameters } as const
  const recipeOf = (parts: Omit<Argon2Parts, 'algorithm' | 'hash'>): Argon2Recipe => ({
    kind: 'argon2',
    variety: parts.variety,
    version: parts.version,
    m: parts.memoryCost,
    t: parts.timeCost,
    p: parts.parallelism,
    salt: Buffer.from(parts.salt, 'latin1'),
    length: parts.hashLength,
  })
  const hashOf = async (password: string, recipe: Argon2Recipe) => unpadded(await tools.kdf(password, recipe))
  checkedRecipe(recipeOf({ ...written, salt: newSalt(tools) }))

  return {
    algorithm: 'argon2',
    weak: false,
    decode(encoded) {
      const [whole, variety, version, m, t, p, salt = '', hash = ''] = pattern.exec(encoded) ?? []
      if (whole === undefined) return null
      const saltBytes = Buffer.from(salt, 'base64')
      // Another text of the same bytes would not come out again.
      if (unpadded(saltBytes) !== salt) return null
      return {
        algorithm: 'argon2',
        variety: variety as Argon2Parts['variety'],
        version: Number(version ?? UNNAMED) as Argon2Parts['version'],
        memoryCost: Number(m),
        timeCost: Number(t),
        parallelism: Number(p),
        salt: saltBytes.toString('latin1'),
        hash,
        hashLength: Buffer.from(hash, 'base64').length,
      }
    },
    verify(password, parts) {
      const recipe = recipeOf(parts)
      if (!affordable(recipe)) return null
      return hashOf(password, recipe).then((hash) => timingSafeEqual(hash, parts.hash))
    },
    async make(password, salt = newSalt(tools)) {
      const { variety, version, memoryCost, timeCost, parallelism } = written
      const recipe = checkedRecipe(recipeOf({ ...written, salt: Buffer.from(salt).toString('latin1') }))
      const hash = await hashOf(password, recipe)
      return `argon2$${variety}$v=${version}$m=${memoryCost},t=${timeCost},p=${parallelism}$${unpadded(recipe.salt)}$${hash}`
    },
    mustUpdate(parts) {
      const cost = ['version', 'timeCost', 'memoryCost', 'parallelism'] as const
      // Before 3.2 these were all that was looked at.
      const kind = since(tools.version, '3.2') ? (['variety', 'hashLength'] as const) : []
      return [...cost, ...kind].some((name) => parts[name] !== written[name]) || saltIsShort(tools, parts.salt)
    },
    weaker: (parts) => parts.memoryCost * parts.timeCost < written.memoryCost * written.timeCost,
  }
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
