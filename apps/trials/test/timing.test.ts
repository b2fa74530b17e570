import { createHook } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { appDatabase } from '../src/app-database.ts'
import { type Kind, openService } from '../src/timing/callers.ts'
import { type Comparison, comparisons, measure } from '../src/timing/index.ts'
import { largestT, threshold, welch } from '../src/timing/welch.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The lines of a source that the workspace's own plugins of the linter complain of, where it lies at `path`. */
async function complaints(path: string, source: string): Promise<number[]> {
  const { plugins } = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'))
  const folder = await mkdtemp(join(tmpdir(), 'keystile-lint-'))
  try {
    const placed = plugins.map((plugin: { path: string }) => ({ ...plugin, path: join(root, plugin.path) }))
    await writeFile(
      join(folder, 'biome.json'),
      JSON.stringify({ plugins: placed, linter: { rules: { preset: 'none' } } }),
    )
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), source)
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [biome, 'lint', '--reporter=github', '.'], { cwd: folder }, (_, out) => resolve(out))
    })
    return [...output.matchAll(/title=plugin.*?,line=(\d+)/g)].map((match) => Number(match[1]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const wrong = `
export const a = (token: string, row: { token: string }) => token === row.token
export const b = (given: string, digest: string) => given !== digest
export const c = (given: string, codes: string[]) => codes.includes(given)
export const d = (given: string, apiKeyHash: string) => apiKeyHash.startsWith(given)
export const e = (given: string, row: { otp: string }) => Object.is(row.otp, given)
export function f(given: string, secret: string) {
  switch (given) {
    case secret:
      return 1
  }
}
`

const right = `
import { timingSafeEqual } from '#crypto'
const PLAIN = 'plain'
export const a = (token: string, row: { token: string }) => timingSafeEqual(token, row.token)
export const b = (token?: string) => token === undefined || token === 'none' || token.startsWith('h1.')
export const c = (token: string) => token.length === 43 && typeof token === 'string' && token !== PLAIN
// biome-ignore lint/plugin: both are the caller's own
export const d = (token: string, other: string) => token === other
`

it('TM-02 a secret that is compared in any but constant time fails the linter', async () => {
  expect(await complaints('packages/core/src/domain/wrong.ts', wrong)).toEqual([2, 3, 4, 5, 6, 9])
  expect(await complaints('packages/plugins/src/two-factor/wrong.ts', wrong)).toEqual([2, 3, 4, 5, 6, 9])
  expect(await complaints('packages/core/src/domain/right.ts', right)).toEqual([])
})

describe('the measure', () => {
  it("is Welch's t", () => {
    // Worked by hand: means 3 and 6, variances 2.5 and 10, five each.
    expect(welch([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])).toBeCloseTo(-3 / Math.sqrt(2.5 / 5 + 10 / 5), 12)
    expect(welch([1, 1], [1, 1])).toBe(0)
    expect(welch([2, 2], [1, 1])).toBe(Number.POSITIVE_INFINITY)
  })

  it('looks behind the rare stalls of a machine', () => {
    const quiet = Array.from({ length: 400 }, (_, i) => 10 + (i % 7) / 10)
    const slower = quiet.map((ms, i) => (i % 50 === 0 ? 500 : ms + 0.1))
    const stalled = quiet.map((ms, i) => (i % 45 === 0 ? 500 : ms))
    expect(Math.abs(welch(slower, stalled))).toBeLessThan(threshold)
    expect(Math.abs(largestT(slower, stalled))).toBeGreaterThan(threshold)
  })

  it('tells a service that takes longer for an account that is there', async () => {
    const leaking: Comparison = { one: 'known', other: 'unknown', by: 'email', delay: 40_000 }
    let t = 0
    // On a busy machine it takes more to tell.
    for (let attempt = 1; attempt <= 5 && t <= threshold; attempt++) {
      ;({ t } = await measure(leaking, 60 * attempt, attempt))
    }
    expect(t).toBeGreaterThan(threshold)
  })
})

const notThreads = 'PROMISE Timeout Immediate TickObject Microtask'.split(' ')

/** What a failed sign-in has others do: hashes in threads, statements in the database; and what it says. */
async function workOf(kind: Kind, by: 'email' | 'username'): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'keystile-work-'))
  let started: string[] = []
  const hook = createHook({
    init(_id, type) {
      if (!notThreads.includes(type)) started.push(type)
    },
  })
  const { database, faults, close } = await appDatabase(folder)
  try {
    const service = await openService({ database, step: 1000 })
    await service.signIn(kind, by)
    faults.arm()
    hook.enable()
    started = []
    const answer = await service.signIn(kind, by)
    hook.disable()
    await service.close()
    return { hashes: started.length, statements: faults.calls, ...answer }
  } finally {
    hook.disable()
    close()
    await rm(folder, { recursive: true, force: true })
  }
}

describe('a failed sign-in does the same, whoever it names', () => {
  it.each(['email', 'username'] as const)('by %s: one hash, the same statements, the same answer', async (by) => {
    const known = await workOf('known', by)
    expect(known).toMatchObject({ hashes: 1, statements: ['select'], status: 401 })
    expect(await workOf('unknown', by)).toEqual(known)
    expect(await workOf('passwordless', by)).toEqual(known)
  })

  // Times lie once in a while, on a machine that is busy: what is no chance is there in fresh data too.
  const some = ['known against unknown', 'known against one without a password', 'known against an old hash']
  it.each(some)('and takes as long: %s', async (name) => {
    const comparison = comparisons[name] as Comparison
    let t = Number.POSITIVE_INFINITY
    for (let attempt = 1; attempt <= 5 && Math.abs(t) >= threshold; attempt++) {
      ;({ t } = await measure(comparison, 50, attempt))
    }
    expect(Math.abs(t)).toBeLessThan(threshold)
  })
})
