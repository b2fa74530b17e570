/**
 * What one hash may cost. Recipes are read from rows, and rows come from other libraries, imports and hands: what would
 * take many seconds or a gigabyte is refused before any work.
 */
import type { Argon2Recipe, Recipe, ScryptRecipe } from './recipe.ts'

/** The memory one hash may take: 256 MiB, said in KiB. */
const maxMemory = 2 ** 18

/** Whether a recipe is one of its function at all, and may be run: some two seconds and 256 MiB at the most. */
export function affordable(recipe: Recipe): boolean {
  switch (recipe.kind) {
    case 'argon2':
      return argon2(recipe)
    case 'scrypt':
      return scrypt(recipe)
    case 'pbkdf2':
      return recipe.iterations >= 1 && recipe.iterations <= 10_000_000
    case 'bcrypt':
      return recipe.cost >= 4 && recipe.cost <= 16
  }
}

function argon2({ m, t, p, salt, length }: Argon2Recipe): boolean {
  if (salt.length < 8 || length < 16 || length > 64) return false
  // Eight blocks a lane are argon2's own minimum (RFC 9106, 3.1). The product bounds the time.
  return t >= 1 && p >= 1 && p <= 16 && m >= 8 * p && m <= maxMemory && m * t <= 2 ** 21
}

function scrypt({ N, r, p }: ScryptRecipe): boolean {
  // A power of two over 1 and below 2^(16·r) (RFC 7914, 2); 128·N·r bytes of memory, p times over.
  if (N < 2 || !Number.isInteger(Math.log2(N)) || Math.log2(N) >= 16 * r) return false
  return p >= 1 && p <= 16 && r >= 1 && r <= 64 && (N * r) / 8 <= maxMemory && N * r * p <= 2 ** 22
}
