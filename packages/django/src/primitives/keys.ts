import { DjangoError } from '../errors.ts'

/** Django's secrets, as in its settings: any characters, never trimmed. */
export interface SecretKeys {
  /** `SECRET_KEY`: signs, and is tried first when a signature is checked. */
  readonly secretKey: string
  /** `SECRET_KEY_FALLBACKS`: they check signatures and never sign. */
  readonly secretKeyFallbacks?: readonly string[] | undefined
}

/** Every key that a signature may be made with, the signing one first. */
export function allKeys({ secretKey, secretKeyFallbacks = [] }: SecretKeys): readonly [string, ...string[]] {
  // A text in place of the list would make a key of each of its letters.
  for (const key of [secretKey, ...(Array.isArray(secretKeyFallbacks) ? secretKeyFallbacks : [undefined])]) {
    if (typeof key !== 'string' || key === '') {
      throw new DjangoError('NO_SECRET_KEY', 'secretKey and secretKeyFallbacks must be texts that are not empty')
    }
  }
  return [secretKey, ...secretKeyFallbacks]
}
