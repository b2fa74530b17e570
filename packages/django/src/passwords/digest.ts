/** One digest of salt and password: `md5`, `sha1`, and both without a salt. Kept for the databases that hold them. */
import { createHash } from 'node:crypto'
import { DjangoError } from '../errors.ts'
import { timingSafeEqual } from '../primitives/compare.ts'
import { checkedSalt, type Hasher, newSalt, type Parts, saltIsShort, type Tools } from './hasher.ts'

export interface DigestParts extends Parts {
  readonly algorithm: 'md5' | 'sha1' | 'unsalted_md5' | 'unsalted_sha1'
  /** Lower-case hexadecimal. */
  readonly hash: string
}

/** `md5$<salt>$<hex>` and `sha1$<salt>$<hex>`. */
export function salted(algorithm: 'md5' | 'sha1', tools: Tools): Hasher<DigestParts & { readonly salt: string }> {
  const pattern = new RegExp(`^${algorithm}\\$([^$]+)\\$([0-9a-f]+)$`)
  return {
    algorithm,
    weak: true,
    decode(encoded) {
      const [whole, salt = '', hash = ''] = pattern.exec(encoded) ?? []
      return whole === undefined ? null : { algorithm, salt, hash }
    },
    verify: async (password, { salt, hash }) => timingSafeEqual(digest(algorithm, salt + password), hash),
    async make(password, salt = newSalt(tools)) {
      return `${algorithm}$${checkedSalt(salt)}$${digest(algorithm, salt + password)}`
    },
    mustUpdate: ({ salt }) => saltIsShort(tools, salt),
    weaker: () => true,
  }
}

/** The bare hexadecimal of MD5, also with `md5$$` in front; and `sha1$$<hex>`. */
export function unsalted(algorithm: 'unsalted_md5' | 'unsalted_sha1'): Hasher<DigestParts> {
  const [name, pattern, prefix] =
    algorithm === 'unsalted_md5'
      ? (['md5', /^(?:md5\$\$)?([0-9a-f]{32})$/, ''] as const)
      : (['sha1', /^sha1\$\$([0-9a-f]{40})$/, 'sha1$$'] as const)
  return {
    algorithm,
    weak: true,
    decode(encoded) {
      const [whole, hash = ''] = pattern.exec(encoded) ?? []
      return whole === undefined ? null : { algorithm, salt: null, hash }
    },
    verify: async (password, { hash }) => timingSafeEqual(digest(name, password), hash),
    async make(password, salt = '') {
      if (salt !== '') throw new DjangoError('BAD_SALT', `${algorithm} has no salt`)
      return prefix + digest(name, password)
    },
    mustUpdate: () => false,
    weaker: () => true,
  }
}

function digest(name: 'md5' | 'sha1', text: string): string {
  return createHash(name).update(text).digest('hex')
}
