/**
 * One pace for every failure. A hash of another format takes its own time, and would tell that the user exists and was
 * moved here. So as long as such hashes are about, a failure is answered when the slowest of them would have been.
 */
import type { Logger } from '../../lib/environment.ts'
import type { Recipe } from './recipe.ts'
import { readStored } from './stored.ts'

export interface PaceOptions {
  /** A few stored hashes of other formats; empty when there are none. */
  readonly otherHashes: () => Promise<readonly string[]>
  /** Runs a recipe once, on any password, and gives its milliseconds. */
  readonly measure: (recipe: Recipe) => Promise<number>
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly logger: Pick<Logger, 'warn'>
}

export interface Pace {
  /** Takes note of what a hash took, in milliseconds. */
  note(recipe: Recipe, current: boolean, ms: number): void
  /** Resolves no earlier than the slowest format present would have taken, had it begun at `started`. */
  keep(started: number): Promise<void>
}

/** How long an answer of `otherHashes` holds, in milliseconds. */
const askAgainAfter = 60 * 60 * 1000

export function createPace({ otherHashes, measure, now, wait, logger }: PaceOptions): Pace {
  /** Milliseconds by cost, of the other formats that are about. */
  const others = new Map<string, number>()
  let current: number | undefined
  let asked: Promise<void> | undefined
  let askAgainAt = 0

  /** Asks which other formats there are, and measures one hash of each. */
  async function ask(): Promise<void> {
    askAgainAt = now() + askAgainAfter
    try {
      const stored = (await otherHashes()).flatMap((text) => readStored(text) ?? [])
      const recipes = new Map(stored.map(({ recipe }) => [costOf(recipe), recipe]))
      for (const [cost, recipe] of recipes) others.set(cost, await measure(recipe))
      if (recipes.size === 0) others.clear()
    } catch (error) {
      // Database or queue are busy. What is known has to do until the next failure, which asks again.
      asked = undefined
      logger.warn('The formats of the stored passwords could not be looked up', error)
    }
  }

  function note(recipe: Recipe, isCurrent: boolean, ms: number): void {
    if (isCurrent) current = peak(current, ms)
    else others.set(costOf(recipe), peak(others.get(costOf(recipe)), ms))
  }

  return {
    note,
    async keep(started) {
      // The first failure waits for the answer; once it is old, it is renewed beside the sign-ins.
      if (!asked) asked = ask()
      else if (others.size > 0 && now() >= askAgainAt) void ask()
      await asked
      if (others.size === 0) return
      const left = started + Math.max(current ?? 0, ...others.values()) - now()
      if (left > 0) await wait(left)
    },
  }
}

/**
 * About the longest of late: a failure that only lasted the average would stand out from the slower half. One stall of
 * the machine may double it, not more.
 */
function peak(before: number | undefined, ms: number): number {
  if (before === undefined) return ms
  return ms > before ? Math.min(ms, 2 * before) : before + (ms - before) * 0.05
}

/** What the time of a hash depends on. */
function costOf(recipe: Recipe): string {
  switch (recipe.kind) {
    case 'argon2':
      return `argon2 ${recipe.m} ${recipe.t} ${recipe.p}`
    case 'scrypt':
      return `scrypt ${recipe.N} ${recipe.r} ${recipe.p}`
    case 'pbkdf2':
      return `pbkdf2 ${recipe.digest} ${recipe.iterations}`
    case 'bcrypt':
      return `bcrypt ${recipe.cost}`
  }
}
