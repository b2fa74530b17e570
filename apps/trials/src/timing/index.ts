/**
 * Whether the time of a failed sign-in tells who is known: `npm run trial -- timing [--pairs=10000] [--seed=1]
 * [--only="known against unknown"]`. Pairs of sign-ins take turns, at full cost, and their times must not differ by Welch's t.
 */
import { parseArgs } from 'node:util'
import { seeded } from '../random.ts'
import type { Report, Trial } from '../report.ts'
import { type Kind, openService } from './callers.ts'
import { largestT, median, threshold } from './welch.ts'

export interface Comparison {
  readonly one: Kind
  readonly other: Kind
  readonly by: 'email' | 'username'
  /** An account with a hash of an older format is there: all failures take as long as those of its own. */
  readonly withOld?: boolean | undefined
  /** Microseconds that the first takes longer, put in on purpose. */
  readonly delay?: number | undefined
}

export const comparisons: Readonly<Record<string, Comparison>> = {
  // What the measurement itself makes of two that are alike.
  'known against another known': { one: 'known', other: 'other', by: 'email' },
  'known against unknown': { one: 'known', other: 'unknown', by: 'email' },
  'known against one without a password': { one: 'known', other: 'passwordless', by: 'email' },
  'known against unknown, by user name': { one: 'known', other: 'unknown', by: 'username' },
  'known against an old hash': { one: 'known', other: 'old', by: 'email', withOld: true },
  'an old hash against unknown': { one: 'old', other: 'unknown', by: 'email', withOld: true },
}

export interface Verdict {
  readonly t: number
  readonly medians: readonly [number, number]
}

export async function measure(comparison: Comparison, pairs: number, seed: number): Promise<Verdict> {
  const { by, withOld, delay = 0 } = comparison
  const service = await openService({ withOld, own: { hooks: { before: leak(comparison.one, delay) } } })
  const random = seeded(seed)

  async function time(kind: Kind): Promise<number> {
    const started = process.hrtime.bigint()
    const { status } = await service.signIn(kind, by)
    const took = Number(process.hrtime.bigint() - started) / 1e6
    if (status !== 401) throw new Error(`${kind} was answered ${status}`)
    return took
  }

  try {
    // Engines are chosen, code is compiled and the pace of failures is found before anything counts.
    for (let i = 0; i < 20; i++) for (const kind of [comparison.one, comparison.other]) await time(kind)
    const times = { one: [] as number[], other: [] as number[] }
    for (let i = 0; i < pairs; i++) {
      // Whatever else changes meanwhile meets both alike: each pair has an order of its own.
      const order = random() < 0.5 ? (['one', 'other'] as const) : (['other', 'one'] as const)
      for (const which of order) times[which].push(await time(comparison[which]))
    }
    return { t: largestT(times.one, times.other), medians: [median(times.one), median(times.other)] }
  } finally {
    await service.close()
  }
}

/** Makes sign-ins to an address take so many microseconds longer. */
function leak(kind: Kind, microseconds: number) {
  return ({ body }: { body: unknown }) => {
    if (microseconds === 0 || !JSON.stringify(body).includes(`"${kind}@`)) return
    for (const end = performance.now() + microseconds / 1000; performance.now() < end; );
  }
}

export const timing: Trial = async (args): Promise<Report> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      only: { type: 'string', default: '' },
    },
  })
  const pairs = Number(values.pairs)
  const lines: string[] = [`seed ${values.seed}, ${pairs} pairs each`]
  const figures: Record<string, unknown> = { seed: Number(values.seed), pairs }
  let ok = true
  for (const [name, comparison] of Object.entries(comparisons)) {
    if (values.only !== '' && name !== values.only) continue
    const { t, medians } = await measure(comparison, pairs, Number(values.seed))
    if (Math.abs(t) >= threshold) ok = false
    lines.push(`${name}: t = ${t.toFixed(2)}, medians ${medians.map((ms) => ms.toFixed(3)).join(' and ')} ms`)
    figures[name] = { t, medians }
  }
  return { ok, lines, figures }
}
