/** What every hasher is: a value of one shape, made from its parameters. */
import { affordable, type Kdf, type Recipe } from '@keystile/core/passwords'
import { DjangoError } from '../errors.ts'
import { LETTERS_AND_DIGITS, type Random, randomText } from '../primitives/random.ts'
import { type DjangoVersion, since } from '../version.ts'

/** The names that Django's hashers go by, in stored values too. */
export type Algorithm =
  | 'pbkdf2_sha256'
  | 'pbkdf2_sha1'
  | 'argon2'
  | 'bcrypt_sha256'
  | 'bcrypt'
  | 'scrypt'
  | 'md5'
  | 'sha1'
  | 'unsalted_md5'
  | 'unsalted_sha1'

/** The parts of a stored value. */
export interface Parts {
  readonly algorithm: Algorithm
  /** `null` where there is none. */
  readonly salt: string | null
}

export interface Hasher<P extends Parts = Parts> {
  readonly algorithm: P['algorithm']
  /** Whether it is one fast digest, so that any other hasher is better. */
  readonly weak: boolean
  /** The parts of a stored value of this algorithm, `null` where it is malformed. */
  decode(encoded: string): P | null
  /** Whether the password fits; `null`, at once, where that cannot be computed or would cost too much. */
  verify(password: string, parts: P): Promise<boolean> | null
  /** A new value for the database. Without `salt`, with one of its own. */
  make(password: string, salt?: string): Promise<string>
  /** Whether a value can be made of this password; without it, of any. */
  takes?(password: string): boolean
  /** Whether Django would write such a value anew. */
  mustUpdate(parts: P): boolean
  /** Whether the value took less work than a new one. */
  weaker(parts: P): boolean
  /** Does the work that a failed `verify` had less than a new value takes. */
  harden?(password: string, parts: P): Promise<void>
}

/** What hashers are made with. */
export interface Tools {
  readonly kdf: Kdf
  readonly random: Random
  /** Whose forms are written. */
  readonly version: DjangoVersion
}

/** A whole number as Django writes it: Python would read signs, zeros in front and underscores too. */
export const NUMBER = '([1-9][0-9]{0,9})'

/** A salt as Django makes them: 71 bits before 3.2, 128 since. */
export function newSalt({ random, version }: Tools): string {
  return randomText(random, since(version, '3.2') ? 22 : 12, LETTERS_AND_DIGITS)
}

/** Whether a salt is too short for Django, which counts it as letters and digits, and did not look before 3.2. */
export function saltIsShort({ version }: Tools, salt: string): boolean {
  return since(version, '3.2') && [...salt].length * Math.log2(LETTERS_AND_DIGITS.length) < 128
}

/** A salt that can be told apart in a stored value. */
export function checkedSalt(salt: string): string {
  if (salt === '' || salt.includes('$')) throw new DjangoError('BAD_SALT', 'A salt is not empty and has no $')
  return salt
}

/** A recipe for new values. What would be refused when it is read again is not written. */
export function checkedRecipe<R extends Recipe>(recipe: R): R {
  if (affordable(recipe)) return recipe
  throw new DjangoError('BAD_HASHER', `These parameters of ${recipe.kind} are out of bounds, so no hash would verify`)
}
