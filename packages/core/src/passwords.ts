/** `@keystile/core/passwords`: what reading and writing password hashes takes, for packages with formats of their own. */
export { affordable } from './domain/passwords/bounds.ts'
export { loadKdf } from './domain/passwords/kdf.ts'
export { createQueue, type HashQueue, type HashQueueOptions } from './domain/passwords/queue.ts'
export type {
  Argon2Recipe,
  BcryptRecipe,
  Kdf,
  Pbkdf2Recipe,
  Recipe,
  ScryptRecipe,
} from './domain/passwords/recipe.ts'
