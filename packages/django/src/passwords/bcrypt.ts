/** `bcrypt_sha256` and `bcrypt`: the name, `$`, then a crypt(3) string, which begins with `$` itself. */
import { affordable, type BcryptRecipe } from '@keystile/core/passwords'
import { DjangoError } from '../errors.ts'
import { timingSafeEqual } from '../primitives/compare.ts'
import { checkedRecipe, type Hasher, type Parts, type Tools } from './hasher.ts'

export interface BcryptParameters {
  /** Binary logarithm of the rounds. */
  readonly rounds: number
}

export interface BcryptParts extends Parts {
  readonly algorithm: 'bcrypt_sha256' | 'bcrypt'
  /** `2b`, or an older name of the same function. */
  readonly algostr: string
  readonly workFactor: number
  /** 22 characters of bcrypt's own base64. */
  readonly salt: string
  /** 31 of them. */
  readonly checksum: string
}

/** More bytes of a password bcrypt does not see. */
const MOST_BYTES = 72

// `2x` marks the hashes of a flawed implementation, which the right one does not reproduce.
const SETTING = '\\$(2[aby])\\$([0-9]{2})\\$([./A-Za-z0-9]{22})'
const setting = new RegExp(`^${SETTING}$`)

export function bcrypt(
  algorithm: BcryptParts['algorithm'],
  tools: Tools,
  { rounds = 12 }: Partial<BcryptParameters> = {},
): Hasher<BcryptParts> {
  const pattern = new RegExp(`^${algorithm}\\$${SETTING}([./A-Za-z0-9]{31})$`)
  const prehash = algorithm === 'bcrypt_sha256'
  const recipeOf = (cost: number, salt: string): BcryptRecipe => ({ kind: 'bcrypt', cost, salt, prehash })
  const checksumOf = async (password: string, recipe: BcryptRecipe) =>
    Buffer.from(await tools.kdf(password, recipe)).toString()
  const takes = (password: string) => prehash || Buffer.byteLength(password) <= MOST_BYTES
  checkedRecipe(recipeOf(rounds, ''))

  return {
    algorithm,
    weak: false,
    decode(encoded) {
      const [whole, algostr = '', cost, salt = '', checksum = ''] = pattern.exec(encoded) ?? []
      return whole === undefined ? null : { algorithm, algostr, workFactor: Number(cost), salt, checksum }
    },
    verify(password, parts) {
      const recipe = recipeOf(parts.workFactor, parts.salt)
      if (!affordable(recipe)) return null
      return checksumOf(password, recipe).then((checksum) => timingSafeEqual(checksum, parts.checksum))
    },
    async make(password, salt = newSetting(rounds, tools)) {
      const [whole, , cost, own = ''] = setting.exec(salt) ?? []
      if (whole === undefined) throw new DjangoError('BAD_SALT', 'A salt of bcrypt reads $2b$<cost>$<22 characters>')
      if (!takes(password)) throw new DjangoError('PASSWORD_TOO_LONG', `bcrypt sees ${MOST_BYTES} bytes of a password`)
      return `${algorithm}$${salt}${await checksumOf(password, checkedRecipe(recipeOf(Number(cost), own)))}`
    },
    takes,
    mustUpdate: (parts) => parts.workFactor !== rounds,
    weaker: (parts) => parts.workFactor < rounds,
    async harden(password, parts) {
      // Each cost is twice the one before, so one hash of each adds up to what is missing.
      for (let cost = parts.workFactor; cost < rounds; cost++) await checksumOf(password, recipeOf(cost, parts.salt))
    },
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function newSetting(rounds: number, { random }: Tools): string {
  const base64 = Buffer.from(random(16)).toString('base64').slice(0, 22)
  const salt = base64.replace(/./g, (letter) => `./${LETTERS}`.charAt(`${LETTERS}+/`.indexOf(letter)))
  return `$2b$${String(rounds).padStart(2, '0')}$${salt}`
}
