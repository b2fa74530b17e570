/** The hashers by name, and which of them a release of Django knows. */
import { DjangoError } from '../errors.ts'
import { type DjangoVersion, since } from '../version.ts'
import { type Argon2Parameters, argon2 } from './argon2.ts'
import { type BcryptParameters, bcrypt } from './bcrypt.ts'
import { salted, unsalted } from './digest.ts'
import type { Algorithm, Hasher, Tools } from './hasher.ts'
import { type Pbkdf2Parameters, pbkdf2 } from './pbkdf2.ts'
import { type ScryptParameters, scrypt } from './scrypt.ts'

/** A hasher with the parameters that a hasher class of the Django project has changed; the others are the release's. */
export type HasherSettings =
  | ({ readonly algorithm: 'pbkdf2_sha256' | 'pbkdf2_sha1' } & Partial<Pbkdf2Parameters>)
  | ({ readonly algorithm: 'argon2' } & Partial<Argon2Parameters>)
  | ({ readonly algorithm: 'bcrypt_sha256' | 'bcrypt' } & Partial<BcryptParameters>)
  | ({ readonly algorithm: 'scrypt' } & Partial<ScryptParameters>)
  | { readonly algorithm: 'md5' | 'sha1' | 'unsalted_md5' | 'unsalted_sha1' }

/** Django's own list, the preferred first. */
export const STOCK_HASHERS: readonly Algorithm[] = ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'scrypt']

export function createHasher(option: Algorithm | HasherSettings, tools: Tools): Hasher {
  const settings = typeof option === 'string' ? ({ algorithm: option } as HasherSettings) : option
  switch (settings.algorithm) {
    case 'pbkdf2_sha256':
    case 'pbkdf2_sha1':
      return pbkdf2(settings.algorithm, tools, settings)
    case 'argon2':
      return argon2(tools, settings)
    case 'bcrypt_sha256':
    case 'bcrypt':
      return bcrypt(settings.algorithm, tools, settings)
    case 'scrypt':
      return scrypt(tools, settings)
    case 'md5':
    case 'sha1':
      return salted(settings.algorithm, tools)
    case 'unsalted_md5':
    case 'unsalted_sha1':
      return unsalted(settings.algorithm)
    default:
      // DES crypt is one of these: there is no code for it, so such a value never verifies.
      throw new DjangoError('BAD_HASHER', `No hasher is called ${(settings as { algorithm: unknown }).algorithm}`)
  }
}

/** Whether that Django has the hasher, so that it can read what is written. */
export function knows(version: DjangoVersion, algorithm: Algorithm): boolean {
  switch (algorithm) {
    case 'scrypt':
      return since(version, '4.0')
    case 'sha1':
    case 'unsalted_md5':
    case 'unsalted_sha1':
      return !since(version, '5.1')
    default:
      return true
  }
}

/** The algorithm that a stored value names, by its first part or by its form; it need not be one of ours. */
export function algorithmOf(encoded: string): string {
  if (encoded.length === 32 && !encoded.includes('$')) return 'unsalted_md5'
  if (encoded.length === 37 && encoded.startsWith('md5$$')) return 'unsalted_md5'
  if (encoded.length === 46 && encoded.startsWith('sha1$$')) return 'unsalted_sha1'
  return encoded.split('$', 1)[0] ?? ''
}
